"""top: samples as JSON and as lines, and the whole screen through tmux, as somebody uses it."""

import fcntl
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import termios
import unittest

from harness.tool import DONE, ERROR, PATIENCE, TOOL, USAGE, RunningTool, ToolTest
from harness.terminal import Terminal

RATES = {"messages_in_rate": "messages_in", "bytes_in_rate": "bytes_in",
         "messages_out_rate": "messages_out", "bytes_out_rate": "bytes_out"}
TITLES = ["TIME", "WAITING", "USED%", "IN/s", "IN", "B/s", "OUT/s", "OUT", "B/s", "P50", "MAX",
          "REFUSED", "BAD", "LOST", "PID", "COMMAND", "NAME"]


class Stream(RunningTool):
    """A running top whose output is read line by line."""

    def __init__(self, case, *options):
        super().__init__(case, [TOOL, "top", "--interval", "0.1", *options])

    def line(self):
        return super().line().decode()

    def sample(self):
        sample = json.loads(self.line())
        return sample, {slot["name"]: slot for slot in sample["slots"]}

    def sample_when(self, condition):
        """The first sample whose slots are so."""
        while True:
            sample, slots = self.sample()
            if condition(slots):
                return sample, slots


class TopTest(ToolTest):
    def send(self, name, *values):
        self.assert_done(self.run_tool("send", name, "--", *values))

    def once(self, *options):
        result = self.run_tool("top", "--once", "--interval", "0.1", *options)
        self.assert_done(result)
        return result.out.decode()


