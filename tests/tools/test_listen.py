"""listen: formats, counts, timeouts, signals, and what fails."""

import base64
import json
import os
import signal
import subprocess
import time
import unittest

from harness.tool import DONE, ERROR, FEWER, NO_SLOT, USAGE, PATIENCE, TOOL, ToolTest


class Formats(ToolTest):
    def shown(self, codec, data, *options):
        """What listen prints of a message of these bytes."""
        listener = self.listen("x", "--codec", codec, "--count", "1", *options)
        self.assert_done(self.run_tool("send", "x", "--file", "-", stdin=data))
        return listener.finish()

    def test_bytes_in_each_format_with_each_plain_codec(self):
        cases = [(b"hi", b"hi\n", b"hi", b"6869\n", '"hi"', "aGk="),
                 (b"", b"\n", b"", b"\n", '""', ""),
                 (b"a\0\n", b"a\0\n\n", b"a\0\n", b"61000a\n", '"a\\u0000\\n"', "YQAK"),
                 ("\u20ac/\"".encode(), "\u20ac/\"\n".encode(), "\u20ac/\"".encode(),
                  b"e282ac2f22\n", '"\u20ac/\\""', "4oKsLyI=")]
        for data, text, raw, hexed, string, binary in cases:
            for codec in ("text", "utf8", "bytes"):
                if codec == "utf8" and b"\0" in data:
                    continue
                with self.subTest(data=data, codec=codec):
                    quoted = '{"$bin":"%s"}' % binary if codec == "bytes" else string
                    self.assertEqual(self.shown(codec, data).out, text)
                    self.assertEqual(self.shown(codec, data, "--format", "text").out, text)
                    self.assertEqual(self.shown(codec, data, "--format", "raw").out, raw)
                    self.assertEqual(self.shown(codec, data, "--format", "hex").out, hexed)
                    self.assertEqual(self.shown(codec, data, "--format", "json").out.decode(),
                                     quoted + "\n")

    def test_text_that_is_not_utf8_is_binary_in_json(self):
        for data in (b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"ok\xe2\x82"):
            out = self.shown("text", data, "--format", "json").out
            self.assertEqual(json.loads(out), {"$bin": base64.b64encode(data).decode()})

    def test_json_codecs_print_json_by_default_and_their_bytes_otherwise(self):
        for codec, data, shown in [("msgpack", b"\x93\x01\xc0\xa1a", b'[1,null,"a"]\n'),
                                   ("protobuf:trace.Event", b"\x10\x05\x2a\x02hi",
                                    b'{"severity":"SEVERITY_ERROR","message":"hi"}\n')]:
            self.assertEqual(self.shown(codec, data).out, shown)
            self.assertEqual(self.shown(codec, data, "--format", "json").out, shown)
            self.assertEqual(self.shown(codec, data, "--format", "raw").out, data)
            self.assertEqual(self.shown(codec, data, "--format", "text").out, data + b"\n")
            self.assertEqual(self.shown(codec, data, "--format", "hex").out,
                             data.hex().encode() + b"\n")

    def test_every_byte_passes_whole(self):
        data = bytes(range(256)) * 255
        self.assertEqual(self.shown("text", data, "--format", "raw").out, data)
        self.assertEqual(self.shown("text", data, "--format", "hex").out,
                         data.hex().encode() + b"\n")

    def test_meta_tells_size_time_and_origin(self):
        before = time.time_ns()
        listener = self.listen("x", "--meta", "--count", "2")
        sender = subprocess.Popen([TOOL, "send", "x", "h\u00e9", ""], env=self.env)
        self.assertEqual(sender.wait(PATIENCE), DONE)
        lines = [json.loads(line) for line in listener.finish().out.splitlines()]
        after = time.time_ns()
        for line, value, size in zip(lines, ("h\u00e9", ""), (3, 0)):
            self.assertEqual(list(line), ["time_ns", "size", "origin", "value"])
            slack = 1_000_000_000  # arrival times of local messages are coarse
            self.assertTrue(before - slack <= line["time_ns"] <= after + slack, line)
            self.assertEqual((line["size"], line["value"]), (size, value))
            self.assertEqual(line["origin"], {"computer": ".", "address": "", "pid": sender.pid,
                                              "uid": os.geteuid()})

    def test_meta_shows_values_of_each_codec(self):
        for codec, data, value in [("bytes", b"\0", {"$bin": "AA=="}), ("msgpack", b"\xc3", True),
                                   ("protobuf:trace.Event", b"", {}), ("utf8", b"a", "a")]:
            out = self.shown(codec, data, "--meta").out
            self.assertEqual(out.count(b"\n"), 1)
            self.assertEqual(json.loads(out)["value"], value)


