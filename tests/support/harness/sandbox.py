"""A place of the test's own: namespaces of mounts, processes, networks and IPC. Everything that a
test makes (hosts, bridges, programs, files) is inside and ends with it, however it ends: when the
test is killed, its process namespace dies with it, and the rest with that. Nothing of the machine
is touched, and nothing is left over for a later run to sweep."""

import os
import shutil
import subprocess
import sys
import unittest

from harness.skipping import skip

MARK = "MAILSLOT_NETWORK_INSIDE"
ENTER = ["unshare", "--mount", "--net", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"]

# Debian's programs, sbin's included, before any others of the same names.
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def furnish():
    """What is written at run time is this place's own; so are the places a slot lies in."""
    for directory in ("/run", "/dev/shm"):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", directory], check=True)
    os.mkdir("/run/netns", 0o755)


def enter(programs):
    """Goes on inside, with the same arguments."""
    os.environ["PATH"] = PATH
    if os.geteuid() != 0:
        skip("network tests need root, for network namespaces")
    for program in ("ip", "nsenter", "unshare", *programs):
        if not shutil.which(program):
            skip(f"network tests need {program}")
    probe = subprocess.run([*ENTER, "ip", "link", "add", "probe", "type", "bridge"],
                           capture_output=True, text=True)
    if probe.returncode:
        skip(f"no network namespaces here: {probe.stderr.strip()}")
    os.environ[MARK] = "yes"
    sys.stdout.flush()
    os.execvp(ENTER[0], [*ENTER, sys.executable, "-B", *sys.argv])


class AsWritten(unittest.TestLoader):
    """Tests in the order they are written in: what takes long goes on behind the first ones."""

    def getTestCaseNames(self, case):
        return [name for name in vars(case) if name.startswith(self.testMethodPrefix)]


def main(*programs):
    """In place of unittest.main(): runs the caller's tests inside, if these programs are here."""
    if MARK not in os.environ:
        enter(programs)
    del os.environ[MARK]
    furnish()
    unittest.main(verbosity=2, testLoader=AsWritten())
