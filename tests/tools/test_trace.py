"""Tracing: `mailslot trace` on the one end, `listen --severity` and --color on the other."""

import json
import os
import pty
import re
import select
import socket
import subprocess
import time
import unittest

from harness.tool import DONE, ERROR, FEWER, NO_SLOT, PATIENCE, TOOL, TOO_BIG, USAGE, ToolTest

EVENT = ("--codec", "protobuf:trace.Event")
PROTO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "proto", "trace.proto")
NAMES = ["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL"]
EVERYBODY = r"\\*\mailslot\trace"


def event(**fields):
    return json.dumps(fields)


class TraceTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.env.update(TZ="UTC", TERM="xterm")
        self.env.pop("NO_COLOR", None)

    def traced(self, *arguments, count=1, **how):
        """The JSON of the events that one trace sends."""
        listener = self.listen("trace", *EVENT, "--count", str(count))
        self.assert_done(self.run_tool("trace", *arguments, **how))
        return [json.loads(line) for line in listener.finish().out.splitlines()]

    def shown(self, values, *options):
        """What a listener prints of events, and of one more that ends it."""
        listener = self.listen("trace", *options, "--count", str(len(values)))
        self.assert_done(self.run_tool("send", "trace", *EVENT, *values))
        result = listener.finish()
        self.assert_done(result)
        return result.out.decode()

    def line(self, **fields):
        return self.shown([event(**fields)], "--severity", "unspecified")


