"""Messages into record files and out again: what is kept, in whichever codec, and who reads."""

import json
import os
import re
import signal
import subprocess
import time
import unittest

import record_pb2
from harness.tool import DONE, ERROR, PATIENCE, TOOL, USAGE
from google.protobuf import descriptor_pb2
from harness.recording import FORMAT, RecordTest, header_of, messages_of, whole_entries

EVENT = "protobuf:trace.Event"

# Of each codec: messages, some of which do not decode, and some whose bytes nobody else would write
# in that way.
MESSAGES = {
    "text": [b"hello", b"", b"a\0\n", "\u20ac".encode(), b"\xff\xfe"],
    "utf8": [b"hello", b"", "\u20ac".encode(), b"\xff"],
    "bytes": [b"hello", b"", bytes(range(256))],
    "msgpack": [b"\x93\x01\xc0\xa1a", b"\xd1\x00\x05", b"\xc1", b"\xdf\x00\x00\x00\x00", b""],
    EVENT: [b"\x10\x05\x2a\x02hi", b"", b"\x2a\x02hi\x10\x05", b"\x10\x85\x00", b"\x2a\x05hi"],
}
FORMATS = [(), ("--format", "text"), ("--format", "raw"), ("--format", "hex"), ("--format", "json")]


def without_sender(errors):
    """Each test starts senders of its own, whose process ids differ."""
    return re.sub(r"message from process \d+", "message from process N", errors)


class RoundTrips(RecordTest):
    def listened(self, codec, data, *options):
        listener = self.listen("trip", "--codec", codec, "--count", str(len(data)), *options)
        for one in data:
            self.send_bytes("trip", one)
        return listener.finish()

    def recorded(self, codec, data):
        path = self.in_directory(codec.replace(":", "-"))
        recorder = self.record("trip", options=("--codec", codec), path=path)
        for one in data:
            self.send_bytes("trip", one)
        self.assert_done(recorder.end())
        return path

    def test_cat_prints_what_listen_prints(self):
        for codec, data in MESSAGES.items():
            path = self.recorded(codec, data)
            for options in FORMATS:
                with self.subTest(codec=codec, options=options):
                    live, later = self.listened(codec, data, *options), self.cat(path, *options)
                    self.assertEqual((later.status, later.out, without_sender(later.err)),
                                     (live.status, live.out, without_sender(live.err)))

    def test_meta_is_that_of_listen_with_the_times_and_origins_of_then(self):
        for codec, data in MESSAGES.items():
            path = self.recorded(codec, data)
            live = map(json.loads, self.listened(codec, data, "--meta").out.splitlines())
            result = self.cat(path, "--meta")
            self.assert_done(result)
            later = list(map(json.loads, result.out.splitlines()))
            kept = messages_of(self.read(path))
            self.assertEqual([line["time_ns"] for line in later], [one.arrival for one in kept])
            self.assertEqual([line["origin"]["pid"] for line in later],
                             [one.origin.pid for one in kept])
            for one, other in zip(live, later, strict=True):
                self.assertEqual(list(one), list(other))
                del one["time_ns"], other["time_ns"], one["origin"]["pid"], other["origin"]["pid"]
                self.assertEqual(one, other)

    def test_bytes_are_kept_as_they_came_and_replayed_as_they_were(self):
        for codec, data in MESSAGES.items():
            path = self.recorded(codec, data)
            self.assertEqual([one.data for one in messages_of(self.read(path))], data)
            again = self.in_directory("again-" + codec.replace(":", "-"))
            recorder = self.record("trip", path=again)
            self.assert_done(self.run_tool("replay", path, "--speed", "0"))
            self.assert_done(recorder.end())
            self.assertEqual([one.data for one in messages_of(self.read(again))], data)

    def test_a_message_of_the_largest_size(self):
        data = os.urandom(300_000)
        recorder = self.record("x", options=("--max", "300000"))
        self.assert_done(self.run_tool("send", "x", "--max", "300000", "--file", "-", stdin=data))
        too_big = self.run_tool("send", "x", "--max", "400000", "--file", "-", stdin=data + b"x")
        self.assertEqual(too_big.status, 4)
        self.assert_done(recorder.end())
        self.assertEqual([one.data for one in messages_of(self.read())], [data])
        self.assert_prints(data, self.path, "--format", "raw")
        recorder = self.record("x", options=("--max", "300000"), path=self.in_directory("y"))
        self.assert_done(self.run_tool("replay", self.path))
        self.assert_done(recorder.end())
        self.assertEqual([one.data for one in messages_of(self.read(recorder.path))], [data])