class OnATerminal(ToolTest):
    """Anybody may send: what a terminal would obey is escaped, whatever the format."""

    CONTROLS = ([chr(c) for c in range(0x20) if chr(c) not in "\0\t\n"] + ["\x7f"]
                + [chr(c) for c in (*range(0x80, 0xA0), 0x61C, 0x200E, 0x200F,
                                    *range(0x2028, 0x202F), *range(0x2066, 0x206A))])
    TEXT = "a\tb\n\u20ac" + "x".join(CONTROLS) + "\U0001f600"
    EVENT = ("--codec", "protobuf:trace.Event")

    def shown(self, data, *options, send=()):
        """What the tool prints of a message on a terminal, and in a pipe, live and recorded."""
        path = os.path.join(self.directory, "file")
        recorder = subprocess.Popen([TOOL, "record", "x", "-o", path, *send], env=self.env)
        self.addCleanup(recorder.wait, PATIENCE)
        self.wait_until(lambda: os.path.exists(path))
        self.assert_done(self.run_tool("send", "x", *send, "--raw-file", "-", stdin=data))
        self.wait_until(lambda: self.info("x")["messages_out"] == 1)
        recorder.send_signal(signal.SIGTERM)
        self.assertEqual(recorder.wait(PATIENCE), DONE)
        shown = self.on_terminal("cat", path, *options)
        piped = self.run_tool("cat", path, *options)
        os.unlink(path)
        self.assert_done(piped)
        return shown, piped.out

    def check_safe(self, shown):
        text = shown.decode()
        self.assertEqual([c for c in self.CONTROLS if c in text], [])
        self.assertIn("\u20ac", text)
        self.assertIn("\U0001f600", text)

    def test_text_keeps_newlines_and_tabs_only(self):
        shown, piped = self.shown(self.TEXT.encode())
        self.check_safe(shown)
        self.assertTrue(shown.startswith("a\tb\n\u20ac\\x01x\\x02x".encode()), shown)
        self.assertTrue(shown.endswith("\\xe2\\x81\\xa9\U0001f600\n".encode()), shown)
        self.assertEqual(piped, self.TEXT.encode() + b"\n")

    def test_bytes_that_are_not_utf8_are_escaped(self):
        shown, piped = self.shown(b"\x9b2J\xff\xc2\0", "--format", "text")
        self.assertEqual(shown, b"\\x9b2J\\xff\\xc2\\x00\n")
        self.assertEqual(piped, b"\x9b2J\xff\xc2\0\n")

    def test_raw_is_raw(self):
        shown, piped = self.shown(self.TEXT.encode(), "--format", "raw")
        self.assertEqual(shown, self.TEXT.encode())
        self.assertEqual(piped, self.TEXT.encode())

    def test_json_is_the_same_json(self):
        for options in ("--format", "json"), ("--meta",):
            shown, piped = self.shown(self.TEXT.encode(), *options)
            self.check_safe(shown)
            self.assertEqual(json.loads(shown), json.loads(piped))
            self.assertIn("\x7f\x78\u0080".encode(), piped)

    def test_events_in_each_format(self):
        attributes = {self.TEXT: self.TEXT}
        event = json.dumps({"host": self.TEXT, "process": self.TEXT, "message": self.TEXT,
                            "attributes": attributes})
        for options in ("line",), ("json",), ("text",):
            listener = self.listen("x", *self.EVENT, "--count", "1", "--format", "raw")
            self.assert_done(self.run_tool("send", "x", *self.EVENT, event))
            shown, _ = self.shown(listener.finish().out, "--format", *options, send=self.EVENT)
            self.check_safe(shown)

    def test_live_messages_too(self):
        terminal, side = os.openpty()
        self.addCleanup(os.close, terminal)
        listener = self.listen("x", "--count", "1", stdout=side)
        os.close(side)
        self.assert_done(self.run_tool("send", "x", "\033]0;title\a\033[2J"))
        self.assert_done(listener.finish())
        self.assertEqual(os.read(terminal, 4096), b"\\x1b]0;title\\x07\\x1b[2J\r\n")

    def test_only_a_terminal_is_told_that_there_is_no_mailslotd(self):
        terminal, side = os.openpty()
        self.addCleanup(os.close, terminal)
        process = subprocess.Popen([TOOL, "listen", "x", "--timeout", "0"], env=self.env,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=side)
        os.close(side)
        self.assertEqual((process.communicate()[0], process.returncode), (b"", DONE))
        self.assertRegex(os.read(terminal, 4096).decode(),
                         r"\Amailslot: x: waiting for mailslotd: .*doctor'\r\n\Z")
        self.assert_done(self.run_tool("listen", "x", "--timeout", "0"))  # nothing in a pipe

    def test_newest_messages_of_top(self):
        self.listen("x")
        self.assert_done(self.run_tool("send", "x", self.TEXT))
        shown = self.on_terminal("top", "--once", "--json", "--codec", "text")
        self.check_safe(shown)
        newest = json.loads(shown)["slots"][0]["newest"]
        self.assertEqual(newest["value"], self.TEXT)


