"""Record files to which something has happened: recorders that were killed, damage, strange files.
Where the tool says what is whole, it must agree with recording.py."""

import contextlib
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import time
import unittest

from harness.tool import DONE, ERROR, TOOL, USAGE
from harness.recording import RecordTest, crc32c, entry, header, message, messages_of, whole_entries

SECOND = 1_000_000_000
RUNS = 40


class Killed(RecordTest):
    def test_whatever_instant_a_recorder_is_killed_at_its_file_is_good(self):
        """Numbers come in as fast as they can be sent. Those in the file are the first ones, each
        once and whole."""
        chance = random.Random(1)
        lines = self.write(b"".join(b"%d %s\n" % (i, b"x" * (i % 700)) for i in range(100_000)),
                           "lines")
        most = 0
        for run in range(RUNS):
            path = self.in_directory(f"{run}.rec")
            rotation = ("--rotate-size", "100K") if run % 4 == 3 else ()
            recorder = self.record("x", options=("--max", "1000", *rotation), path=path)
            with open(lines, "rb") as stdin:
                sender = subprocess.Popen([TOOL, "send", "x", "--put-timeout", "-1"], env=self.env,
                                          stdin=stdin, stderr=subprocess.DEVNULL)
            time.sleep(chance.random() * 0.05)
            recorder.process.send_signal(signal.SIGKILL)
            self.assertEqual(recorder.process.wait(), -signal.SIGKILL)
            sender.wait()
            most = max(most, self.check_numbers(path))
        self.assertGreater(most, 1000)

    def test_a_recorder_is_killed_at_each_of_its_system_calls_with_files(self):
        """So that it happens between any two steps of beginning, ending and removing files."""
        trial = shutil.which("strace") and subprocess.run(
            ["strace", "-o", "/dev/null", "-e", "inject=rename:signal=KILL", "true"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not trial or trial.returncode:
            print("SKIPPED: killed at each system call: no strace, or it may not trace here")
            self.skipTest("no strace")
        lines = b"".join(b"%d\n" % i for i in range(300))
        ends = set()
        for call, times, step in (("openat", 30, 4), ("close", 30, 4), ("write", 7, 1),
                                  ("linkat", 3, 1), ("rename", 3, 1), ("unlink", 3, 1),
                                  ("flock", 3, 1)):
            for number in range(1, times + 1, step):
                path = self.in_directory(f"{call}-{number}.rec")
                tracer = ("strace", "-f", "-o", "/dev/null", "-e",
                          f"inject={call}:signal=KILL:when={number}")
                recorder = self.record("x", options=("--max", "100", "--rotate-size", "1500",
                                                     "--quota", "4000"), path=path, under=tracer)
                self.run_tool("send", "x", stdin=lines)
                self.end_traced(recorder)
                ends.add(recorder.finish().status)
                self.check_numbers(path, quota=True)
        self.assertIn(-signal.SIGKILL, ends)

    def end_traced(self, recorder):
        """The tracer does not pass signals on."""
        info = self.run_tool("info", "x", "--json")
        if info.status == DONE:
            with contextlib.suppress(ProcessLookupError): # killed meanwhile
                os.kill(json.loads(info.out)["reader_pid"], signal.SIGTERM)

    def check_numbers(self, path, quota=False):
        files = sorted(name for name in os.listdir(self.directory)
                       if name.startswith(os.path.basename(path) + "."))
        files = [self.in_directory(name) for name in files]
        files += [path] * os.path.exists(path) # killed between two names, it has only the first
        if not files:
            return 0
        result = self.cat(*files)
        self.assertEqual(result.status, DONE, result)
        self.assertRegex(result.err, rf"\A(mailslot: {path}: the entry at offset \d+ is "
                                     rf"incomplete: skipped the last \d+ bytes\n)?\Z")
        numbers = [int(line.split()[0]) for line in result.out.splitlines()]
        first = numbers[0] if quota and numbers else 0
        self.assertEqual(numbers, list(range(first, first + len(numbers))))
        self.assertEqual(len(numbers), sum(len(messages_of(self.read(file))) for file in files))
        for file in files:
            os.remove(file)
        return len(numbers)

    def test_an_entry_is_cut_off_at_every_byte(self):
        good = header("x") + message(b"first", SECOND, pid=1)
        last = message(b"the last message", 2 * SECOND, remote=True, computer=b"PC", address="::1")
        for size in range(len(last) + 1):
            self.write(good + last[:size])
            result = self.cat()
            self.assertEqual(result.status, DONE, size)
            whole = size in (0, len(last))
            self.assertEqual(result.out, b"first\n" + b"the last message\n" * (size == len(last)))
            self.assertEqual(result.err, "" if whole else
                             f"mailslot: {self.path}: the entry at offset {len(good)} is "
                             f"incomplete: skipped the last {size} bytes\n")

    def test_a_file_is_cut_off_at_every_byte(self):
        data = header("x", "y") + message(b"first") + message(b"", slot=1)
        ends = [whole.end for whole in whole_entries(data)]
        for size in range(1, len(data) + 1):
            self.write(data[:size])
            result = self.cat()
            self.assertEqual(result.status, DONE, size)
            self.assertEqual(result.out, b"first\n" * (size >= ends[2]) + b"\n" * (size >= ends[3]))
            self.assertEqual(result.err == "", size in ends, size)

    def test_replay_drops_a_torn_end_too(self):
        last = message(b"last")
        self.write(header("x") + message(b"first") + last[:-1])
        listener = self.listen("x", "--count", "1")
        self.assert_fails(self.run_tool("replay", self.path), DONE, self.path, "incomplete")
        self.assertEqual(listener.finish().out, b"first\n")


class Damaged(RecordTest):
    def test_every_bit_of_an_entry_is_turned_over(self):
        before = header("x") + message(b"first")
        victim, after = message(b"victim"), message(b"third") + message(b"fourth")
        for bit in range(8 * len(victim)):
            damaged = bytearray(victim)
            damaged[bit // 8] ^= 1 << bit % 8
            self.write(before + damaged + after)
            result = self.cat()
            self.assertEqual(result.out, b"first\nthird\nfourth\n", bit)
            self.assert_fails(result, ERROR, f"{self.path}: damaged at offset {len(before)}: ",
                              f" skipped {len(victim)} bytes")

    def test_bytes_are_missing_or_too_many(self):
        before = header("x") + message(b"first")
        for between in (b"\0" * 100, os.urandom(5000), message(b"lost" * 1000)[:3000],
                        message(b"lost")[3:], b"\xff\xff\xff\x1f\x1a"):
            self.write(before + between + message(b"third"))
            result = self.cat()
            self.assertEqual(result.out, b"first\nthird\n")
            self.assert_fails(result, ERROR, f"offset {len(before)}: ", f" {len(between)} bytes")

    def test_two_places_are_two_lines(self):
        self.write(header("x") + b"\0" + message(b"one") + b"\0\0" + message(b"two"))
        result = self.cat()
        self.assertEqual((result.status, result.out), (ERROR, b"one\ntwo\n"))
        self.assertRegex(result.err,
                         r"\A.* skipped 1 bytes\n.* skipped 2 bytes\n\Z")

    def damaged_header(self, *slots):
        damaged = bytearray(header(*slots))
        damaged[whole_entries(bytes(damaged))[1].offset + 4] ^= 1
        return bytes(damaged)

    def assert_lines(self, result, out, *words):
        """Damage of a header, and one more line that has the words, unless there are none."""
        self.assertEqual((result.status, result.out), (ERROR, out), result)
        lines = result.err.splitlines()
        self.assertIn("damaged at offset", lines[0])
        self.assertEqual(len(lines), 1 + bool(words), result)
        for word in words:
            self.assertIn(word, lines[1])

    def test_without_a_header_messages_are_of_no_slot(self):
        self.write(self.damaged_header("x", "y") + message(b"one") + message(b"two", slot=1))
        self.assert_lines(self.cat(), b"", " 2 intact messages", "--codec SPEC")
        self.assert_lines(self.cat(self.path, "--codec", "x=text"), b"", " 2 intact messages")
        self.assert_lines(self.cat(self.path, "--slot", "x", "--codec", "text"), b"",
                          " 2 intact messages")
        self.assert_lines(self.run_tool("replay", self.path), b"", " 2 intact messages",
                          "--to NAME")

    def test_without_a_header_all_messages_have_the_codec_or_the_slot_that_is_named(self):
        self.write(self.damaged_header("x", "y") + message(b"one") + message(b"two", slot=1))
        self.assert_lines(self.cat(self.path, "--codec", "text"), b"one\ntwo\n")
        listener = self.listen("z", "--count", "2")
        self.assert_lines(self.run_tool("replay", self.path, "--to", "z"), b"")
        self.assertEqual(listener.finish().out, b"one\ntwo\n")

    def test_without_a_header_messages_are_not_of_the_slots_of_the_file_before(self):
        whole = header(("x", "msgpack")) + message(b"\x05")
        self.write(whole + self.damaged_header("y") + message(b"\x06"))
        self.assert_lines(self.cat(), b"5\n", " 1 intact messages")
        self.assert_lines(self.cat(self.path, "--codec", "bytes", "--format", "hex"), b"05\n06\n")
        self.write(self.damaged_header("y") + message(b"\x06") + whole + whole)
        self.assert_lines(self.cat(), b"5\n5\n", " 1 intact messages")
        self.assert_lines(self.cat(self.path, "--codec", "bytes", "--format", "hex"),
                          b"06\n05\n05\n")

    def test_zeros_behind_the_end_are_damage(self):
        data = header("x") + message(b"first")
        self.write(data + b"\0" * 4096)
        result = self.cat()
        self.assertEqual(result.out, b"first\n")
        self.assert_fails(result, ERROR, f"offset {len(data)}: ", " 4096 bytes")

    def test_a_large_hole_is_passed_over(self):
        data = header("x") + message(b"first")
        hole = 20 * 1024 * 1024
        with open(self.path, "wb") as file:
            file.write(data)
            file.seek(hole, os.SEEK_CUR)
            file.write(message(b"last"))
        result = self.cat()
        self.assertEqual(result.out, b"first\nlast\n")
        self.assert_fails(result, ERROR, f" {hole} bytes")

    def test_replay_sends_what_is_whole(self):
        self.write(header("x") + message(b"one") + b"junk" + message(b"two"))
        listener = self.listen("x", "--count", "2")
        self.assert_fails(self.run_tool("replay", self.path), ERROR, "damaged")
        self.assertEqual(listener.finish().out, b"one\ntwo\n")

    def test_entries_that_say_impossible_things(self):
        begin = header("x")
        for bad in (message(b"?", slot=1), message(b"?", remote=True, computer=b"C" * 16),
                    message(b"?", remote=True, computer=b"a\0b"),
                    message(b"?", remote=True, address="1" * 46), entry(format="other"),
                    header(("", "text"))[29:], header(("y", ""))[29:]):
            self.write(begin + bad + message(b"good"))
            result = self.cat()
            self.assertEqual(result.out, b"good\n")
            self.assert_fails(result, ERROR, f"damaged at offset {len(begin)}")

    def test_a_length_is_not_believed(self):
        for length in (b"\xff\xff\xff\x1e", b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f"):
            data = header("x") + message(b"first")
            self.write(data + length + b"\x1a")
            result = self.cat()
            self.assertEqual(result.out, b"first\n")
            self.assertIn(f"offset {len(data)}", result.err)


class Strange(RecordTest):
    def test_files_that_are_none(self):
        for data in (b"", b"x", b"Dear diary,\n" * 1000, bytes(100), header("x")[1:]):
            self.write(data)
            for verb in ("cat", "replay"):
                self.assert_fails(self.run_tool(verb, self.path), ERROR,
                                  f"{self.path}: not a record file")
        self.assert_fails(self.cat(self.directory), ERROR, "cannot read", self.directory)
        self.assert_fails(self.cat(self.in_directory("none")), ERROR, "cannot open")

    def test_a_file_that_is_none_does_not_stop_the_next(self):
        other = self.write(b"Dear diary", "other")
        self.write(header("x") + message(b"good"))
        result = self.cat(other, self.path)
        self.assertEqual(result.out, b"good\n")
        self.assert_fails(result, ERROR, other)

    def test_files_one_behind_the_other_are_a_file(self):
        one = header("x") + message(b"first")
        two = header(("y", "msgpack"), "x") + message(b"\x05") + message(b"last", slot=1)
        self.write(one + two)
        self.assert_prints(b"first\n5\nlast\n")
        self.assert_prints(b"first\nlast\n", self.path, "--slot", "x")
        self.assertEqual(self.cat("-", stdin=one + two).out, b"first\n5\nlast\n")
        a, b = self.write(one, "a"), self.write(two, "b")
        self.assert_prints(b"first\n5\nlast\nfirst\n", a, b, a)

    def test_what_is_not_known_yet_is_passed_over(self):
        later = b"\x4a\x03new"
        length = bytes([len(later) + 5])
        unknown = length + later + b"\x7d" + struct.pack("<I", crc32c(length + later))
        self.write(header("x") + unknown + message(b"good"))
        self.assert_prints(b"good\n")

    def test_codecs_that_are_not_there_can_be_named(self):
        self.write(header(("x", "protobuf:gone.Type")) + message(b"\x08\x01"))
        self.assert_fails(self.cat(), ERROR, self.path, "gone.Type", "--codec")
        self.assert_prints(b"\x08\x01\n", self.path, "--codec", "bytes")
        self.write(header(("x", "protobuf:a.B"), "y", descriptor_set=b"\x0a\xff")
                   + message(b"\x08\x01") + message(b"hello", slot=1))
        self.assert_fails(self.cat(), ERROR, self.path, "schemas", "--codec")
        self.assert_fails(self.cat(self.path, "--codec", "x=bytes"), ERROR, "slot y", "schemas")
        self.assert_prints(b"\x08\x01\nhello\n", self.path, "--codec", "bytes")
        self.assert_prints(b"hello\n", self.path, "--slot", "y", "--codec", "y=text")

    def test_slots_without_messages_need_no_codec(self):
        self.write(header("x", ("y", "protobuf:gone.Type")) + message(b"good"))
        self.assert_prints(b"good\n", self.path, "--slot", "x")

    def test_origins_are_shown_as_they_were(self):
        self.write(header("x") + message(b"a", SECOND, remote=True, computer=b"PC\xff",
                                         address="192.0.2.1") + message(b"b", 2 * SECOND, uid=0))
        self.assert_prints(
            b'{"time_ns":1000000000,"size":1,"origin":{"computer":{"$bin":"UEP/"},"address":'
            b'"192.0.2.1","pid":null,"uid":null},"value":"a"}\n'
            b'{"time_ns":2000000000,"size":1,"origin":{"computer":".","address":"","pid":null,'
            b'"uid":0},"value":"b"}\n', self.path, "--meta")


class Choosing(RecordTest):
    def test_from_and_until(self):
        begin = 1_795_374_366 * SECOND # 2026-11-22T19:06:06Z
        self.write(header("x", "y") + message(b"0", begin, slot=1)
                   + b"".join(message(b"%d" % i, begin + i * SECOND // 2) for i in range(1, 8)))
        for options, expected in (
                ((), b"01234567"), (("--from", "1"), b"234567"), (("--until", "1"), b"01"),
                (("--from", "1500ms", "--until", "2.5s"), b"34"), (("--from", "0.05m"), b"67"),
                (("--until", "1000000us"), b"01"), (("--from", "500000001ns"), b"234567"),
                (("--from", "2026-11-22T19:06:08Z"), b"4567"),
                (("--until", "2026-11-22T20:06:07.5+01:00"), b"012"),
                (("--from", "1970-01-01T00:00:00Z"), b"01234567"), (("--from", "1h"), b""),
                (("--from", "1", "--slot", "y"), b""), (("--until", "1", "--slot", "x"), b"1")):
            self.assert_prints(expected, self.path, "--format", "raw", *options)

    def test_mistakes(self):
        self.write(header("x"))
        for option in ("--from", "--until"):
            for value in ("", "x", "-1", "1w", "1.", ".5", "1 s", "2026-11-22", "1e3", "+1",
                          "2026-11-22T19:06:08", "2026-02-30T00:00:00Z", "1969-12-31T23:59:59Z",
                          "99999999999999999999", "1.0000000001"):
                for verb in ("cat", "replay"):
                    self.assert_fails(self.run_tool(verb, self.path, option, value), USAGE, option)
        for verb in ("cat", "replay"):
            self.assert_fails(self.run_tool(verb), USAGE, "FILE")
        self.assert_fails(self.cat(self.path, "--format", "none"), USAGE, "none")
        self.assert_fails(self.cat(self.path, "--meta", "--format", "hex"), USAGE, "--meta")


if __name__ == "__main__":
    unittest.main()