class Files(RecordTest):
    def test_the_format_is_what_its_schema_says(self):
        before = time.time_ns()
        recorder = self.record("//./mailslot/App//Trace", "other",
                               options=("--codec", "utf8", "--codec", "OTHER=msgpack"))
        senders = [subprocess.Popen([TOOL, "send", name, "--file", "/dev/null"], env=self.env)
                   for name in ("app/trace", "other")]
        for sender in senders:
            self.assertEqual(sender.wait(PATIENCE), DONE)
        self.assert_done(recorder.end())
        data = self.read()
        self.assertTrue(data.startswith(b"\x1c\x0a\x15mailslot-record-file\n\x7d"))
        entries = whole_entries(data)
        self.assertEqual(entries[-1].end, len(data))
        kinds = [one.entry.WhichOneof("content") for one in entries]
        self.assertEqual(kinds, ["format", "header", "message", "message"])
        self.assertEqual(entries[0].entry.format, FORMAT)
        header = entries[1].entry.header
        self.assertEqual([(slot.name, slot.codec) for slot in header.slots],
                         [("App\\Trace", "utf8"), ("other", "msgpack")])
        self.assertEqual(header.descriptor_set, b"")
        slack = 1_000_000_000  # arrival times of local messages are coarse
        self.assertTrue(before <= header.begun <= time.time_ns())
        self.assertRegex(header.version, r"\A\d+\.\d+\.\d+\Z")
        by_slot = {one.slot: one for one in messages_of(data)}
        for slot, sender in enumerate(senders):
            one = by_slot[slot]
            self.assertTrue(before - slack <= one.arrival <= time.time_ns() + slack)
            self.assertEqual(one.origin, record_pb2.Origin(pid=sender.pid, uid=os.geteuid()))
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)

    def test_several_slots_each_with_its_codec(self):
        recorder = self.record("a", "b", "c",
                               options=("--codec", "msgpack", "--codec", "b=text",
                                        "--codec=c=" + EVENT))
        self.send_bytes("a", b"\x93\x01\x02\x03")
        self.wait_until(lambda: len(messages_of(self.read())) == 1)
        self.send("b", "[1]")
        self.wait_until(lambda: len(messages_of(self.read())) == 2)
        self.send_bytes("c", b"\x2a\x02hi")
        self.assert_done(recorder.end())
        self.assert_prints(b'[1,2,3]\n[1]\n{"message":"hi"}\n')
        self.assert_prints(b'[1]\n', self.path, "--slot", "B")
        self.assert_prints(b'[1,2,3]\n{"message":"hi"}\n', self.path, "--slot", "c", "--slot", "a")
        self.assert_fails(self.cat(self.path, "--slot", "d"), ERROR, self.path, "d")

    def test_the_schema_is_inside(self):
        os.mkdir(self.in_directory("schemas"))
        for name, text in (("part", 'package p; message Part { string what = 1; }'),
                           ("whole", 'package w; import "part.proto"; message Whole {'
                                     ' p.Part part = 1; message In { int32 n = 1; } In in = 2; }'),
                           ("unused", "package u; message Unused { int32 n = 1; }")):
            self.write(f'syntax = "proto3"; {text}'.encode(), f"schemas/{name}.proto")
        options = ["--codec", "x=protobuf:w.Whole", "--codec", "y=protobuf:w.Whole.In"]
        for name in ("unused", "whole", "part"):
            options += ["--schema", self.in_directory(f"schemas/{name}.proto")]
        recorder = self.record("x", "y", options=options)
        self.send_bytes("x", b"\x0a\x04\x0a\x02hi\x12\x02\x08\x07")
        self.wait_until(lambda: len(messages_of(self.read())) == 1)
        self.send_bytes("y", b"\x08\x07")
        self.assert_done(recorder.end())
        for name in ("unused", "whole", "part"):
            os.remove(self.in_directory(f"schemas/{name}.proto"))
        self.assert_prints(b'{"part":{"what":"hi"},"in":{"n":7}}\n{"n":7}\n')
        files = descriptor_pb2.FileDescriptorSet.FromString(header_of(self.read()).descriptor_set)
        self.assertEqual(sorted(file.name for file in files.file), ["part.proto", "whole.proto"])

    def test_what_an_any_contains_is_inside(self):
        any_schema = self.write(b'syntax = "proto3"; import "google/protobuf/any.proto";'
                                b"message Box { google.protobuf.Any any = 1; }", "box.proto")
        content = self.write(b'syntax = "proto3"; package p; message In { int32 n = 1; }', "in.proto")
        recorder = self.record("x", options=("--codec", "protobuf:Box", "--schema", any_schema,
                                             "--schema", content))
        self.send_bytes("x", b"\x0a\x0c\x0a\x06x/p.In\x12\x02\x08\x07")
        self.assert_done(recorder.end())
        self.assert_prints(b'{"any":{"@type":"x/p.In","n":7}}\n')

    def test_the_built_in_schema_is_inside_too(self):
        self.assert_done(self.record("x", options=("--codec", EVENT)).end())
        files = descriptor_pb2.FileDescriptorSet.FromString(header_of(self.read()).descriptor_set)
        self.assertEqual([file.name for file in files.file], ["trace.proto"])
        self.assertEqual([one.name for one in files.file[0].message_type], ["Event"])

    def test_codecs_can_be_chosen_later(self):
        recorder = self.record("x", "y")
        self.send_bytes("x", b"\x08\x07")
        self.assert_done(recorder.end())
        schema = self.write(b'syntax = "proto3"; package s; message M { int32 n = 1; }', "s.proto")
        self.assert_prints(b"\x08\x07\n")
        self.assert_prints(b'{"n":7}\n', self.path, "--codec", "protobuf:s.M", "--schema", schema)
        self.assert_prints(b'{"n":7}\n', self.path, "--codec", "x=protobuf:s.M",
                           "--codec=y=msgpack", "--schema", schema)
        self.assert_prints(b"0807\n", self.path, "--codec", "bytes", "--format", "hex")
        self.assert_fails(self.cat(self.path, "--codec", "x=none"), USAGE, "none", "try")

    def test_a_codec_for_a_slot_that_is_not_there_is_reported(self):
        recorder = self.record("x", "y")
        self.send("x", "hello")
        self.assert_done(recorder.end())
        result = self.cat(self.path, "--codec", "X=text", "--codec", "z=text")
        self.assertEqual(result.out, b"hello\n")
        self.assert_fails(result, ERROR, "z=text", "no file holds")
        self.assert_prints(b"hello\n", self.path, "--slot", "x", "--codec", "y=text")
        other = self.in_directory("other")
        self.assert_done(self.record("z", path=other).end())
        self.assert_prints(b"hello\n", self.path, other, "--codec", "z=text")

    def test_what_is_there_is_not_overwritten(self):
        self.write(b"dear diary")
        self.assert_fails(self.run_tool("record", "x", "-o", self.path), ERROR, self.path, "exists")
        for options in (("--rotate-size", "1M"), ("--rotate-age", "1h"), ("--quota", "10M")):
            self.assert_fails(self.run_tool("record", "x", "-o", self.path, *options), ERROR,
                              self.path, "not a record file")
        self.assertEqual(self.read(), b"dear diary")
        self.assertEqual(self.run_tool("list").out, b"")

    def test_to_standard_output(self):
        recorder = subprocess.Popen([TOOL, "record", "x", "-o", "-"], env=self.env,
                                    cwd=self.directory, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE)
        self.addCleanup(recorder.wait, PATIENCE)
        self.addCleanup(recorder.kill)
        self.wait_until(lambda: self.run_tool("info", "x").status == DONE)
        printer = subprocess.Popen([TOOL, "cat", "-"], env=self.env, stdin=recorder.stdout,
                                   stdout=subprocess.PIPE)
        self.addCleanup(printer.wait, PATIENCE)
        recorder.stdout.close()
        for text in "one", "two":  # each arrives while the recorder goes on
            self.send("x", text)
            self.assertEqual(printer.stdout.readline().decode(), text + "\n")
        recorder.send_signal(signal.SIGTERM)
        self.assertEqual((recorder.wait(PATIENCE), recorder.stderr.read()), (DONE, b""))
        self.assertEqual((printer.wait(PATIENCE), printer.stdout.read()), (DONE, b""))
        for stream in recorder.stderr, printer.stdout:
            stream.close()
        self.assertFalse(os.path.exists(self.in_directory("-")))

    def test_standard_output_is_one_file_and_no_terminal(self):
        for options in (("--rotate-size", "1M"), ("--rotate-age", "1h"), ("--quota", "1G")):
            self.assert_fails(self.run_tool("record", "x", "-o", "-", *options), USAGE, "-o -")
        terminal, side = os.openpty()
        self.assert_fails(self.run_tool("record", "x", "-o", "-", stdout=side), USAGE, "terminal")
        os.close(side)
        os.close(terminal)

    def test_standard_output_that_takes_no_more_is_an_error(self):
        ours, its = os.pipe()
        recorder = subprocess.Popen([TOOL, "record", "x", "-o", "-"], env=self.env, stdout=its,
                                    stderr=subprocess.PIPE)
        os.close(its)
        self.addCleanup(recorder.wait, PATIENCE)
        self.wait_until(lambda: self.run_tool("info", "x").status == DONE)
        os.read(ours, 100)
        os.close(ours)
        self.send("x", "lost")
        self.assertEqual(recorder.wait(PATIENCE), ERROR)
        self.assertIn(b"cannot write to standard output: Broken pipe; messages lost: up to 1",
                      recorder.stderr.read())
        recorder.stderr.close()

    def test_a_file_that_cannot_be_made_is_an_error(self):
        for path in (self.in_directory("none/x"), self.directory):
            self.assert_fails(self.run_tool("record", "x", "-o", path), ERROR, path)


