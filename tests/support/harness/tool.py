"""The tool as the tests drive it: each test has a slot directory of its own, and waits for
conditions, never for time to pass."""

import fcntl
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import tty
import unittest

from harness.process import Result, start
from harness.waiting import PATIENCE, wait_until

TOOL = os.environ["MAILSLOT_TOOL"]

DONE, ERROR, USAGE, FEWER, TOO_BIG, NO_SLOT = range(6)


def bytes_in_pipe(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


class RunningTool:
    """A tool that goes on running, with pipes for what it prints; killed when its test case is over."""

    def __init__(self, case, argv, stdout=subprocess.PIPE, **how):
        self.case = case
        self.process = start(argv, env=case.env, stdin=subprocess.DEVNULL, stdout=stdout,
                             stderr=subprocess.PIPE, **how)
        case.addCleanup(self.stop)

    def line(self):
        return self.process.stdout.readline()

    def finish(self):
        out, err = self.process.communicate(timeout=PATIENCE)
        return Result(self.process.returncode, out or b"", err.decode(), self.process.args)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.finish()

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    def wait_for_slots(self, *names):
        """Waits until it has opened these slots, or has ended."""
        wait_until(lambda: self.process.poll() is not None
                   or all(self.case.run_tool("info", name).status == DONE for name in names),
                   f"{names} to be open")


class Listener(RunningTool):
    """`mailslot listen` with its slot open."""

    def __init__(self, case, name, *options, stdout=subprocess.PIPE):
        super().__init__(case, [TOOL, "listen", name, *options], stdout, bufsize=0)
        self.wait_for_slots(name)


class ToolTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="mailslot-test-", dir="/dev/shm")
        self.addCleanup(shutil.rmtree, self.directory)
        self.env = dict(os.environ, MAILSLOT_DIR=self.directory)

    def run_tool(self, *arguments, stdin=b"", **how):
        given = {"stdin": subprocess.DEVNULL} if stdin is None else {}
        if isinstance(stdin, bytes):
            given = {"input": stdin}
        elif stdin is not None:
            given = {"stdin": stdin}
        how.setdefault("stdout", subprocess.PIPE)
        done = subprocess.run([TOOL, *arguments], env=self.env, stderr=subprocess.PIPE,
                              timeout=PATIENCE, **given, **how)
        return Result(done.returncode, done.stdout, done.stderr.decode(), done.args)

    def on_terminal(self, *arguments, stdin=subprocess.DEVNULL):
        """The bytes that a terminal gets of the tool's output, which ends with status 0."""
        terminal, side = pty.openpty()
        self.addCleanup(os.close, terminal)
        tty.setraw(side)  # newlines come as they are
        process = subprocess.Popen([TOOL, *arguments], env=dict(self.env, TERM="xterm"),
                                   stdin=stdin, stdout=side, stderr=subprocess.PIPE)
        os.close(side)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait, PATIENCE)
        printed = b""
        while True:
            try:
                printed += os.read(terminal, 65536)
            except OSError:  # EIO: the other side is closed
                break
        self.assertEqual((process.wait(PATIENCE), process.stderr.read()), (DONE, b""))
        return printed

    def listen(self, name, *options, **how):
        return Listener(self, name, *options, **how)

    def stuck_listener(self, name, *options, stdout=subprocess.PIPE):
        """A listener that has two messages in its slot and is blocked while printing: its pipe,
        which is not read, holds one message and a part of the next."""
        listener = self.listen(name, "--format", "raw", *options, stdout=stdout)
        pipe = listener.process.stdout or stdout
        message = b"a" * 60000
        for _ in range(4):
            self.assert_done(self.run_tool("send", name, "--raw-file", "-", stdin=message))
        self.wait_until(lambda: bytes_in_pipe(pipe) > len(message))
        return listener

    wait_until = staticmethod(wait_until)

    def info(self, name):
        result = self.run_tool("info", name, "--json")
        self.assertEqual(result.status, DONE, result)
        return json.loads(result.out)

    def assert_done(self, result):
        self.assertEqual((result.status, result.err), (DONE, ""), result)

    def assert_fails(self, result, status, *words):
        """One line on standard error that begins as all do and has the words; no traces else."""
        self.assertEqual(result.status, status, result)
        self.assertRegex(result.err, r"\Amailslot: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, result.err)

    def roundtrip(self, values, *options, listen=()):
        """What a listener prints of the values that one send takes as arguments."""
        listener = self.listen("trip", "--count", str(len(values)), *options, *listen)
        self.assert_done(self.run_tool("send", "trip", *options, "--", *values))
        result = listener.finish()
        self.assert_done(result)
        return result.out