class Json(TopTest):
    def test_no_slots(self):
        sample = json.loads(self.once("--json"))
        self.assertEqual(list(sample), ["time_ns", "seconds", "slots"])
        self.assertEqual(sample["slots"], [])
        self.assertGreaterEqual(sample["seconds"], 0.1)

    def test_a_sample_is_what_info_says_and_the_rates(self):
        self.listen("b")
        reader = self.listen("A").process.pid
        self.send("a", "one", "three")
        self.wait_until(lambda: self.info("a")["messages_out"] == 2)
        sample = json.loads(self.once("--json"))
        self.assertEqual([slot["name"] for slot in sample["slots"]], ["A", "b"])
        slot = sample["slots"][0]
        info = self.info("a")
        info["name"] = "A"
        self.assertEqual({key: slot[key] for key in info}, info)
        self.assertEqual(list(slot), [*info, "command", *RATES, "size_p50"])
        with open(f"/proc/{reader}/comm", encoding="utf-8") as comm:
            self.assertEqual(slot["command"], comm.read().rstrip("\n"))
        self.assertEqual([slot[rate] for rate in RATES], [0.0] * 4)
        self.assertIsNone(slot["size_p50"])

    def test_rates_are_what_the_counters_did(self):
        self.listen("x")
        stream = Stream(self, "--json")
        _, before = stream.sample_when(lambda slots: slots["x"]["messages_in_rate"] is not None)
        self.send("x", "12345", "12345", "123456789")
        seen = 0
        while seen < 3:
            sample, now = stream.sample()
            new = now["x"]["messages_in"] - before["x"]["messages_in"]
            for rate, counter in RATES.items():
                self.assertAlmostEqual(now["x"][rate] * sample["seconds"],
                                       now["x"][counter] - before["x"][counter], places=6)
            sizes = [a - b for a, b in zip(now["x"]["sizes"], before["x"]["sizes"])]
            self.assertEqual(sum(sizes), new)
            if new == 0:
                self.assertIsNone(now["x"]["size_p50"])
            elif sizes[3] * 2 >= new: # of 4 to 7 bytes
                self.assertEqual(now["x"]["size_p50"], min(7, now["x"]["largest"]))
            seen += new
            before = now
        self.assertEqual(now["x"]["largest"], 9)

    def test_slots_come_and_go(self):
        stream = Stream(self, "--json")
        self.assertEqual(stream.sample()[1], {})
        first = self.listen("x")
        _, slots = stream.sample_when(lambda slots: "x" in slots)
        self.assertEqual(slots["x"]["reader_pid"], first.process.pid)
        self.assertEqual([slots["x"][rate] for rate in RATES], [None] * 4)
        stream.sample_when(lambda slots: slots["x"]["messages_in_rate"] == 0)
        first.process.kill()
        first.process.wait()
        stream.sample_when(lambda slots: not slots)
        second = self.listen("x")
        _, slots = stream.sample_when(lambda slots: "x" in slots)
        self.assertEqual(slots["x"]["reader_pid"], second.process.pid)

    def test_no_message_is_taken(self):
        listener = self.stuck_listener("x")
        before = self.info("x")
        stream = Stream(self, "--json")
        for _ in range(5):
            _, slots = stream.sample()
            self.assertEqual(slots["x"]["count"], before["count"])
        self.assertEqual(self.info("x"), before)
        self.assertGreater(slots["x"]["used"], 0)
        listener.process.send_signal(signal.SIGTERM)
        listener.finish()

    def test_signals_and_a_closed_pipe_end_it(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            stream = Stream(self, "--json")
            stream.sample()
            stream.process.send_signal(number)
            _, err = stream.process.communicate(timeout=PATIENCE)
            self.assertEqual((stream.process.returncode, err), (DONE, b""))
        stream = Stream(self, "--json")
        stream.sample()
        stream.process.stdout.close()
        self.assertEqual(stream.process.wait(PATIENCE), DONE)
        self.assertEqual(stream.process.stderr.read(), b"")


class Newest(TopTest):
    EVENT = {"severity": "SEVERITY_WARNING", "message": "disk almost full"}

    def newest(self, *options):
        sample = json.loads(self.once("--json", *options))
        return {slot["name"]: slot["newest"] for slot in sample["slots"]}

    def test_decoded_with_the_codec_of_each_slot(self):
        event = ("--codec", "protobuf:trace.Event")
        self.listen("Trace", *event)
        self.listen("text")
        self.listen("quiet")
        self.assert_done(self.run_tool("send", "trace", *event, json.dumps(self.EVENT)))
        self.send("text", "first", "last")
        for name, count in ("trace", 1), ("text", 2):
            self.wait_until(lambda: self.info(name)["messages_out"] == count)
        newest = self.newest("--codec", "text", "--codec", "TRACE=protobuf:trace.Event")
        self.assertEqual(newest["Trace"]["value"], self.EVENT)
        self.assertGreater(newest["Trace"]["time_ns"], 10**18)
        self.assertEqual(list(newest["text"]), ["time_ns", "size", "value"])
        self.assertEqual((newest["text"]["size"], newest["text"]["value"]), (4, "last"))
        self.assertIsNone(newest["quiet"])
        self.assertIsNone(self.newest("--codec", "quiet=text")["text"])

    def test_names_are_compared_without_the_locale(self):
        """In Turkish, lower-case I is not i. Without localedef or its sources the C locale
        remains, which is worth the look too."""
        locale = os.path.join(self.directory, "tr_TR.UTF-8")
        if shutil.which("localedef"):
            subprocess.run(["localedef", "--no-archive", "-i", "tr_TR", "-f", "UTF-8", locale],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        self.env.update(LOCPATH=self.directory, LC_ALL="tr_TR.UTF-8")
        # glibc does not free what it makes of LOCPATH, which LeakSanitizer reports.
        self.env["ASAN_OPTIONS"] = "detect_leaks=0"
        self.listen("info", "--codec", "msgpack")
        self.assert_done(self.run_tool("send", "info", "--codec", "msgpack", "[1]"))
        for name in "INFO", "Info", r"\\.\MAILSLOT\INFO", "//./Mailslot/inFO":
            with self.subTest(name=name):
                newest = self.newest("--codec", f"{name}=msgpack")
                self.assertEqual(newest["info"]["value"], [1])

    def test_it_is_shown_before_and_after_it_is_taken_and_stays(self):
        listener = self.stuck_listener("x")
        self.send("x", "the last")
        before = self.info("x")
        self.assertEqual(self.newest("--codec", "text")["x"]["value"], "the last")
        self.assertEqual(self.info("x"), before)
        end = b""
        while not end.endswith(b"the last"):
            end = end[-16:] + listener.process.stdout.read(65536)
        self.assertEqual(self.newest("--codec", "text")["x"]["value"], "the last")

    def test_what_does_not_decode_is_named(self):
        self.listen("x")
        self.send("x", "{")
        newest = self.newest("--codec", "protobuf:trace.Event")["x"]
        self.assertEqual((newest["error"], newest["size"]), ("BAD_MESSAGE", 1))
        self.assertNotIn("value", newest)
        self.assertEqual(self.info("x")["bad_messages"], 0)

    def test_with_a_schema(self):
        schema = os.path.join(self.directory, "shop.proto")
        with open(schema, "w", encoding="utf-8") as file:
            file.write('syntax = "proto3"; package shop; message Order { int32 count = 1; }')
        options = ("--schema", schema, "--codec", "protobuf:shop.Order")
        self.listen("x")
        self.assert_done(self.run_tool("send", "x", *options, '{"count":3}'))
        self.assertEqual(self.newest(*options)["x"]["value"], {"count": 3})

    def test_usage(self):
        for arguments in (["--codec", "none"], ["--codec", "x=none"], ["--schema", "x.proto"]):
            with self.subTest(arguments=arguments):
                self.assert_fails(self.run_tool("top", "--once", *arguments), USAGE, "--help")


class Lines(TopTest):
    def test_titles_and_no_slots(self):
        lines = self.once().splitlines()
        self.assertEqual([line.split() for line in lines], [TITLES])

    def test_a_line_for_each_slot(self):
        first, second = self.listen("two words"), self.listen("k\u00e4se/\u6f22\u5b57")
        lines = self.once().splitlines()
        self.assertEqual(len(lines), 3)
        words = [re.split(r" +", line, maxsplit=14) for line in lines[1:]]
        for line in words:
            self.assertRegex(line[0], r"\A\d\d:\d\d:\d\d\Z")
            self.assertEqual(line[1:12], ["0", "0.0", "0", "0", "0", "0", "-", "-", "0", "0", "0"])
        self.assertEqual([line[14] for line in words], ["k\u00e4se\\\u6f22\u5b57", "two words"])
        self.assertEqual([int(line[12]) for line in words],
                         [second.process.pid, first.process.pid])

    def test_amounts_are_written_out(self):
        self.stuck_listener("x")
        words = self.once().splitlines()[1].split()
        info = self.info("x")
        self.assertEqual(words[1:3], [str(info["count"]),
                                      f"{100 * info['used'] / info['capacity']:.1f}"])
        self.assertEqual(words[8:9], ["60000"])

    def test_a_command_with_spaces_is_one_word(self):
        listener = self.listen("x")
        program = os.path.join(self.directory, "two words")
        shutil.copy(TOOL, program)
        listener.end()
        process = subprocess.Popen([program, "listen", "x"], env=self.env,
                                   stdout=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.wait_until(lambda: self.run_tool("info", "x").status == DONE)
        self.assertEqual(self.once().splitlines()[1].split()[13:], ["two_words", "x"])

    def test_lines_go_on(self):
        self.listen("x")
        stream = Stream(self)
        self.assertEqual(stream.line().split(), TITLES)
        for _ in range(3):
            self.assertEqual(stream.line().split()[-1], "x")

    def test_a_terminal_that_cannot_be_drawn_on_gets_lines(self):
        self.listen("x")
        for terminal in ("dumb", "no-such-terminal"):
            self.env["TERM"] = terminal
            main, side = os.openpty()
            top = subprocess.Popen([TOOL, "top", "--interval", "0.1"], env=self.env, stdin=side,
                                   stdout=side, stderr=side)
            os.close(side)
            seen = b""
            while seen.count(b"\n") < 3:
                seen += os.read(main, 4096)
            top.terminate()
            self.assertEqual(top.wait(PATIENCE), DONE)
            os.close(main)
            lines = seen.decode().splitlines()
            self.assertEqual(lines[0].split(), TITLES)
            self.assertEqual(lines[1].split()[-1], "x")


class Usage(TopTest):
    def test_usage(self):
        for arguments in (["x"], ["--interval"], ["--interval", "0"], ["--interval", "0.05"],
                          ["--interval", "2h"], ["--interval", "-1"], ["--interval", "x"],
                          ["--once=1"], ["--none"]):
            with self.subTest(arguments=arguments):
                self.assert_fails(self.run_tool("top", *arguments), USAGE, "--help")

    def test_intervals_take_units(self):
        for interval in ("0.1", "100ms", "0.1s", ".".join("01")):
            self.assert_done(self.run_tool("top", "--once", "--interval", interval))

    def test_failures_are_reported(self):
        with open("/dev/full", "wb") as full:
            self.assert_fails(self.run_tool("top", "--once", "--interval", "0.1", stdout=full),
                              ERROR, "standard output")
        os.mkdir(os.path.join(self.directory, f"mailslot-{os.geteuid()}"), 0o777)
        os.chmod(os.path.join(self.directory, f"mailslot-{os.geteuid()}"), 0o777)
        self.assert_fails(self.run_tool("top", "--once"), ERROR, "mailslot-")


@unittest.skipUnless(shutil.which("tmux"), "SKIPPED: no tmux")
class Screen(TopTest):
    def start(self, width=120, height=20, interval="0.1", options=""):
        return Terminal(self, f"'{TOOL}' top --interval {interval} {options}", width, height)

    @staticmethod
    def names(lines):
        return [line.split()[0] for line in lines[3:] if line]

    def test_slots_and_their_columns(self):
        pid = self.listen("x").process.pid
        self.listen("k\u00e4se/\u6f22\u5b57")
        screen = self.start()
        lines = screen.shows(lambda lines: " 0  " in lines[4])
        self.assertRegex(lines[0], r"\Amailslot top  \d\d:\d\d:\d\d  every 0.1 s  by name\Z")
        self.assertEqual(lines[1], "2 slots, 0 waiting, in 0/s (0 B/s), out 0/s")
        self.assertEqual(lines[2].split()[:5], ["NAME", "PID", "READER", "WAITING", "USED"])
        self.assertEqual(self.names(lines), ["k\u00e4se\\\u6f22\u5b57", "x"])
        self.assertIn(f" {pid} ", lines[4])
        end = lines[2].index("WAITING") + len("WAITING")
        self.assertEqual(lines[4][end - 2:end], " 0")
        # Two characters of two columns each, so that all behind them stands two to the left.
        self.assertEqual(lines[3][end - 4:end - 2], " 0")

    def test_newest_messages_stand_below_their_slots(self):
        for name in ("a", "b", "c"):
            self.listen(name)
        self.send("a", "bell \a and \x1b[31mred")
        self.send("c", "k\u00e4se")
        screen = self.start(options="--codec text")
        lines = screen.shows(lambda lines: len(lines) > 8)
        self.assertEqual([line.split()[0] for line in lines[3::2]], ["a", "b", "c"])
        self.assertEqual(lines[4:9:2], [r'  "bell \u0007 and \u001b[31mred"', "",
                                        '  "k\u00e4se"'])
        screen.resize(80, 7) # two of them
        screen.shows(lambda lines: lines[5].startswith("b ") and not any(lines[6:]))
        screen.press("End")
        screen.shows(lambda lines: lines[5].startswith("c ") and "k\u00e4se" in lines[6])

    def test_q_gives_the_terminal_back(self):
        screen = self.start()
        screen.shows(lambda lines: "no mailslots" in lines[1])
        screen.press("q")
        screen.shows(lambda lines: lines[0] == "ended with 0")

    def test_a_signal_gives_the_terminal_back(self):
        screen = self.start(interval="600")
        screen.shows(lambda lines: "no mailslots" in lines[1])
        screen.press("C-c")
        screen.shows(lambda lines: lines[0] == "ended with 0")

    def test_slots_come_and_go(self):
        screen = self.start()
        screen.shows(lambda lines: "no mailslots" in lines[1])
        listener = self.listen("x")
        screen.shows(lambda lines: self.names(lines) == ["x"])
        listener.process.kill()
        listener.process.wait()
        screen.shows(lambda lines: "no mailslots" in lines[1] and not self.names(lines))

    def test_sorting(self):
        self.listen("a")
        self.stuck_listener("b")
        self.listen("c")
        self.send("c", "x")
        screen = self.start()
        screen.shows(lambda lines: self.names(lines) == ["a", "b", "c"])
        for key, by in ("w", "waiting"), ("u", "capacity used"):
            screen.press(key)
            screen.shows(lambda lines: lines[0].endswith(f"  by {by}")
                         and self.names(lines) == ["b", "a", "c"])
        screen.press("r")
        screen.shows(lambda lines: lines[0].endswith("used, reversed")
                     and self.names(lines) == ["a", "c", "b"])
        for key, by in (("i", "messages in"), ("b", "bytes in"), ("o", "messages out"),
                        ("e", "refused, bad and lost"), ("n", "name")):
            screen.press(key)
            screen.shows(lambda lines: lines[0].endswith(f"  by {by}")
                         and self.names(lines) == ["a", "b", "c"])

    def test_pause_stands_still(self):
        screen = self.start()
        screen.shows(lambda lines: "no mailslots" in lines[1])
        screen.press("p")
        paused = screen.shows(lambda lines: "PAUSED" in lines[0])
        self.listen("x")
        stream = Stream(self, "--json")
        for _ in range(4): # as long as it takes another top, which is not paused, to look
            stream.sample()
        self.assertEqual(screen.lines(), paused)
        screen.press("p")
        lines = screen.shows(lambda lines: self.names(lines) == ["x"])
        self.assertNotIn("PAUSED", lines[0])

    def test_help(self):
        screen = self.start()
        screen.shows(lambda lines: "no mailslots" in lines[1])
        screen.press("?")
        lines = screen.shows(lambda lines: lines[0].split() == ["q", "quit"])
        for line in lines:
            self.assertLessEqual(len(line), 79)
        screen.press("x")
        screen.shows(lambda lines: "no mailslots" in lines[1])

    def test_resizing(self):
        self.listen("x")
        screen = self.start()
        screen.shows(lambda lines: lines[2].endswith("LOST"))
        screen.resize(60, 10)
        screen.shows(lambda lines: lines[2].startswith("NAME") and "LOST" not in lines[2]
                     and len(lines[2]) == 60 and self.names(lines) == ["x"])
        for width, height in ((15, 10), (60, 3)):
            screen.resize(width, height)
            screen.shows(lambda lines: lines[0] == "too small" and not any(lines[1:]))
        screen.resize(150, 30)
        screen.shows(lambda lines: len(lines[2]) == 150 and self.names(lines) == ["x"])

    def test_scrolling(self):
        names = [f"s{i:02}" for i in range(9)]
        for name in names:
            self.listen(name)
        screen = self.start(height=7) # four of them
        screen.shows(lambda lines: self.names(lines) == names[:4])
        for keys, first in (("Down", 1), ("PageDown", 5), ("PageDown Up", 4), ("Home", 0),
                            ("End", 5), ("End PageDown PageDown Up", 4), ("PageUp", 0),
                            ("PageUp Down", 1)):
            screen.press(*keys.split())
            screen.shows(lambda lines: self.names(lines) == names[first:first + 4])

    def test_a_terminal_that_vanishes_ends_it(self):
        main, side = os.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        env = dict(self.env, TERM="xterm")
        top = subprocess.Popen([TOOL, "top", "--interval", "600"], env=env, stdin=side, stdout=side,
                               stderr=side, start_new_session=True)
        self.addCleanup(top.wait)
        self.addCleanup(top.kill)
        os.close(side)
        seen = b""
        while b"no mailslots" not in seen:
            seen += os.read(main, 4096)
        os.close(main)
        self.assertEqual(top.wait(PATIENCE), DONE)


if __name__ == "__main__":
    unittest.main()