class Slots(RecordTest):
    def test_a_recorder_is_the_reader(self):
        recorder = self.record("x")
        self.assertEqual(self.info("x")["reader_pid"], recorder.process.pid)
        self.assert_fails(self.run_tool("listen", "x"), ERROR, "x")
        other = self.in_directory("other")
        self.assert_fails(self.run_tool("record", "y", "x", "-o", other), ERROR, "x")
        self.assert_fails(self.run_tool("record", "y", "Y", "-o", other), ERROR, "Y")
        self.assertFalse(os.path.exists(other))
        self.assert_done(recorder.end())
        self.assertEqual(self.run_tool("list").out, b"")

    def test_messages_that_waited_are_in_the_order_of_their_arrival(self):
        for end in (False, True):
            with self.subTest(end=end):
                path = self.in_directory(f"waited{end}")
                recorder = self.record("x", "y", "z", path=path)
                recorder.process.send_signal(signal.SIGSTOP)
                sent = [b"%d" % number for number in range(30)]
                for number, one in enumerate(sent):
                    self.send_bytes("xyz"[number * 7 % 3 if number < 15 else number % 2], one)
                if end:
                    recorder.process.send_signal(signal.SIGTERM)
                recorder.process.send_signal(signal.SIGCONT)
                if not end:
                    self.wait_until(lambda: len(messages_of(self.read(path))) == len(sent))
                # A second signal would end the recorder at once.
                self.assert_done(recorder.finish() if end else recorder.end())
                kept = messages_of(self.read(path))
                self.assertCountEqual([one.data for one in kept], sent)
                # The clock of arrival ticks every few ms: messages of one tick may change places.
                arrivals = [one.arrival for one in kept]
                self.assertEqual(arrivals, sorted(arrivals))
                for slot in range(3):  # of one slot they do not
                    of_slot = [int(one.data) for one in kept if one.slot == slot]
                    self.assertEqual(of_slot, sorted(of_slot))

    def test_arrival_is_told_by_both_clocks(self):
        recorder = self.record("x", "y")
        for _ in range(3):
            self.send("x", "message")
            self.send("y", "message")
        self.assert_done(recorder.end())
        begun, kept = header_of(self.read()).begun, messages_of(self.read())
        self.assertEqual([one.elapsed for one in kept], sorted(one.elapsed for one in kept))
        for one in kept:  # the clocks agree while nobody sets one
            self.assertGreater(one.elapsed, 0)
            self.assertLess(abs(begun + one.elapsed - one.arrival), 10 ** 9)

    def test_what_arrived_is_in_the_file_while_it_goes_on(self):
        recorder = self.record("x", "y")
        for count in range(1, 4):
            self.send("xy"[count % 2], "message")
            self.wait_until(lambda: len(messages_of(self.read())) == count)
            self.assertIsNone(recorder.process.poll())
        self.assert_done(recorder.end())

    def test_signals_end_it_after_what_waited(self):
        lines = b"".join(b"%d\n" % i for i in range(20_000))
        for number in (signal.SIGINT, signal.SIGTERM):
            path = self.in_directory(f"signal-{number}")
            recorder = self.record("x", "y", path=path)
            for name in ("x", "y"):
                self.assert_done(self.run_tool("send", name, "--put-timeout", "-1", stdin=lines))
            self.assert_done(recorder.end(number))
            for name in ("x", "y"):
                self.assert_prints(lines, path, "--slot", name)

    def test_forward_passes_every_message_on(self):
        listener = self.listen("next", "--count", "4", "--codec", "msgpack")
        recorder = self.record("x", "y", options=("--forward", "NEXT"))
        for name, data in (("x", b"\x01"), ("y", b"\x92\x01"), ("x", b"\xd1\x00\x05"), ("y", b"")):
            self.send_bytes(name, data)
        result = listener.finish()
        self.assertEqual(sorted(result.out.splitlines()), [b"1", b"5"])
        self.assert_done(recorder.end())
        self.assertEqual(len(messages_of(self.read())), 4)

    def test_what_cannot_be_forwarded_is_recorded_and_counted(self):
        recorder = self.record("x", options=("--forward", "next"))
        self.send("x", "1", "2")
        self.wait_until(lambda: len(messages_of(self.read())) == 2)
        self.assertIn(b"not forwarded: next: ", recorder.process.stderr.readline())
        listener = self.listen("next", "--count", "1")
        # It looks for a reader now and then.
        sent = 2
        while listener.process.poll() is None:
            sent += 1
            self.send("x", str(sent))
            time.sleep(0.05)
        self.assert_done(listener.finish())
        result = recorder.end()
        self.assertEqual(result.status, ERROR)
        lost = int(result.err.splitlines()[-1].split(": ")[-1])
        self.assertTrue(1 <= lost < sent, (lost, sent))
        self.assert_prints(b"".join(b"%d\n" % (i + 1) for i in range(sent)))

    def test_a_recorder_does_not_forward_to_itself(self):
        for name in ("X", r"\\.\mailslot\x"):
            self.assert_fails(self.run_tool("record", "y", "x", "-o", self.path, "--forward", name),
                              USAGE, "--forward")


