"""mailslot.exe as tests drive it: its output goes to files, since Wine's services, which start with
whichever program comes first, keep a pipe open."""

import os
import subprocess
import tempfile
import unittest

from harness.tool import DONE
from harness.waiting import PATIENCE, wait_until

TOOL = os.environ["MAILSLOT_WINDOWS_TOOL"]
RUNNER = [os.environ["MAILSLOT_WINE"], os.environ["MAILSLOT_WINE_PREFIX"], TOOL]


class Process:
    """A running tool, and what it has printed so far."""

    def __init__(self, *arguments, stdin=b""):
        self.files = [tempfile.TemporaryFile() for _ in range(3)]
        self.files[0].write(stdin)
        self.files[0].seek(0)
        self.process = subprocess.Popen([*RUNNER, *arguments], stdin=self.files[0],
                                        stdout=self.files[1], stderr=self.files[2])

    def finish(self):
        self.status = self.process.wait(PATIENCE)
        texts = []
        for file in self.files[1:]:
            file.seek(0)
            texts.append(file.read())
        self.close()
        self.out, self.err = texts[0], texts[1].decode()
        return self

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for file in self.files:
            file.close()

    def __repr__(self):
        return f"status {self.status}, out {self.out!r}, err {self.err!r}"


class WineTest(unittest.TestCase):
    def run_tool(self, *arguments, stdin=b""):
        return Process(*arguments, stdin=stdin).finish()

    def listen(self, name, *options):
        """Starts a listener and returns once it is there."""
        listener = Process("listen", name, *options)
        self.addCleanup(listener.close)
        wait_until(lambda: listener.process.poll() is not None
                   or self.run_tool("info", name).status == DONE, name)
        self.assertIsNone(listener.process.poll())
        return listener

    def assert_done(self, result):
        self.assertEqual((result.status, result.err), (DONE, ""), result)

    def assert_fails(self, result, status, *parts):
        self.assertEqual(result.status, status, result)
        for part in parts:
            self.assertIn(part, result.err)
        self.assertEqual(result.err.count("\n"), 1, result)