class Undecodable(ToolTest):
    CASES = [("utf8", b"ok", b"\xff\xfe", "BAD_MESSAGE"),
             ("msgpack", b"\x01", b"\x92\x01", "BAD_MESSAGE"),
             ("msgpack", b"\x01", bytes.fromhex("dd0fffffff"), "TOO_COMPLEX|BAD_MESSAGE"),
             ("msgpack", b"\x01", b"\x91" * 40, "TOO_COMPLEX"),
             ("protobuf:trace.Event", b"\x10\x01", b"\x2a\x05hi", "BAD_MESSAGE"),
             ("protobuf:trace.Event", b"\x10\x01", b"\x2a\x01\xff", "BAD_MESSAGE")]

    def listen_to(self, codec, messages, *options):
        listener = self.listen("x", "--codec", codec, "--count", str(len(messages)), *options)
        for data in messages:
            self.assert_done(self.run_tool("send", "x", "--file", "-", stdin=data))
        return listener.finish()

    def test_is_one_line_on_standard_error_and_the_stream_goes_on(self):
        for codec, good, bad, _ in self.CASES:
            with self.subTest(codec=codec, bad=bad):
                result = self.listen_to(codec, [good, bad, good])
                self.assert_fails(result, DONE, "mailslot: x: ")
                first, second = result.out.splitlines()
                self.assertEqual(first, second)

    def test_is_a_line_of_meta_with_its_bytes(self):
        for codec, good, bad, error in self.CASES:
            with self.subTest(codec=codec, bad=bad):
                result = self.listen_to(codec, [bad, good], "--meta")
                self.assert_done(result)
                first, second = map(json.loads, result.out.splitlines())
                self.assertEqual(list(first), ["time_ns", "size", "origin", "error", "bytes"])
                self.assertRegex(first["error"], rf"\A({error})\Z")
                self.assertEqual(base64.b64decode(first["bytes"]), bad)
                self.assertEqual(first["size"], len(bad))
                self.assertIn("value", second)

    def test_counts_as_taken(self):
        result = self.listen_to("msgpack", [b"\xc1", b"\xc1"])
        self.assertEqual((result.status, result.out), (DONE, b""))
        self.assertEqual(result.err.count("\n"), 2)


