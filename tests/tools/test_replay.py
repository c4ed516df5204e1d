"""Record files sent again: what, where to, how fast."""

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from harness.tool import DONE, ERROR, NO_SLOT, PATIENCE, TOO_BIG, TOOL, USAGE, Result
from harness.recording import RecordTest, header, message
from harness.terminal import Terminal

SECOND = 1_000_000_000


class ReplayTest(RecordTest):
    def start(self, *arguments, **how):
        how.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen([TOOL, "replay", *arguments], env=self.env, **how)
        self.addCleanup(lambda: process.stderr and process.stderr.close())
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def replay(self, *arguments, **how):
        return self.run_tool("replay", self.path, *arguments, **how)


class Sending(ReplayTest):
    def test_to_the_slots_they_came_from(self):
        self.write(header("x", r"app\y") + b"".join(message(b"%d" % i, i, slot=i % 2)
                                                  for i in range(1000)))
        x, y = self.listen("X", "--count", "500"), self.listen("App/Y", "--count", "500")
        self.assert_done(self.replay())
        self.assertEqual(list(map(int, x.finish().out.split())), list(range(0, 1000, 2)))
        self.assertEqual(list(map(int, y.finish().out.split())), list(range(1, 1000, 2)))

    def test_times_since_1970_as_other_programs_print_them(self):
        start = 1_796_094_586
        self.write(header("x") + b"".join(message(b"%d" % i, (start + i) * SECOND)
                                          for i in range(4)))
        for since, until in ((start + 1, start + 3), (f"{start + 1}.0", f"{start + 2}.5"),
                             ((start + 1) * SECOND, (start + 3) * SECOND), ("1", "3"),
                             ((start + 1) * SECOND, start + 3)):
            with self.subTest(since=since, until=until):
                self.assert_prints(b"1\n2\n", self.path, "--from", str(since),
                                   "--until", str(until))

    def test_to_another_slot(self):
        self.write(header("x", "y") + message(b"a") + message(b"b", slot=1) + message(b"c"))
        listener = self.listen("z", "--count", "3")
        self.assert_done(self.replay("--to", "z"))
        self.assertEqual(listener.finish().out, b"a\nb\nc\n")

    def test_some_of_them(self):
        self.write(header("x", "y") + b"".join(message(b"%d" % i, SECOND + i * SECOND // 100,
                                                       slot=i % 2) for i in range(10)))
        for options, expected in ((("--slot", "X"), b"02468"), (("--slot", "y"), b"13579"),
                                  (("--slot", "x", "--slot", "y"), b"0123456789"),
                                  (("--from", "25ms"), b"3456789"), (("--until", "25ms"), b"012"),
                                  (("--slot", "x", "--from", "10ms", "--until", "60ms"), b"24")):
            listener = self.listen("z", "--count", str(len(expected)), "--format", "raw")
            self.assert_done(self.replay("--to", "z", *options))
            self.assertEqual(listener.finish().out, expected)
        self.assert_fails(self.replay("--slot", "none"), ERROR, self.path, "none")

    def test_from_standard_input_and_from_several_files(self):
        data = header("x") + message(b"a")
        other = self.write(header("y") + message(b"b"), "other")
        self.write(data)
        listener = self.listen("z", "--count", "5", "--format", "raw")
        with open(self.path, "rb") as stdin:
            self.assert_done(self.run_tool("replay", "-", "--to", "z", stdin=stdin))
        self.assert_done(self.run_tool("replay", "-", "--to", "z", stdin=data + data))
        self.assert_done(self.run_tool("replay", other, self.path, "--to", "z"))
        self.assertEqual(listener.finish().out, b"aaaba")

    def test_files_are_taken_in_the_order_in_which_they_were_begun(self):
        """Whatever the order of arguments: a shell sorts the newest, FILE, before FILE.000001."""
        names = ["x.rec", "x.rec.000002", "x.rec.000001"]
        for name, first in zip(names, (3, 2, 1)):
            self.write(header("x") + message(b"%d" % first, first * SECOND)
                       + message(b"%d" % (first + 3), (first + 3) * SECOND), name)
        self.write(header("x"), "empty")
        self.write(b"", "nothing")
        paths = [self.in_directory(name) for name in ("empty", *names)]
        self.assert_prints(b"1\n4\n2\n5\n3\n6\n", *paths)
        listener = self.listen("x", "--count", "6")
        self.assert_done(self.run_tool("replay", "--speed", "0", *paths))
        self.assertEqual(listener.finish().out, b"1\n4\n2\n5\n3\n6\n")
        result = self.cat(self.in_directory("nothing"), *paths)
        self.assert_fails(result, ERROR, "not a record file")
        self.assertEqual(result.out, b"1\n4\n2\n5\n3\n6\n")
        with open(paths[1], "rb") as file:  # standard input keeps its place
            result = self.run_tool("cat", "-", *paths[2:], stdin=file)
        self.assertEqual(result.out, b"3\n6\n1\n4\n2\n5\n")

    def test_nothing_is_sent_if_a_reader_is_missing(self):
        self.write(header("x", "y") + message(b"a") + message(b"b", slot=1))
        listener = self.listen("x")
        self.assert_fails(self.replay(), NO_SLOT, "y: ")
        self.assert_fails(self.replay("--to", "none"), NO_SLOT, "none: ")
        self.assertEqual(self.replay("--slot", "x").status, DONE)
        self.assertEqual(listener.line(), b"a\n")
        self.assertEqual(listener.end().out, b"")

    def test_a_reader_that_goes_ends_it(self):
        self.write(header("x") + message(b"a", 0) + message(b"b", 3600 * SECOND))
        listener = self.listen("x", "--count", "1")
        process = self.start(self.path, "--speed", "300")
        self.assertEqual(listener.finish().out, b"a\n")
        err = process.communicate(timeout=PATIENCE)[1].decode()
        self.assert_fails(Result(process.returncode, b"", err), NO_SLOT, "x: ", "message 2")

    def test_a_message_that_is_refused_does_not_stop_the_next(self):
        self.write(header("x") + message(b"a") + message(b"b" * 200) + message(b"c"))
        listener = self.listen("x", "--count", "2", "--max", "100")
        self.assert_fails(self.replay(), TOO_BIG, "200 bytes, limit 100", "message 2")
        self.assertEqual(listener.finish().out, b"a\nc\n")

    def test_a_full_slot_is_waited_for_or_not(self):
        big = message(b"x" * 60_000)
        self.write(header("x") + big * 400) # 24 MB, for a slot that holds 16 MiB
        out = tempfile.TemporaryFile() # not in the slots' memory, of which there may be 64 MiB
        self.addCleanup(out.close)
        listener = self.listen("x", "--count", "400", "--format", "raw", stdout=out)
        listener.process.send_signal(signal.SIGSTOP)
        self.wait_until(lambda: self.info("x")["count"] == 0)
        waiting = self.start(self.path)
        self.wait_until(lambda: self.info("x")["count"] > 200)
        result = self.run_tool("replay", self.path, "--put-timeout", "0")
        self.assertEqual(result.status, ERROR)
        self.assertIn("full", result.err.splitlines()[0])
        self.assertIsNone(waiting.poll())
        listener.process.send_signal(signal.SIGCONT)
        self.assert_done(listener.finish())
        waiting.wait(PATIENCE)
        self.assertEqual(os.fstat(out.fileno()).st_size, 400 * 60_000)

    def test_a_signal_ends_the_wait_for_a_full_slot(self):
        self.write(header("x") + message(b"x" * 60_000) * 400)
        listener = self.listen("x")
        listener.process.send_signal(signal.SIGSTOP)
        process = self.start(self.path)
        self.wait_until(lambda: self.info("x")["count"] >= 279)
        process.send_signal(signal.SIGTERM)
        err = process.communicate(timeout=PATIENCE)[1]
        self.assertEqual((process.returncode, err), (DONE, b""))