class Usage(RecordTest):
    def test_mistakes(self):
        for arguments, word in (
                ((), "NAME"), (("x",), "-o FILE"), (("x", "-o"), "needs a value"),
                (("x", "-o", self.path, "--codec", "none"), "none"),
                (("x", "-o", self.path, "--codec", "y=text"), "y=text"),
                (("x", "-o", self.path, "--max", "67108865"), "--max"),
                (("x", "-o", self.path, "--rotate-size", "64k"), "--rotate-size"),
                (("x", "-o", self.path, "--rotate-size", "0"), "--rotate-size"),
                (("x", "-o", self.path, "--rotate-size", "1000"), "--max"),
                (("x", "-o", self.path, "--rotate-age", "0"), "--rotate-age"),
                (("x", "-o", self.path, "--rotate-age", "1y"), "--rotate-age"),
                (("x", "-o", self.path, "--rotate-age", "106752d"), "--rotate-age"),
                (("x", "-o", self.path, "--quota", "-1"), "--quota"),
                (("x", "-o", self.path, "--quota", "1M", "--rotate-size", "600K"), "--quota"),
                (("x", "-o", self.path, "--quota", "100K"), "--max")):
            self.assert_fails(self.run_tool("record", *arguments), USAGE, word, "try")
            self.assertFalse(os.path.exists(self.path))


if __name__ == "__main__":
    unittest.main()