class Ending(ToolTest):
    def test_a_signal_that_was_ignored_at_the_start_stays_ignored(self):
        for ignored, other in ((signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT)):
            before = signal.signal(ignored, signal.SIG_IGN)
            try:
                listener = self.listen("x")
            finally:
                signal.signal(ignored, before)
            listener.process.send_signal(ignored)
            self.assert_done(self.run_tool("send", "x", "still there"))
            self.assertEqual(listener.line(), b"still there\n")
            self.assert_done(listener.end(other))

    def test_count_ends_it_and_frees_the_name(self):
        listener = self.listen("x", "--count", "2")
        self.assertIn(self.run_tool("send", "x", "a", "b", "c").status, (DONE, NO_SLOT))
        result = listener.finish()
        self.assert_done(result)
        self.assertEqual(result.out, b"a\nb\n")
        self.assertEqual(self.run_tool("list").out, b"")

    def test_count_zero_takes_none(self):
        self.assert_done(self.run_tool("listen", "x", "--count", "0"))

    def test_fewer_messages_than_asked_for_in_time_is_status_3(self):
        started = time.monotonic()
        result = self.run_tool("listen", "x", "--count", "1", "--timeout", "250")
        self.assert_fails(result, FEWER, "mailslot: x: 0 of 1 messages")
        self.assertGreaterEqual(time.monotonic() - started, 0.25)
        self.assert_fails(self.run_tool("listen", "x", "--count", "1", "--timeout", "0"), FEWER)

    def test_what_came_in_time_is_printed_before_status_3(self):
        listener = self.listen("x", "--count", "2", "--timeout", "8000")
        self.assert_done(self.run_tool("send", "x", "only"))
        result = listener.finish()
        self.assert_fails(result, FEWER, "1 of 2 messages")
        self.assertEqual(result.out, b"only\n")

    def test_a_timeout_without_count_is_no_failure(self):
        self.assert_done(self.run_tool("listen", "x", "--timeout", "10"))

    def test_signals_end_it_cleanly_while_it_waits(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            for options in ((), ("--count", "5"), ("--timeout", "100000")):
                with self.subTest(number=number, options=options):
                    listener = self.listen("x", *options)
                    self.assert_done(self.run_tool("send", "x", "a"))
                    self.assertEqual(listener.line(), b"a\n")
                    self.assert_done(listener.end(number))
                    self.assertEqual(self.run_tool("list").out, b"")

    def test_a_signal_under_load_loses_no_message_that_was_taken(self):
        listener = self.listen("x")
        path = os.path.join(self.directory, "lines")
        with open(path, "wb") as lines:
            lines.write(b"".join(b"%d\n" % i for i in range(50_000)))
        with open(path, "rb") as lines:
            sender = subprocess.Popen([TOOL, "send", "x", "--put-timeout", "-1"], env=self.env,
                                      stdin=lines, stderr=subprocess.PIPE)
        self.addCleanup(sender.stderr.close)
        printed = [listener.line() for _ in range(100)]
        result = listener.end()
        self.assert_done(result)
        printed += result.out.splitlines(keepends=True)
        self.assertEqual(printed, [b"%d\n" % i for i in range(len(printed))])
        self.assertIn(sender.wait(PATIENCE), (DONE, NO_SLOT))

    def test_a_second_signal_ends_it_even_if_its_output_is_stuck(self):
        listener = self.stuck_listener("x")
        self.wait_until(lambda: listener.process.send_signal(signal.SIGTERM)
                        or listener.process.poll() is not None)
        self.assertEqual(listener.process.wait(PATIENCE), -signal.SIGTERM)

    def test_a_closed_pipe_ends_it_cleanly_while_it_waits(self):
        read_end, write_end = os.pipe()
        listener = self.listen("x", stdout=write_end)
        os.close(write_end)
        os.close(read_end)
        self.assert_done(listener.finish())

    def test_a_closed_pipe_ends_it_cleanly_while_it_prints(self):
        read_end, write_end = os.pipe()
        listener = self.stuck_listener("x", stdout=write_end)
        os.close(write_end)
        os.close(read_end)
        self.assert_done(listener.finish())


class Failures(ToolTest):
    def test_a_second_reader_is_an_error(self):
        self.listen("x")
        self.assert_fails(self.run_tool("listen", "X"), ERROR, "mailslot: X: ",
                          "already has a reader")

    def test_output_that_cannot_be_written_is_an_error(self):
        with open("/dev/full", "wb") as full:
            listener = self.listen("x", stdout=full)
        self.assert_done(self.run_tool("send", "x", "a"))
        self.assert_fails(listener.finish(), ERROR, "standard output", "No space left")

    def test_a_closed_standard_output_never_becomes_the_slot(self):
        for closed in (">&-", "<&- >&-"):
            with self.subTest(closed=closed):
                listener = subprocess.Popen(["sh", "-c", 'exec "$0" listen x ' + closed, TOOL],
                                            env=self.env, stderr=subprocess.PIPE)
                self.addCleanup(listener.stderr.close)
                self.addCleanup(listener.kill)
                self.wait_until(lambda: self.run_tool("info", "x").status == DONE)
                self.assert_done(self.run_tool("send", "x", "a"))
                self.assertEqual(listener.wait(PATIENCE), ERROR)
                self.assertIn(b"cannot write to standard output", listener.stderr.read())

    def test_bad_names(self):
        self.assert_fails(self.run_tool("listen", "a*b"), ERROR, "a*b: bad mailslot name")
        self.assert_fails(self.run_tool("listen", "//HOST/mailslot/x"), ERROR)

    def test_usage(self):
        for arguments, word in [
                ([], "NAME"), (["x", "y"], "NAME"), (["x", "--count"], "needs a value"),
                (["x", "--count", "-1"], "-1"), (["x", "--count=2.0"], "2.0"),
                (["x", "--timeout", "-2"], "-2"), (["x", "--timeout", "2147483648"], "2147483648"),
                (["x", "--format", "xml"], "text, raw, hex, json"), (["x", "--meta=1"], "no value"),
                (["x", "--meta", "--format", "hex"], "--meta"), (["x", "--codec", ""], "codec"),
                (["x", "--max", "99999999999"], "99999999999"), (["x", "--json"], "--json")]:
            with self.subTest(arguments=arguments):
                self.assert_fails(self.run_tool("listen", *arguments), USAGE, word)


if __name__ == "__main__":
    unittest.main()
