"""For tests on machines that are busy, where anybody may be late."""

import contextlib
import os


def repeated(attempt, good, times=5):
    """The first result of attempt() that is good; if none of so many is, the last."""
    for _ in range(times):
        result = attempt()
        if good(result):
            break
    return result


@contextlib.contextmanager
def on_one_processor():
    """This thread, and what it starts meanwhile. Each processor has a queue of its own for what
    goes from host to host, so a sender that is moved from one to another may overtake itself."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