class Pace(ReplayTest):
    """Never early. How late depends on the machine, and fails no test."""

    def taken(self, *options):
        listener = self.listen("x", "--count", "3")
        begun = time.monotonic()
        self.assert_done(self.replay(*options))
        took = time.monotonic() - begun
        self.assertEqual(listener.finish().out, b"a\nb\nc\n")
        return took

    def test_as_they_came_or_as_many_times_as_fast(self):
        begin = 1_795_374_366 * SECOND
        self.write(header("x") + message(b"a", begin) + message(b"b", begin + SECOND // 5)
                   + message(b"c", begin + 2 * SECOND // 5))
        self.assertGreaterEqual(self.taken(), 0.4)
        self.assertGreaterEqual(self.taken("--speed", "0.5"), 0.8)
        self.assertGreaterEqual(self.taken("--speed", "4"), 0.1)

    def test_speed_0_does_not_wait_at_all(self):
        self.write(header("x") + message(b"a", 0) + message(b"b", 10 ** 15)
                   + message(b"c", 2 ** 64 - 1))
        self.taken("--speed", "0") # else it would take days

    def test_times_that_go_back_are_no_reason_to_wait(self):
        self.write(header("x") + message(b"a", 10 ** 18) + message(b"b", 5)
                   + message(b"c", 10 ** 18 - 1))
        self.taken()

    def test_a_step_of_the_system_clock_does_not_count(self):
        begun = 1_795_374_366 * SECOND
        self.write(header("x", begun=begun)
                   + message(b"a", begun + SECOND, elapsed=SECOND)
                   + message(b"b", begun - 3600 * SECOND, elapsed=SECOND + SECOND // 5)
                   + message(b"c", begun - 3599 * SECOND, elapsed=SECOND + 2 * SECOND // 5))
        self.assertGreaterEqual(self.taken(), 0.4)
        self.write(header("x", begun=begun) + message(b"a", begun, elapsed=1)
                   + message(b"b", begun + 10 ** 15, elapsed=2)
                   + message(b"c", begun + 10 ** 16, elapsed=SECOND // 5))
        self.assertGreaterEqual(self.taken(), 0.19)  # with the step it would take days

    def test_times_beyond_the_range_of_the_clock(self):
        last = 2 ** 64 - 1
        self.write(header("x", begun=last) + message(b"a", 0, elapsed=last)
                   + message(b"b", 1, elapsed=last - 1) + message(b"c", 2, elapsed=1))
        self.taken()

    def test_what_is_left_out_at_the_beginning_is_not_waited_for(self):
        self.write(header("x") + message(b"-", 0) + b"".join(
            message(text, 10 ** 15 + i) for i, text in enumerate((b"a", b"b", b"c"))))
        self.taken("--from", "1")

    def test_a_signal_ends_a_pause(self):
        self.write(header("x") + message(b"a", 0) + message(b"b", 2 ** 64 - 1))
        for number in (signal.SIGINT, signal.SIGTERM):
            listener = self.listen("x")
            process = self.start(self.path)
            self.assertEqual(listener.line(), b"a\n")
            process.send_signal(number)
            self.assertEqual(process.communicate(timeout=PATIENCE)[1], b"")
            self.assertEqual(process.returncode, DONE)
            self.assert_done(listener.end())

    def test_mistakes(self):
        self.write(header("x"))
        for value in ("", "-1", "x", "1x", "inf", "nan", "0x1", "1e3", "."):
            self.assert_fails(self.replay("--speed", value), USAGE, "--speed")
        for value in ("-2", "x"):
            self.assert_fails(self.replay("--put-timeout", value), USAGE, "--put-timeout")


class Loop(ReplayTest):
    def rounds(self, lines, *options, listen=()):
        """What replay says after many rounds, each of these lines, and a signal."""
        listener = self.listen("x", *listen)
        process = self.start(self.path, "--loop", *options)
        for _ in range(50):
            self.assertEqual([listener.line() for _ in lines], lines)
        process.send_signal(signal.SIGTERM)
        err = process.communicate(timeout=PATIENCE)[1].decode()
        return Result(process.returncode, b"", err)

    def took(self, count, *options):
        """How long it takes until so many messages have come."""
        listener = self.listen("x", "--count", str(count))
        begun = time.monotonic()
        process = self.start(self.path, "--loop", *options)
        self.assert_done(listener.finish())
        took = time.monotonic() - begun
        self.assertEqual(process.wait(PATIENCE), NO_SLOT)
        return took

    def test_again_and_again_until_a_signal(self):
        self.write(header("x") + message(b"a") + message(b"b"))
        self.assert_done(self.rounds([b"a\n", b"b\n"], "--speed", "0"))

    def test_each_round_has_its_pauses_and_one_before_it(self):
        self.write(header("x") + message(b"a", 0) + message(b"b", SECOND // 20))
        self.assertGreaterEqual(self.took(8), 0.35)

    def test_one_message_is_sent_once_a_second(self):
        for file in (message(b"a", SECOND), message(b"a", SECOND) + message(b"b", SECOND)):
            self.write(header("x") + file)
            self.assertGreaterEqual(self.took(4, "--speed", "10"), 0.1)
        self.write(header("x") + message(b"a", 2 ** 64 - 1))
        self.took(4)

    def test_a_signal_ends_the_pause_before_a_round(self):
        self.write(header("x") + message(b"a"))
        listener = self.listen("x")
        process = self.start(self.path, "--loop", "--speed", "0.000001")
        self.assertEqual(listener.line(), b"a\n")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.communicate(timeout=PATIENCE)[1], b"")
        self.assertEqual(process.returncode, DONE)

    def test_of_nothing_is_an_error(self):
        self.write(header("x") + message(b"a", SECOND))
        self.listen("x")
        self.assert_fails(self.replay("--loop", "--from", "1h"), ERROR, self.path, "no message")
        self.assert_fails(self.run_tool("replay", "-", "--loop"), USAGE, "--loop")

    def test_damage_does_not_end_it_and_is_told_once(self):
        self.write(header("x") + message(b"a") + b"junk" + message(b"b"))
        self.assert_fails(self.rounds([b"a\n", b"b\n"], "--speed", "0"), ERROR, "damaged")

    def test_a_torn_end_is_told_once(self):
        self.write(header("x") + message(b"a") + message(b"b")[:-1])
        self.assert_fails(self.rounds([b"a\n"], "--speed", "0"), DONE, "incomplete")

    def test_a_message_that_is_refused_does_not_end_it(self):
        self.write(header("x") + b"".join(message(text, i * SECOND // 1000) for i, text in
                                          enumerate((b"a", b"b" * 200, b"c"))))
        result = self.rounds([b"a\n", b"c\n"], listen=("--max", "100"))
        self.assertEqual(result.status, TOO_BIG)
        self.assertGreaterEqual(len(result.err.splitlines()), 49)

    def test_a_file_that_cannot_be_read_ends_it(self):
        self.write(header("x") + message(b"a"))
        listener = self.listen("x", "--count", "1")
        other = self.in_directory("none")
        self.assert_fails(self.run_tool("replay", other, self.path, "--loop"), ERROR, other)
        self.assertEqual(listener.finish().out, b"a\n")


class Progress(ReplayTest):
    """On a terminal only, and gone when it ends."""

    LINE = re.compile(r"\r([\d.]+ k?B) of ([\d.]+ k?B) \((\d+) %\), (\d+) messages, (\d+)/s"
                      r"(, \d+:\d\d:\d\d left) *")
    GONE = re.compile(r"\r +\r")

    def on_a_terminal(self, *command):
        terminal, side = pty.openpty()
        process = subprocess.Popen([TOOL, *command], env=self.env, stderr=side,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        os.close(side)
        self.addCleanup(os.close, terminal)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, terminal

    def read_until(self, terminal, seen, pattern):
        while not re.search(pattern, seen):
            ready, _, _ = select.select([terminal], [], [], PATIENCE)
            self.assertTrue(ready, f"only {seen!r} came")
            seen += os.read(terminal, 4096).decode()
        return seen

    @staticmethod
    def rest(terminal):
        seen = ""
        try:
            while True:
                seen += os.read(terminal, 4096).decode()
        except OSError: # nobody has the other side any more
            return seen

    def two_messages(self):
        """A file that is not over for long, and who reads them."""
        self.write(header("x") + message(b"a" * 1000, 0) + message(b"b" * 4000, 2 ** 62))
        self.listen("x")

    def screen(self, columns):
        """A terminal in which they are sent."""
        self.two_messages()
        return Terminal(self, f"'{TOOL}' replay '{self.path}'", columns, 10)

    @unittest.skipUnless(shutil.which("tmux"), "SKIPPED: no tmux")
    def test_as_a_person_sees_it(self):
        screen = self.screen(80)
        lines = screen.shows(lambda lines: "2 messages" in lines[0])
        self.assertRegex(lines[0], r"\A5\.\d kB of 5\.\d kB \(100 %\), 2 messages, \d+/s, "
                                   r"[\d:]+ left")
        screen.press("C-c")
        lines = screen.shows(lambda lines: any("ended with" in line for line in lines))
        self.assertNotIn(" %)", "\n".join(lines))

    @unittest.skipUnless(shutil.which("tmux"), "SKIPPED: no tmux")
    def test_is_cut_off_where_a_terminal_is_narrow(self):
        screen = self.screen(25)
        lines = screen.shows(lambda lines: "(100 %)" in lines[0])
        self.assertRegex(lines[0], r"\A5\.\d kB of 5\.\d kB \(100 %\)\Z")
        self.assertEqual("".join(lines[1:]), "")

    def test_of_replay(self):
        self.two_messages()
        process, terminal = self.on_a_terminal("replay", self.path)
        seen = self.read_until(terminal, "", r" 2 messages.*left")
        process.send_signal(signal.SIGTERM)
        seen += self.rest(terminal)
        self.assertEqual(process.wait(PATIENCE), DONE)
        shown = self.LINE.findall(seen)
        self.assertEqual(shown[-1][1], "5.1 kB")
        self.assertRegex(seen, r"\r +\r\Z")
        self.assertEqual(self.GONE.sub("", self.LINE.sub("", seen)), "")

    def test_of_record(self):
        process, terminal = self.on_a_terminal("record", "x", "-o", self.path)
        self.wait_until(lambda: self.run_tool("info", "x").status == DONE)
        self.send("x", "one", "two")
        seen = self.read_until(terminal, "", r"\r[\d.]+ k?B, 2 messages, \d+/s")
        process.send_signal(signal.SIGINT)
        self.assertRegex(seen + self.rest(terminal), r"\r +\r\Z")
        self.assertEqual(process.wait(PATIENCE), DONE)

    def test_makes_way_for_what_else_is_said(self):
        self.write(header("x") + message(b"a", 0) + b"junk" + message(b"b", SECOND // 2))
        self.listen("x")
        process, terminal = self.on_a_terminal("replay", self.path)
        seen = self.rest(terminal)
        self.assertEqual(process.wait(PATIENCE), ERROR)
        self.assertRegex(seen, r"(\A|\r +\r)mailslot: [^\r]*damaged[^\r]*\r\n")

    def test_is_for_nobody_else(self):
        self.write(header("x") + message(b"a", 0) + message(b"b", SECOND // 2))
        self.listen("x")
        self.assertEqual(self.replay().err, "")
        self.assertEqual(self.cat().err, "")


if __name__ == "__main__":
    unittest.main()
