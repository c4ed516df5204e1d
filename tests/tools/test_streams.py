"""Standard streams that are non-blocking, as they are if whoever shares them made them so: the tool
waits for them. Each test waits until the tool has met a stream that is not ready."""

import fcntl
import os
import signal
import subprocess
import unittest

from harness.tool import DONE, PATIENCE, TOOL, ToolTest, bytes_in_pipe

LINES = [b"line %05d %s" % (number, b"x" * 90) for number in range(2000)]
PRINTED = b"".join(line + b"\n" for line in LINES)  # more than a pipe holds


class NonBlocking(ToolTest):
    def pipe(self, end):
        """A pipe, the given end of which, 0 or 1, does not block."""
        ends = os.pipe()
        os.set_blocking(ends[end], False)
        return ends

    def start(self, *arguments, **streams):
        process = subprocess.Popen([TOOL, *arguments], env=self.env,
                                   **dict({"stderr": subprocess.PIPE}, **streams))
        self.addCleanup(process.wait, PATIENCE)
        if process.stderr:
            self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        return process

    def wait_for_block(self, process, pipe):
        """Until the pipe is full, or the process gave up."""
        room = fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ)
        self.wait_until(lambda: bytes_in_pipe(pipe) > room - 8192 or process.poll() is not None)

    def rest_of(self, pipe):
        with open(pipe, "rb") as stream:
            return stream.read()

    def finish(self, process):
        self.assertEqual((process.wait(PATIENCE), process.stderr.read()), (DONE, b""))

    def test_output_of_listen_that_is_read_late(self):
        ours, its = self.pipe(1)
        process = self.start("listen", "x", "--count", str(len(LINES)), stdout=its)
        os.close(its)
        self.wait_until(lambda: self.run_tool("info", "x").status == DONE)
        sender = self.start("send", "x", "--put-timeout", "-1", stdin=subprocess.PIPE)
        sender.stdin.write(PRINTED)
        sender.stdin.close()
        self.wait_for_block(process, ours)
        self.assertEqual(self.rest_of(ours), PRINTED)
        self.finish(process)
        self.finish(sender)

    def record(self):
        path = os.path.join(self.directory, "file")
        recorder = self.start("record", "x", "-o", path)
        self.wait_until(lambda: os.path.exists(path))
        self.assert_done(self.run_tool("send", "x", "--put-timeout", "-1",
                                       stdin=PRINTED))
        recorder.send_signal(signal.SIGTERM)
        self.finish(recorder)
        return path

    def test_output_of_cat_that_is_read_late(self):
        path = self.record()
        ours, its = self.pipe(1)
        process = self.start("cat", path, stdout=its)
        os.close(its)
        self.wait_for_block(process, ours)
        self.assertEqual(self.rest_of(ours), PRINTED)
        self.finish(process)

    def test_errors_that_are_read_late(self):
        self.listen("x", "--codec", "msgpack")
        ours, its = self.pipe(1)
        bad = [b"[%d" % number for number in range(3000)]
        process = self.start("send", "x", "--codec", "msgpack", stderr=its,
                             stdin=subprocess.PIPE)
        os.close(its)
        process.stdin.write(b"\n".join(bad))
        process.stdin.close()
        self.wait_for_block(process, ours)
        self.assertEqual(self.rest_of(ours).count(b"\n"), len(bad))
        process.wait(PATIENCE)

    def test_input_of_send_that_comes_late(self):
        self.listen("x")
        its, ours = self.pipe(0)
        process = self.start("send", "x", stdin=its)
        os.close(its)
        for count in 1, 2:
            os.write(ours, b"a line\n")
            self.wait_until(lambda: process.poll() is not None
                            or self.info("x")["messages_in"] == count)
        os.close(ours)
        self.finish(process)

    def test_input_of_cat_that_comes_late(self):
        with open(self.record(), "rb") as file:
            data = file.read()
        its, ours = self.pipe(0)
        printed = open(os.path.join(self.directory, "printed"), "w+b")
        self.addCleanup(printed.close)
        process = self.start("cat", "-", stdin=its, stdout=printed)
        os.close(its)
        os.write(ours, data[:40000])
        self.wait_until(lambda: process.poll() is not None or bytes_in_pipe(ours) == 0)
        with open(ours, "wb") as stream:
            stream.write(data[40000:])
        self.finish(process)
        printed.seek(0)
        self.assertEqual(printed.read(), PRINTED)


if __name__ == "__main__":
    unittest.main()
