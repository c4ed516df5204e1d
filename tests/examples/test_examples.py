"""Runs every example: a receiver is waited for until its slots are there, then its sender runs, and
what the receiver prints is compared. Nothing waits for time to pass."""

import json
import os
import subprocess
import unittest

from harness.tool import DONE, PATIENCE, ToolTest

EXAMPLES = os.environ["MAILSLOT_EXAMPLES"]
LOG_TO_TRACE = os.environ["MAILSLOT_LOG_TO_TRACE"]


class ExampleTest(ToolTest):
    def start(self, program, *arguments, slots):
        """A running receiver whose slots are open."""
        receiver = subprocess.Popen([os.path.join(EXAMPLES, program), *arguments], env=self.env,
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE)
        self.addCleanup(self.stop, receiver)
        for slot in slots:
            self.wait_until(lambda: receiver.poll() is not None
                            or self.run_tool("info", slot).status == DONE)
        return receiver

    @staticmethod
    def stop(receiver):
        receiver.kill()
        receiver.communicate()

    def run_example(self, program, *arguments, stdin=b""):
        path = os.path.join(EXAMPLES, program)
        return subprocess.run([path, *arguments], env=self.env, input=stdin, capture_output=True,
                              timeout=PATIENCE)

    def send(self, program, *arguments, stdin=b""):
        done = self.run_example(program, *arguments, stdin=stdin)
        self.assertEqual(done.returncode, 0, done)
        return done

    def assert_prints(self, receiver, *lines):
        for line in lines:
            self.assertEqual(receiver.stdout.readline(), line + b"\n", receiver.poll())

    def assert_reports(self, receiver, *words):
        line = receiver.stderr.readline().decode()
        for word in words:
            self.assertIn(word, line)


class Pairs(ExampleTest):
    def test_text(self):
        receiver = self.start("text_receive", "notes", slots=["notes"])
        self.send("text_send", "notes", "one", "", "three words here")
        self.assert_prints(receiver, b"one", b"", b"three words here")

    def test_utf8_leaves_out_what_is_none_at_both_ends(self):
        receiver = self.start("utf8_receive", "notes", slots=["notes"])
        done = self.send("utf8_send", "notes", stdin="grün\n".encode() + b"a\xffb\nlast\n")
        self.assertIn(b"skipped", done.stderr)
        self.assertEqual(self.run_tool("send", "notes", "--file", "-", stdin=b"\xff").status, DONE)
        self.send("utf8_send", "notes", stdin=b"after\n")
        self.assert_prints(receiver, "grün".encode(), b"last", b"after")
        self.assert_reports(receiver, "skipped", "notes")

    def test_bytes(self):
        receiver = self.start("bytes_receive", "raw", slots=["raw"])
        self.send("bytes_send", "raw", "00ff10", "", "FF" * 512)
        self.assert_prints(receiver, b"00ff10", b"", b"ff" * 512)
        for wrong in ("0", "zz", "+1", "00" * 513):
            self.assertEqual(self.run_example("bytes_send", "raw", wrong).returncode, 2, wrong)
        self.assertEqual(self.info("raw")["count"], 0)

    def test_msgpack_leaves_out_what_is_no_reading(self):
        receiver = self.start("msgpack_receive", "readings", slots=["readings"])
        for other in ('"text"', "[]", '[1,"a"]', '["a",1,1.5]', '[1,"a",2]'):
            sent = self.run_tool("send", "readings", "--codec", "msgpack", other)
            self.assert_done(sent)
        self.send("msgpack_send", "readings", "boiler", "61.25")
        time, sensor, celsius = receiver.stdout.readline().decode().split()
        self.assertGreater(int(time), 10**18)
        self.assertEqual((sensor, celsius), ("boiler", "61.2"))
        for _ in range(5):
            self.assert_reports(receiver, "not a reading")

    def test_protobuf(self):
        receiver = self.start("protobuf_receive", "trace", slots=["trace"])
        self.send("protobuf_send", "trace", "cron", "nothing to do")
        event = '{"severity":17,"process":"p","message":"m"}'
        self.assert_done(self.run_tool("send", "trace", "--codec", "protobuf:trace.Event", event))
        self.assert_prints(receiver, b"SEVERITY_NOTICE cron: nothing to do", b"? p: m")

    def test_messages_that_do_not_decode_end_no_receiver(self):
        for program, slot in (("protobuf_receive", "trace"), ("msgpack_receive", "readings"),
                              ("utf8_receive", "notes"), ("own_codec receive", "points")):
            name, *mode = program.split()
            receiver = self.start(name, *mode, slot, slots=[slot])
            for _ in range(20):
                sent = self.run_tool("send", slot, "--file", "-", stdin=b"\xff\xc1")
                self.assert_done(sent)
            self.wait_until(lambda: receiver.poll() is not None
                            or self.info(slot)["bad_messages"] == 20)
            self.assertIsNone(receiver.poll(), program)

    def test_own_codec(self):
        receiver = self.start("own_codec", "receive", "points", slots=["points"])
        self.send("own_codec", "send", "points", "3", "-4")
        self.assert_done(self.run_tool("send", "points", "seven b"))
        self.send("own_codec", "send", "points", "-2147483648", "2147483647")
        self.assert_prints(receiver, b"3 -4", b"-2147483648 2147483647")
        self.assertEqual(self.info("points")["bad_messages"], 1)

    @unittest.skipUnless(os.path.exists(os.path.join(EXAMPLES, "cplusplus")),
                         "SKIPPED: built without a C++ compiler")
    def test_cplusplus(self):
        receiver = self.start("cplusplus", "receive", "trace", slots=["trace"])
        self.send("cplusplus", "send", "trace", "one", "two")
        self.assert_prints(receiver, b"one", b"two")


