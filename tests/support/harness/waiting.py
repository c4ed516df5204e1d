"""Waiting for conditions. No test waits for time to pass: machines that run tests are busy."""

import contextlib
import os
import time

PATIENCE = 60  # seconds that no step takes unless it hangs
PAUSE = 0.01   # seconds between two evaluations of a condition


def wait_until(condition, what="a condition", patience=PATIENCE):
    """Returns the first true value of condition()."""
    deadline = time.monotonic() + patience
    while True:
        late = time.monotonic() > deadline
        value = condition()
        if value:
            return value
        if late:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(PAUSE)


def repeated(attempt, good, times=5):
    """The first result of attempt() that is good, else the last: for attempts that a busy machine
    can spoil."""
    for _ in range(times):
        result = attempt()
        if good(result):
            break
    return result


@contextlib.contextmanager
def on_one_processor():
    """Binds this thread, and the processes it starts meanwhile, to one processor. Each processor has
    its own queue of packets between namespaces, so a sender that moves to another processor may
    overtake itself."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
