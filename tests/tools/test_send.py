"""send: values, files and lines, and what fails."""

import os
import subprocess
import unittest

from harness.tool import DONE, ERROR, NO_SLOT, TOO_BIG, USAGE, PATIENCE, TOOL, ToolTest


def varint(n):
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes(out + bytes([n]))


def event_json(size):
    """A trace.Event of exactly that many encoded bytes."""
    text = "m" * (size - 1 - len(varint(size - 3)))
    assert 1 + len(varint(len(text))) + len(text) == size
    return '{"message":"%s"}' % text


def msgpack_json(size):
    """A MessagePack string of exactly that many encoded bytes (str 16)."""
    return '"%s"' % ("m" * (size - 3))


class Values(ToolTest):
    def test_arguments_are_messages_in_order(self):
        self.assertEqual(self.roundtrip(["a", "b c", "", "\u00e9"]), "a\nb c\n\n\u00e9\n".encode())

    def test_lines_of_standard_input_are_messages_without_one_newline(self):
        listener = self.listen("x", "--count", "5", "--format", "hex")
        self.assert_done(self.run_tool("send", "x", stdin=b"one\n\n two \r\na\0b\nlast"))
        self.assertEqual(listener.finish().out, b"6f6e65\n\n2074776f200d\n610062\n6c617374\n")

    def test_every_byte_but_newline_passes_in_a_line(self):
        line = bytes(b for b in range(256) if b != 10)
        listener = self.listen("x", "--count", "1", "--format", "raw")
        self.assert_done(self.run_tool("send", "x", stdin=line + b"\n"))
        self.assertEqual(listener.finish().out, line)

    def test_empty_standard_input_sends_nothing(self):
        self.listen("x")
        self.assert_done(self.run_tool("send", "x", stdin=b""))
        self.assertEqual(self.info("x")["count"], 0)

    def test_lines_are_sent_as_they_come(self):
        listener = self.listen("x")
        sender = subprocess.Popen([TOOL, "send", "x"], env=self.env, stdin=subprocess.PIPE)
        self.addCleanup(sender.wait)
        self.addCleanup(sender.stdin.close)
        for line in (b"one\n", b"two\n"):
            sender.stdin.write(line)
            sender.stdin.flush()
            self.assertEqual(listener.line(), line)

    def test_a_long_line_is_measured_whole_and_the_next_one_sent(self):
        listener = self.listen("x", "--count", "1")
        result = self.run_tool("send", "x", stdin=b"a" * 3_000_000 + b"\nshort\n")
        self.assert_fails(result, TOO_BIG, "3000000 bytes, limit 65535 (line 1)")
        self.assertEqual(listener.finish().out, b"short\n")

    def test_a_line_beyond_all_bounds_is_skipped(self):
        bound = 64 * 1024 * 1024
        listener = self.listen("x", "--count", "2")
        with open(os.path.join(self.directory, "input"), "w+b") as lines:
            lines.write(b"first\n")
            lines.seek(bound + 100_000, os.SEEK_CUR)
            lines.write(b"\nlast")
            lines.seek(0)
            result = self.run_tool("send", "x", stdin=lines)
        self.assert_fails(result, TOO_BIG, "line 2: more than %d bytes" % bound)
        self.assertEqual(listener.finish().out, b"first\nlast\n")

    def test_a_file_is_one_message_unencoded_whatever_the_codec(self):
        content = bytes(range(256)) + b"\n"
        path = os.path.join(self.directory, "content")
        with open(path, "wb") as file:
            file.write(content)
        listener = self.listen("x", "--count", "3", "--format", "raw")
        self.assert_done(self.run_tool("send", "x", "--raw-file", path))
        self.assert_done(self.run_tool("send", "--raw-file=" + path, "x", "--codec", "msgpack"))
        self.assert_done(self.run_tool("send", "x", "--raw-file", "-", stdin=content))
        self.assertEqual(listener.finish().out, content * 3)

    def test_a_file_is_a_value_of_the_codec(self):
        path = os.path.join(self.directory, "value.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write('{\n  "a": [\n    1,\n    "x"\n  ]\n}\n')
        listener = self.listen("x", "--codec", "msgpack", "--count", "2")
        self.assert_done(self.run_tool("send", "x", "--codec", "msgpack", "--file", path))
        wrong = self.run_tool("send", "x", "--codec=msgpack", "--file=-", stdin=b"[1]\n[2]\n")
        self.assert_fails(wrong, ERROR, "text after the value at offset 4")
        wrong = self.run_tool("send", "x", "--codec=utf8", "--file=-", stdin=b"a\0b")
        self.assert_fails(wrong, ERROR, "a NUL at offset 1")
        self.assert_done(self.run_tool("send", "x", "--codec=msgpack", "--file=-", stdin=b"[\n]"))
        self.assertEqual(listener.finish().out, b'{"a":[1,"x"]}\n[]\n')

    def test_an_empty_file_is_a_message_of_no_bytes(self):
        listener = self.listen("x", "--format", "hex", "--count", "1")
        self.assert_done(self.run_tool("send", "x", "--file", "/dev/null"))
        self.assertEqual(listener.finish().out, b"\n")

    def test_options_stand_anywhere_before_the_dashes(self):
        listener = self.listen("x", "--count", "4")
        self.assert_done(self.run_tool("send", "--max", "9", "x", "a", "--codec=text", "b", "--",
                                       "--max", "-"))
        self.assertEqual(listener.finish().out, b"a\nb\n--max\n-\n")

    def test_utf8_refuses_what_is_none(self):
        self.listen("x", "--codec", "utf8")
        for line in (b"\xff", b"a\0b", b"\xed\xa0\x80"):
            result = self.run_tool("send", "x", "--codec", "utf8", stdin=line)
            self.assert_fails(result, ERROR, "mailslot: x: ", "offset", "(line 1)")
        self.assertEqual(self.info("x")["count"], 0)

    def test_names_of_every_spelling_mean_one_slot(self):
        listener = self.listen("A/b", "--count", "2")
        for name in ("\\\\.\\mailslot\\a\\B", "//./mailslot/a/b"):
            self.assert_done(self.run_tool("send", name, "hi"))
        self.assertEqual(listener.finish().out, b"hi\nhi\n")


class Limits(ToolTest):
    def test_424_bytes_pass_and_425_do_not_with_every_codec(self):
        cases = {"text": lambda n: "a" * n, "utf8": lambda n: "\u00e9" * (n // 2) + "a" * (n % 2),
                 "bytes": lambda n: "b" * n, "msgpack": msgpack_json,
                 "protobuf:trace.Event": event_json}
        for codec, value in cases.items():
            for side in ("reader", "writer", "both"):
                with self.subTest(codec=codec, side=side):
                    self.check_boundary(codec, value, side)

    def check_boundary(self, codec, value, side):
        limit = ["--max", "424"]
        listener = self.listen("trace", "--codec", codec, "--format", "hex", "--count", "1",
                               *(limit if side != "writer" else []))
        send = ["send", "trace", "--codec", codec, *(limit if side != "reader" else [])]
        result = self.run_tool(*send, value(425))
        self.assertEqual(result.err,
                         "mailslot: trace: message too big: 425 bytes, limit 424\n", result)
        self.assertEqual(result.status, TOO_BIG)
        self.assert_done(self.run_tool(*send, value(424)))
        self.assertEqual(len(listener.finish().out), 2 * 424 + 1)

    def test_the_smaller_of_both_limits_counts(self):
        self.listen("x", "--max", "10")
        self.assert_fails(self.run_tool("send", "x", "--max", "20", "a" * 15), TOO_BIG,
                          "15 bytes, limit 10")
        self.assert_fails(self.run_tool("send", "x", "--max", "5", "a" * 15), TOO_BIG,
                          "15 bytes, limit 5")

    def test_a_file_too_big_is_refused_by_its_size(self):
        self.listen("x", "--max", "424")
        self.assert_fails(self.run_tool("send", "x", "--file", "-", stdin=b"a" * 425), TOO_BIG,
                          "x: message too big: 425 bytes, limit 424\n")

    def test_an_endless_file_ends(self):
        self.listen("x")
        self.assert_fails(self.run_tool("send", "x", "--file", "/dev/zero"), TOO_BIG, "/dev/zero")

    def test_a_full_slot_refuses_and_put_timeout_waits(self):
        listener = self.listen("x", "--format", "raw", "--max", "8000000")
        # Nobody reads the pipe: it fills, the listener blocks, then its queue of 16 MiB fills.
        big = b"b" * 7_000_000
        results = []
        while not results or results[-1].status == DONE:
            results.append(self.run_tool("send", "x", "--max", "8000000", "--file", "-", stdin=big))
            self.assertLess(len(results), 6)
        self.assert_fails(results[-1], ERROR, "mailslot: x: the mailslot is full")
        waiting = subprocess.Popen([TOOL, "send", "x", "--max", "8000000", "--put-timeout", "-1",
                                    "--file", "-"], env=self.env, stdin=subprocess.PIPE)
        self.addCleanup(waiting.wait)
        waiting.stdin.write(big)
        waiting.stdin.close()
        taken = 0
        while taken < len(results) * len(big):
            taken += len(listener.process.stdout.read(65536))
        self.assertEqual(waiting.wait(PATIENCE), DONE)
        self.assertEqual(taken, len(results) * len(big))


class Failures(ToolTest):
    def test_a_missing_slot_is_status_5_before_any_input_is_read(self):
        self.assert_fails(self.run_tool("send", "nowhere", "x"), NO_SLOT,
                          "mailslot: nowhere: no such mailslot")
        read_end, write_end = os.pipe()
        self.addCleanup(os.close, read_end)
        self.addCleanup(os.close, write_end)
        self.assert_fails(self.run_tool("send", "nowhere", stdin=read_end), NO_SLOT, "nowhere")

    def test_goes_on_after_a_refused_value_and_tells_the_first_failure(self):
        listener = self.listen("x", "--codec", "msgpack", "--max", "10", "--count", "3")
        result = self.run_tool("send", "x", "--codec", "msgpack", "1", '"%s"' % ("a" * 20), "{",
                               "2", "3")
        self.assertEqual(result.status, TOO_BIG)
        lines = result.err.splitlines()
        self.assertEqual(lines[0], "mailslot: x: message too big: 21 bytes, limit 10 (value 2)")
        self.assertIn("(value 3)", lines[1])
        self.assertEqual(len(lines), 2)
        self.assertEqual(listener.finish().out, b"1\n2\n3\n")

    def test_the_first_failure_decides_whatever_comes_later(self):
        self.listen("x", "--codec", "msgpack", "--max", "10")
        result = self.run_tool("send", "x", "--codec", "msgpack", "{", '"%s"' % ("a" * 20))
        self.assertEqual(result.status, ERROR)

    def test_stops_when_the_reader_goes(self):
        listener = self.listen("x", "--count", "1")
        sender = subprocess.Popen([TOOL, "send", "x"], env=self.env, stdin=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        self.addCleanup(sender.stderr.close)
        self.addCleanup(sender.stdin.close)
        sender.stdin.write(b"one\n")
        sender.stdin.flush()
        self.assert_done(listener.finish())
        sender.stdin.write(b"two\nthree\n")
        sender.stdin.flush()  # and stays open: it must end by itself
        self.assertEqual(sender.wait(PATIENCE), NO_SLOT)
        self.assertEqual(sender.stderr.read(),
                         b"mailslot: x: the mailslot's reader is gone (line 2)\n")

    def test_an_unreadable_standard_input_is_an_error(self):
        self.listen("x")
        directory = os.open(self.directory, os.O_RDONLY)
        self.addCleanup(os.close, directory)
        self.assert_fails(self.run_tool("send", "x", stdin=directory), ERROR, "standard input",
                          "directory")
        closed = subprocess.run(["sh", "-c", '"$0" send x <&-', TOOL], env=self.env,
                                stderr=subprocess.PIPE, timeout=PATIENCE)
        self.assertEqual(closed.returncode, ERROR, closed)

    def test_an_unreadable_file_is_an_error(self):
        self.listen("x")
        self.assert_fails(self.run_tool("send", "x", "--file", "/no/such"), ERROR, "/no/such",
                          "No such file")
        self.assert_fails(self.run_tool("send", "x", "--file", "/"), ERROR, "cannot read /")

    def test_bad_names_are_refused_and_never_echoed_raw(self):
        for name in ("", "a:b", "../x", "a\x1b[31m", "a\x7f", "a\u0085b", b"\xff\xfe"):
            result = self.run_tool("send", name, "x")
            self.assert_fails(result, ERROR, "bad mailslot name")
            self.assertNotRegex(result.err[:-1], "[\x00-\x1f\x7f\u0080-\u009f]")

    def test_other_computers_are_not_reached_without_a_network(self):
        self.env["MAILSLOT_CONFIG"] = os.path.join(self.directory, "conf")
        with open(self.env["MAILSLOT_CONFIG"], "w", encoding="utf-8") as file:
            file.write("name = here\ninterface = lo\n")
        self.assert_fails(self.run_tool("send", "//HOST/mailslot/x", "y"), ERROR, "lo")
        self.assert_fails(self.run_tool("send", "//HOST/mailslot/x", "y" * 425), TOO_BIG, "424")

    def test_usage(self):
        self.listen("x")
        for arguments, word in [
                ([], "NAME"), (["x", "--max"], "needs a value"), (["x", "--max", "1x"], "1x"),
                (["x", "--max", "-1"], "-1"), (["x", "--max", ""], "not a number"),
                (["x", "--max", " 1"], "not a number"), (["x", "--max", "+1"], "not a number"),
                (["x", "--max", "99999999999999999999"], "99999999999999999999"),
                (["x", "--put-timeout", "-2"], "-2"), (["x", "--nope"], "--nope"),
                (["x", "-5"], '"--"'), (["x", "--codec", "nope"], "protobuf:trace.Event"),
                (["x", "--codec", "protobuf:no.Such", "{}"], "protobuf:no.Such"),
                (["x", "a", "--file", "/dev/null"], "--file"),
                (["x", "a", "--raw-file", "/dev/null"], "--raw-file"),
                (["x", "--file", "-", "--raw-file", "-"], "cannot be combined"),
                (["x", "--max", "1", "--max", "2"], "twice")]:
            with self.subTest(arguments=arguments):
                self.assert_fails(self.run_tool("send", *arguments), USAGE, word,
                                  "mailslot send --help")
        self.assertEqual(self.info("x")["count"], 0)


if __name__ == "__main__":
    unittest.main()