class Others(ExampleTest):
    def test_a_poll_loop_serves_three_slots(self):
        names = ["red", "green", "blue"]
        receiver = self.start("poll_three_slots", *names, slots=names)
        for name in ("blue", "red", "green", "red"):
            self.send("text_send", name, f"to {name}")
            self.assert_prints(receiver, f"{name}: to {name}".encode())
        self.send("text_send", "green", *map(str, range(100)))
        self.assert_prints(receiver, *(f"green: {i}".encode() for i in range(100)))

    def test_log_to_trace(self):
        listener = self.listen("log", "--codec", "protobuf:trace.Event", "--count", "2")
        log = b"2026-01-02 03:04:05 status installed\nno time, but an error\n"
        sent = subprocess.run([LOG_TO_TRACE, "log", "dpkg"], env=self.env, input=log,
                              capture_output=True, timeout=PATIENCE)
        self.assertEqual(sent.returncode, 0, sent)
        self.assertTrue(sent.stdout.startswith(b"2 events sent"), sent)
        first, second = map(json.loads, listener.finish().out.splitlines())
        self.assertEqual((first["message"], first["process"]), ("status installed", "dpkg"))
        self.assertEqual(second["severity"], "SEVERITY_ERROR")

    def test_senders_without_a_reader_say_so(self):
        for command in (("text_send", "no", "x"), ("utf8_send", "no"), ("bytes_send", "no", "00"),
                        ("msgpack_send", "no", "s", "1"), ("protobuf_send", "no", "p", "m"),
                        ("own_codec", "send", "no", "1", "2")):
            done = self.run_example(*command)
            self.assertEqual(done.returncode, 1, command)
            self.assertIn(b"no: no such mailslot", done.stderr)

    def test_every_example_is_run_here_and_has_a_usage(self):
        with open(__file__, encoding="utf-8") as file:
            tests = file.read()
        for program in sorted(os.listdir(EXAMPLES)):
            self.assertIn(f'"{program}"', tests)
            done = self.run_example(program)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(f"usage: {program}".encode(), done.stderr)


if __name__ == "__main__":
    unittest.main()