class Tracing(TraceTest):
    @staticmethod
    def name_of(process):
        with open(f"/proc/{process}/comm", encoding="utf-8") as name:
            return name.read().rstrip("\n")

    def test_is_one_line_on_both_ends(self):
        listener = self.listen("trace", "--severity", "info", "--count", "1")
        self.assert_done(self.run_tool("trace", "-p", "backup", "-s", "warning", "-a", "disk=sda1",
                                       "disk almost full"))
        self.assertRegex(listener.finish().out.decode(),
                         r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z WARNING  "
                         + re.escape(socket.gethostname())
                         + " backup: disk almost full disk=sda1\n\\Z")

    def test_tells_when_where_who_and_what(self):
        before = time.time_ns()
        told, = self.traced("it", "began", stdin=None)
        self.assertTrue(before <= int(told["timestamp"]) <= time.time_ns())
        me = f"{self.name_of(os.getpid())}[{os.getpid()}]"
        del told["timestamp"]
        self.assertEqual(told, {"severity": "SEVERITY_NOTICE", "host": socket.gethostname(),
                                "process": me, "message": "it began"})

    def test_process_is_a_name_or_found_by_its_id(self):
        sleeper = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(sleeper.wait)
        self.addCleanup(sleeper.kill)
        self.wait_until(lambda: self.name_of(sleeper.pid) == "sleep")
        for given, process in [("backup", "backup"), ("sshd[811]", "sshd[811]"), ("12a", "12a"),
                               (str(sleeper.pid), f"sleep[{sleeper.pid}]"),
                               ("4194305", "[4194305]"), # over the kernel's PID_MAX_LIMIT
                               ("1" * 19, "1" * 19)]:
            told, = self.traced("-p", given, "x")
            self.assertEqual(told["process"], process)
        self.assertNotIn("process", self.traced("-p", "", "x")[0])

    def test_a_script_is_its_own_process(self):
        script = os.path.join(self.directory, "nightly")
        with open(script, "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\necho $$\n"$0tool" trace done\nexit $?\n')
        os.symlink(TOOL, script + "tool")
        os.chmod(script, 0o755)
        listener = self.listen("trace", *EVENT, "--count", "1")
        done = subprocess.run([script], env=self.env, stdout=subprocess.PIPE, timeout=PATIENCE)
        self.assertEqual(done.returncode, DONE)
        told = json.loads(listener.finish().out)
        self.assertEqual(told["process"], f"nightly[{int(done.stdout)}]")

    def test_severity_has_every_name_of_the_schema_in_any_case(self):
        for name in NAMES:
            for form in name, name.lower(), "SEVERITY_" + name, "severity_" + name.capitalize():
                told, = self.traced("-s", form, "x")
                self.assertEqual(told["severity"], "SEVERITY_" + name)
        self.assertNotIn("severity", self.traced("-s", "unspecified", "x")[0])
        for wrong in "", "warn", "4", "SEVERITY_", "SEVERITY", "warning ":
            self.assert_fails(self.run_tool("trace", "-s", wrong, "x"), USAGE,
                              f'invalid severity "{wrong}"', "debug, info, notice, warning, error")

    def test_attributes(self):
        told, = self.traced("-a", "a=1", "-a=b=x=y", "-a", "c=", "-a", "d e= ", "x")
        self.assertEqual(told["attributes"], {"a": "1", "b": "x=y", "c": "", "d e": " "})
        for wrong in "", "a", "=b":
            self.assert_fails(self.run_tool("trace", "-a", wrong, "x"), USAGE, "not KEY=VALUE")
        self.assert_fails(self.run_tool("trace", "-a", "k=1", "-a", "k=2", "x"), USAGE,
                          '"k" is given twice')

    def test_each_line_of_standard_input_is_an_event(self):
        told = self.traced("-p", "x", stdin=b"one\n\n  two words\nlast", count=4)
        self.assertEqual([each.get("message") for each in told],
                         ["one", None, "  two words", "last"])
        times = [int(each["timestamp"]) for each in told]
        self.assertEqual(times, sorted(times))

    def test_no_line_is_no_event(self):
        listener = self.listen("trace", *EVENT)
        self.assert_done(self.run_tool("trace", stdin=b""))
        self.assertEqual(listener.end().out, b"")

    def test_text_that_begins_with_a_dash(self):
        self.assertEqual(self.traced("--", "-p", "-1")[0]["message"], "-p -1")

    def test_what_no_string_can_hold_is_escaped_not_lost(self):
        told, = self.traced(stdin=b"a\0b\xff\xe2\x82\t\xe2\x82\xac\n")
        self.assertEqual(told["message"], "a\\x00b\\xff\\xe2\\x82\t\u20ac")
        told, = self.traced("-p", b"p\xff", "-a", b"k\xfe=v\xfd", b"\xfc")
        self.assertEqual((told["process"], told["attributes"], told["message"]),
                         ("p\\xff", {"k\\xfe": "v\\xfd"}, "\\xfc"))

    def test_another_slot(self):
        listener = self.listen("a/b", *EVENT, "--count", "1")
        self.assert_done(self.run_tool("trace", "--slot", r"\\.\mailslot\A\B", "hi"))
        self.assertEqual(json.loads(listener.finish().out)["message"], "hi")

    def test_nobody_listens(self):
        self.assert_fails(self.run_tool("trace", "x"), NO_SLOT, "trace: no such mailslot")
        self.assert_fails(self.run_tool("trace", "--slot", "a*b", "x"), ERROR, "a*b: bad")

    def lines_until(self, process, listener):
        """Writes lines until the listener gets one, and returns the first that it gets."""
        number = 0
        while not select.select([listener.process.stdout], [], [], .05)[0]:
            process.stdin.write(b"%d\n" % number)
            process.stdin.flush()
            number += 1
        return listener.line()

    def test_lines_go_on_while_there_is_no_reader(self):
        process = subprocess.Popen([TOOL, "trace"], env=self.env, stdin=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertIn(b"trace: no such mailslot; events are dropped", process.stderr.readline())
        for _ in range(100):
            process.stdin.write(b"lost\n" * 100)
        for _ in range(2):  # a reader comes, and goes
            listener = self.listen("trace", *EVENT)
            self.assertIn(b'"message"', self.lines_until(process, listener))
            self.assert_done(listener.end())
            process.stdin.write(b"lost\n" * 100)
            process.stdin.flush()
            self.assertIn(b"events are dropped", process.stderr.readline())
        err = process.communicate(timeout=PATIENCE)[1]
        self.assertEqual((process.returncode, err), (NO_SLOT, b""))

    def test_a_reader_that_restarts_is_found_at_once(self):
        first = self.listen("trace", *EVENT)
        process = subprocess.Popen([TOOL, "trace"], env=self.env, stdin=subprocess.PIPE)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.lines_until(process, first)
        self.assert_done(first.end())
        second = self.listen("trace", *EVENT, "--count", "1")
        process.stdin.write(b"again\n")
        process.stdin.close()
        self.assertEqual(json.loads(second.finish().out)["message"], "again")
        self.assertEqual(process.wait(PATIENCE), DONE)

    def test_too_big_tells_how_big(self):
        listener = self.listen("trace", *EVENT, "--max", "424", "--count", "2")
        small = len(self.sized("x")) # a message of 128 and more has a byte more before it
        fits = "x" * (424 - small)
        self.assert_fails(self.run_tool("trace", "-p", "p", fits + "x"), TOO_BIG,
                          "trace: message too big: 425 bytes, limit 424")
        self.assert_done(self.run_tool("trace", "-p", "p", fits))
        result = self.run_tool("trace", "-p", "p", stdin=(fits + "x\nshort\n").encode())
        self.assert_fails(result, TOO_BIG, "425 bytes, limit 424 (line 1)")
        told = [json.loads(line)["message"] for line in listener.finish().out.splitlines()]
        self.assertEqual(told, [fits, "short"])

    def sized(self, text):
        """The bytes of an event."""
        listener = self.listen("size", "--format", "raw", "--count", "1")
        self.assert_done(self.run_tool("trace", "-p", "p", "--slot", "size", text))
        return listener.finish().out

    def test_an_event_over_424_bytes_is_too_big_for_another_computer(self):
        for name in EVERYBODY, r"\\ELSEWHERE\mailslot\trace", "//group/mailslot/a/b":
            result = self.run_tool("trace", "--slot", name, "-p", "p", "x" * 424)
            self.assert_fails(result, TOO_BIG)
            self.assertRegex(result.err, r"message too big: 4[3-9]\d bytes, limit 4\d\d\n")

    def test_usage(self):
        for arguments, word in [(["-p"], "needs a value"), (["-x", "y"], '"-x"'),
                                (["-s", "info", "-s", "info", "x"], "-s is given twice"),
                                (["--put-timeout", "-2", "x"], "-2")]:
            self.assert_fails(self.run_tool("trace", *arguments), USAGE, word)


class Lines(TraceTest):
    def test_everything_there_is(self):
        self.assertEqual(self.line(timestamp="1763838000123456789", severity=5, host="h",
                                   process="p[1]", message="m", attributes={"k": "v"}),
                         "2025-11-22T19:00:00.123456Z ERROR    h p[1]: m k=v\n")

    def test_time_is_that_of_this_computers_zone(self):
        for zone, shown in [("CET-1", "2025-11-22T20:00:00.000000+01:00"),
                            ("NST3:30", "2025-11-22T15:30:00.000000-03:30")]:
            self.env["TZ"] = zone
            self.assertEqual(self.line(timestamp="1763838000000000000", message="m").split()[0],
                             shown)
        self.env["TZ"] = "UTC"
        self.assertEqual(self.line(timestamp=str(2**64 - 1)).split()[0],
                         "2554-07-21T23:34:33.709551Z")

    def test_what_was_not_said(self):
        self.assertEqual(self.line(), "- -        - -:\n")
        self.assertEqual(self.line(severity=77, attributes={"a": "b"}), "- 77       - -: a=b\n")

    def test_values_with_spaces_are_quoted(self):
        for value, shown in [("", '""'), ("a b", '"a b"'), ('"', r'"\""'), ("\\", r'"\\"'),
                             ("a=b", '"a=b"'), ("\u20ac", "\u20ac"), ("\n", r"\x0a"),
                             (' "\\" end', r'" \"\\\" end"')]:
            self.assertEqual(self.line(attributes={"k": value}), f"- -        - -: k={shown}\n")
            self.assertEqual(self.line(attributes={value: "v"}), f"- -        - -: {shown}=v\n")

    def test_a_terminal_obeys_nothing_of_it(self):
        bad = "\x1b[31m\r\n\x7f\u009b\t"
        shown = self.line(host=bad, process=bad, message=bad, attributes={bad: bad})
        escaped = r"\x1b[31m\x0d\x0a\x7f\xc2\x9b\x09"
        self.assertEqual(shown, "- -        {0} {0}: {0} {0}={0}\n".format(escaped))

    def test_many_attributes(self):
        many = {f"k{i}": "v" * i for i in range(200)}
        shown = self.line(attributes=many).split(": ")[1].split()
        self.assertEqual(sorted(shown), sorted(f"{k}={v or chr(34) * 2}" for k, v in many.items()))

    def test_are_the_default_with_severity_or_color_only(self):
        value = event(severity=5, message="m")
        line, text = "- ERROR    - -: m\n", '{"severity":"SEVERITY_ERROR","message":"m"}\n'
        for options, shown in [((), text), (("--severity", "info"), line),
                               (("--color", "never"), line), (("--color=auto",), line),
                               (("--format", "line"), line),
                               (("--severity", "info", "--format", "json"), text),
                               (("--color=always", "--format", "json"), text)]:
            self.assertEqual(self.shown([value], *EVENT, *options), shown)
        shown = self.shown([value], "--severity", "info", "--meta")
        self.assertEqual(json.loads(shown)["value"], json.loads(text))

    def test_line_of_other_messages_is_their_default(self):
        for codec, value, shown in [("text", "hi", "hi"), ("msgpack", "[1]", "[1]")]:
            for options in ("--format", "line"), ("--color",):
                listener = self.listen("x", "--codec", codec, "--count", "1", *options)
                self.assert_done(self.run_tool("send", "x", "--codec", codec, value))
                self.assertEqual(listener.finish().out.decode(), shown + "\n")

    def test_recorded_events_have_lines(self):
        path = os.path.join(self.directory, "events.rec")
        recorder = subprocess.Popen([TOOL, "record", "trace", "-o", path, *EVENT], env=self.env)
        self.addCleanup(recorder.wait)
        self.addCleanup(recorder.kill)
        self.wait_until(lambda: self.run_tool("info", "trace").status == DONE)
        self.assert_done(self.run_tool("send", "trace", *EVENT,
                                       event(severity=2, message="m", attributes={"a": "b"})))
        recorder.terminate()
        self.assertEqual(recorder.wait(PATIENCE), DONE)
        self.assertEqual(self.run_tool("cat", path, "--format", "line").out,
                         b"- INFO     - -: m a=b\n")


class Filter(TraceTest):
    def test_shows_that_and_worse(self):
        values = [event(severity=number, message=str(number)) for number in (-1, *range(8))]
        for least, name in enumerate(["UNSPECIFIED"] + NAMES):
            shown = [str(number) for number in range(least, 8)]
            listener = self.listen("trace", "--severity", name.lower(), "--count", str(len(shown)))
            self.assert_done(self.run_tool("send", "trace", *EVENT, *values))
            lines = listener.finish().out.decode().splitlines()
            self.assertEqual([line.split()[-1] for line in lines], shown)

    def test_without_it_everything_is_shown(self):
        values = [event(severity=number) for number in (-2147483648, 0, 2147483647)]
        self.assertEqual(self.shown(values, *EVENT, "--format", "line").count("\n"), 3)

    def test_others_do_not_count_as_come_in_time(self):
        debug, error = event(severity=1), event(severity=5, message="e")
        listener = self.listen("trace", "--severity", "error", "--count", "2", "--timeout", "8000")
        self.assert_done(self.run_tool("send", "trace", *EVENT, debug, error, debug))
        sender = subprocess.Popen(["sh", "-c", 'while "$0" send trace "$@" 2>&-; do :; done', TOOL,
                                   *EVENT, debug], env=self.env)
        self.addCleanup(sender.wait)
        result = listener.finish() # although one comes all the time
        self.assert_fails(result, FEWER, "1 of 2 messages")
        self.assertEqual(result.out, b"- ERROR    - -: e\n")

    def test_what_is_behind_many_others_is_found(self):
        listener = self.listen("trace", "--severity", "error", "--count", "1")
        self.assert_done(self.run_tool("send", "trace", *EVENT, *[event(severity=1)] * 1000,
                                       event(severity=6, message="last")))
        self.assertEqual(listener.finish().out, b"- CRITICAL - -: last\n")

    def test_what_does_not_decode_is_told_whatever_it_is(self):
        listener = self.listen("trace", "--severity", "critical", "--count", "1")
        self.assert_done(self.run_tool("send", "trace", "plain text"))
        self.assert_fails(listener.finish(), DONE, "mailslot: trace: ")

    def test_a_closed_pipe_ends_it_although_nothing_is_shown(self):
        reader, writer = os.pipe()
        listener = self.listen("trace", "--severity", "critical", stdout=writer)
        os.close(writer)
        os.close(reader)
        self.assert_done(listener.finish())

    def test_other_messages_are_a_usage_error(self):
        other = os.path.join(self.directory, "other.proto")
        with open(other, "w", encoding="utf-8") as file:
            file.write('syntax = "proto3"; package trace; message Event { string severity = 2; }')
        for options in [("--codec", "text"), ("--codec", "msgpack"), ("--schema", other),
                        (*EVENT, "--schema", other)]:
            self.assert_fails(self.run_tool("listen", "x", "--severity", "info", *options), USAGE,
                              "--severity is for", "trace.Event")
        self.assert_fails(self.run_tool("listen", "x", "--severity", "bad"), USAGE,
                          'invalid severity "bad"')

    def changed(self, old, new):
        """A schema like proto/trace.proto, but for that."""
        with open(PROTO, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(old, text)
        path = os.path.join(self.directory, "changed.proto")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
        return path

    def test_another_event_is_not_taken_for_ours(self):
        for old, new in [("string host = 3", "bytes host = 3"), ("message = 5", "message = 7"),
                         ("message = 5", "what = 5"), ("string process = 4;", ""),
                         ("string host = 3", "repeated string host = 3"),
                         ("string message = 5;", "oneof what { string message = 5; bytes b = 7; }"),
                         ("map<string, string>", "map<string, int32>")]:
            result = self.run_tool("listen", "x", "--severity", "info", "--schema",
                                   self.changed(old, new))
            self.assert_fails(result, USAGE, "--severity is for")
            self.assert_done(self.run_tool("listen", "x", *EVENT, "--format", "line", "--schema",
                                           self.changed(old, new), "--timeout", "0"))

    def test_a_schema_with_more_in_it_does(self):
        for old, new in [("", ""), ("message Event {", "message Event { string more = 9;"),
                         ("string message", "optional string message")]:
            schema = self.changed(old, new) if old else PROTO
            value = event(severity=4, message="m", host="h", attributes={"a": "b"})
            shown = self.shown([value], "--severity", "info", "--schema", schema)
            self.assertEqual(shown, "- WARNING  h -: m a=b\n")


class Color(TraceTest):
    COLORED = "\x1b[33mWARNING \x1b[m"

    def on_terminal(self, *options):
        """What a terminal gets of a warning that is traced."""
        terminal, side = pty.openpty()
        self.addCleanup(os.close, terminal)
        listener = self.listen("trace", *options, "--count", "1", stdout=side)
        self.assert_done(self.run_tool("trace", "-p", "p", "-s", "warning", "-a", "k=v", "m"))
        seen = ""
        while not seen.endswith("\n"):
            readable, _, _ = select.select([terminal], [], [], PATIENCE)
            self.assertTrue(readable, f"only {seen!r} came")
            seen += os.read(terminal, 4096).decode()
        self.assert_done(listener.finish())
        os.close(side)
        return seen

    def on_pipe(self, *options):
        listener = self.listen("trace", *options, "--count", "1")
        self.assert_done(self.run_tool("trace", "-p", "p", "-s", "warning", "-a", "k=v", "m"))
        return listener.finish().out.decode()

    def test_auto_is_on_a_terminal_only(self):
        for options in ((), ("--color=auto",), ("--color", "auto")):
            self.assertIn(self.COLORED, self.on_terminal("--severity", "info", *options))
            self.assertNotIn("\x1b", self.on_pipe("--severity", "info", *options))

    def test_always_and_never(self):
        for options in ("--color",), ("--color=always",), ("--color", "always"):
            self.assertIn(self.COLORED, self.on_pipe(*EVENT, *options))
            self.assertIn(self.COLORED, self.on_pipe("--severity", "info", *options))
        for options in ("--color=never",), ("--color", "never"):
            self.assertNotIn("\x1b", self.on_terminal("--severity", "info", *options))

    def test_auto_respects_the_environment(self):
        for name, value, colored in [("NO_COLOR", "1", False), ("NO_COLOR", "", True),
                                     ("TERM", "dumb", False), ("TERM", None, False)]:
            before = self.env.get(name)
            self.env[name] = value
            if value is None:
                del self.env[name]
            self.assertEqual("\x1b" in self.on_terminal("--severity", "info"), colored, name)
            self.assertIn("\x1b", self.on_terminal("--severity", "info", "--color"), name)
            self.env[name] = before
            if before is None:
                del self.env[name]

    def test_only_lines_have_colors(self):
        self.assertNotIn("\x1b", self.on_terminal(*EVENT))
        self.assertNotIn("\x1b", self.on_terminal(*EVENT, "--color", "--format", "json"))
        self.assertNotIn("\x1b", self.on_terminal(*EVENT, "--color", "--meta"))

    def test_colors_end_where_they_should(self):
        plain = self.on_pipe("--severity", "info")
        colored = self.on_pipe("--severity", "info", "--color")
        bare = re.sub(r"\x1b\[[0-9;]*m", "", colored)
        self.assertEqual(bare.split()[1:], plain.split()[1:])
        codes = re.findall(r"\x1b\[([0-9;]*)m", colored)
        self.assertEqual(codes, ["2", "", "33", "", "1", "", "33", "", "2", ""])

    def test_each_severity_has_its_own(self):
        shown = self.shown([event(severity=number) for number in range(8)], *EVENT, "--color")
        colors = [re.match(r"\S+ (?:\x1b\[([0-9;]+)m)?", line).group(1)
                  for line in shown.splitlines()]
        self.assertEqual(len(set(colors)), 7)
        self.assertEqual(colors[7], colors[6])

    def test_words_of_others_stay_arguments(self):
        self.assert_fails(self.run_tool("listen", "--color"), USAGE, "missing operand NAME")
        self.assert_fails(self.run_tool("listen", "x", "--color", "maybe"), USAGE,
                          'unexpected operand "maybe"')
        self.assert_fails(self.run_tool("listen", "x", "--color=maybe"), USAGE,
                          'invalid value "maybe"; valid are: always, auto, never')
        self.assert_fails(self.run_tool("listen", "x", "--color="), USAGE, 'invalid value ""')
        self.assert_fails(self.run_tool("listen", "x", "--color", "--color"), USAGE, "twice")
        self.assert_done(self.run_tool("listen", "--color", "always", "always", "--timeout", "0"))


if __name__ == "__main__":
    unittest.main()
