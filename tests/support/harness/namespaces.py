"""Network namespaces that a thread of the test makes and enters. A socket stays in the namespace it
was made in."""

import contextlib
import ctypes
import os
import subprocess

CLONE_NEWNET = 0x40000000  # of sched.h
libc = ctypes.CDLL(None, use_errno=True)


def new_network():
    """Moves this thread, and what it starts, into a network namespace of its own."""
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "cannot make a network namespace: "
                      + os.strerror(ctypes.get_errno()))


def network_of_this_thread():
    """A descriptor of the network namespace that this thread is in."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY)


def enter_network(descriptor):
    if libc.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace: "
                      + os.strerror(ctypes.get_errno()))


@contextlib.contextmanager
def inside_network(descriptor):
    """This thread is in that network namespace meanwhile."""
    home = network_of_this_thread()
    try:
        enter_network(descriptor)
        try:
            yield
        finally:
            enter_network(home)
    finally:
        os.close(home)


@contextlib.contextmanager
def inside_named_network(name):
    """The same with a namespace of `ip netns`."""
    descriptor = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        with inside_network(descriptor):
            yield
    finally:
        os.close(descriptor)


def has_networks():
    """True if this user can make network namespaces."""
    return subprocess.run(["unshare", "-n", "true"], stderr=subprocess.DEVNULL).returncode == 0
