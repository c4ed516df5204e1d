"""Where a recorder must stop: files of a size and an age, a quota, a disk that is full."""

import glob
import os
import re
import resource
import shutil
import subprocess
import unittest

from harness.tool import DONE, ERROR, PATIENCE, TOOL, Result
from harness.recording import RecordTest, header, message, messages_of, whole_entries

SIZE = 2000
SMALL = ("--max", "100", "--rotate-size", str(SIZE))


class Rotated(RecordTest):
    def files(self):
        """Those put aside, the oldest first, and the one that is written to."""
        return sorted(glob.glob(self.path + ".*")) + [self.path]

    def send_numbers(self, numbers, name="x"):
        lines = b"".join(b"%d\n" % number for number in numbers)
        self.assert_done(self.run_tool("send", name, stdin=lines))

    def printed(self):
        result = self.cat(*self.files())
        self.assert_done(result)
        return [int(line) for line in result.out.split()]

    def test_by_size_into_files_that_each_can_be_read_alone(self):
        recorder = self.record("x", options=SMALL)
        self.send_numbers(range(500))
        self.assert_done(recorder.end())
        files = self.files()
        self.assertGreater(len(files), 5)
        self.assertEqual(files[:-1], [f"{self.path}.{i + 1:06}" for i in range(len(files) - 1)])
        self.assertEqual(self.printed(), list(range(500)))
        for file in files:
            self.assertLessEqual(os.path.getsize(file), SIZE)
            self.assertGreater(len(messages_of(self.read(file))), 0)
            self.assert_done(self.cat(file))
        for file in files[:-1]: # the largest message would not have fitted any more
            self.assertGreater(os.path.getsize(file), SIZE - 100 - 128)

    def test_by_size_with_messages_as_large_as_a_file_takes(self):
        least = re.search(r"allow (\d+) bytes", self.run_tool(
            "record", "x", "-o", self.path, "--max", "1000", "--rotate-size", "1000").err).group(1)
        recorder = self.record("x", options=("--max", "1000", "--rotate-size", least))
        for i in range(10):
            self.send("x", str(i) * 1000)
        self.assert_done(recorder.end())
        self.assertEqual([len(messages_of(self.read(file))) for file in self.files()], [1] * 10)

    def test_by_age_but_never_an_empty_file(self):
        recorder = self.record("x", options=("--rotate-age", "20ms"))
        for i in range(3):
            self.send_numbers([i])
            self.wait_until(lambda: len(self.files()) == i + 2 and os.path.exists(self.path))
        self.assert_done(recorder.end())
        self.assertEqual(self.printed(), [0, 1, 2])
        self.assertEqual([len(messages_of(self.read(file))) for file in self.files()], [1, 1, 1, 0])

    def test_a_recorder_that_starts_again_goes_on_with_the_next_file(self):
        for i in range(3):
            recorder = self.record("x", options=("--rotate-size", "1M"))
            self.send_numbers([i])
            self.assert_done(recorder.end())
        self.assertEqual(self.printed(), [0, 1, 2])
        self.assertEqual(self.files(), [self.path + ".000001", self.path + ".000002", self.path])

    def test_a_file_that_is_written_to_is_not_put_aside(self):
        first = self.record("x", options=("--rotate-size", "1M"))
        result = self.run_tool("record", "y", "-o", self.path, "--rotate-size", "1M")
        self.assert_fails(result, ERROR, self.path, "another recorder")
        self.send_numbers([1])
        self.assert_done(first.end())
        self.assertEqual(self.printed(), [1])

    def test_names_that_are_taken_are_left_alone(self):
        foreign = self.write(b"Dear diary", "x.rec.000001")
        os.mkdir(self.in_directory("x.rec.000002"))
        self.write(header("x") + message(b"7"), "x.rec.0000099") # not a name of ours
        recorder = self.record("x", options=(*SMALL, "--quota", "4000"))
        self.send_numbers(range(1000))
        self.assert_done(recorder.end())
        self.assertEqual(self.read(foreign), b"Dear diary")
        self.assertTrue(os.path.exists(self.in_directory("x.rec.0000099")))
        numbers = [name for name in os.listdir(self.directory) if name.startswith("x.rec.")]
        self.assertGreater(max(int(name[6:]) for name in numbers), 2)

    # As a user whom what files say of their access keeps out.
    WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-all") if os.geteuid() == 0 else ()

    def run_without_rights(self, *arguments):
        done = subprocess.run([*self.WITHOUT_RIGHTS, TOOL, *arguments], env=self.env, capture_output=True,
                              timeout=PATIENCE)
        return Result(done.returncode, done.stdout, done.stderr.decode())

    def test_files_that_cannot_be_read_are_an_error_and_stay(self):
        for name in ("x.rec", "x.rec.000003"):
            path = self.write(header("x") + message(b"7"), name)
            os.chmod(path, 0)
            for options in (("--rotate-size", "1M"), ("--quota", "1M")):
                result = self.run_without_rights("record", "x", "-o", self.path, *options)
                self.assert_fails(result, ERROR, f"cannot read {path}: Permission denied")
            self.assertEqual(glob.glob(self.path + "*"), [path])
            os.remove(path)

    def check_cut_off(self, recorder, sent, path, *words):
        """It ended with an error, and lost nothing of what it had taken."""
        result = recorder.finish()
        self.assert_fails(result, ERROR, *words)
        os.chmod(os.path.dirname(path), 0o700)
        printed = [int(line) for line in self.cat(*sorted(glob.glob(path + ".*")), path).out.split()]
        self.assertEqual(printed, list(range(len(printed))))
        self.assertGreater(len(printed), 0)
        self.assertLessEqual(len(printed), sent)

    def send_until_it_ends(self, recorder):
        sent = 0
        while recorder.process.poll() is None and sent < 10000:
            lines = b"".join(b"%d\n" % number for number in range(sent, sent + 50))
            self.run_tool("send", "x", "--put-timeout", "1000", stdin=lines)
            sent += 50
        return sent

    def test_names_that_cannot_be_looked_at_are_an_error(self):
        folder = self.in_directory("folder")
        os.mkdir(folder)
        path = os.path.join(folder, "file")
        recorder = self.record("x", options=SMALL, path=path, under=self.WITHOUT_RIGHTS)
        os.chmod(folder, 0o600)
        sent = self.send_until_it_ends(recorder)
        self.check_cut_off(recorder, sent, path, "cannot read", "Permission denied")

    def test_names_that_are_too_long_are_an_error(self):
        path = self.in_directory("x" * 250)
        recorder = self.record("x", options=SMALL, path=path)
        sent = self.send_until_it_ends(recorder)
        self.check_cut_off(recorder, sent, path, "cannot read", "File name too long")

    def test_a_file_that_was_moved_away_is_followed_by_a_new_one(self):
        for command in ("mv", "rm", "replace"):
            with self.subTest(command=command):
                saved = self.in_directory("saved")
                recorder = self.record("x", options=SMALL)
                self.send_numbers(range(10))
                self.wait_until(lambda: len(messages_of(self.read())) == 10)
                os.rename(self.path, saved)
                if command == "rm":
                    os.remove(saved)
                if command == "replace":
                    self.write(b"")
                self.send_numbers(range(10, 500))
                self.assert_done(recorder.end())
                numbers = [int(line) for path in glob.glob(self.path + "*")
                           for line in self.cat(path).out.split()]
                numbers += map(int, self.cat(saved).out.split()) if command != "rm" else []
                first = 0 if command != "rm" else min(numbers)
                self.assertEqual(sorted(numbers), list(range(first, 500)))
                self.assertLess(first, 200)
                for path in glob.glob(self.path + "*") + glob.glob(saved):
                    os.remove(path)

    def test_what_somebody_put_in_its_place_stays(self):
        recorder = self.record("x", options=SMALL)
        os.rename(self.path, self.in_directory("saved"))
        self.write(b"Dear diary")
        self.send_until_it_ends(recorder)
        self.assert_fails(recorder.finish(), ERROR, "is not a record file: remove it")
        self.assertEqual(self.read(), b"Dear diary")

    def test_a_quota_removes_the_oldest_files(self):
        quota = 3 * SIZE
        recorder = self.record("x", options=(*SMALL, "--quota", str(quota)))
        for begin in range(0, 3000, 100):
            self.send_numbers(range(begin, begin + 100))
            self.assertLessEqual(self.bytes_there(), quota)
        self.assert_done(recorder.end())
        self.assertLessEqual(self.bytes_there(), quota)
        kept = self.printed()
        self.assertEqual(kept, list(range(kept[0], 3000)))
        self.assertGreater(kept[0], 0)
        self.assertGreater(self.bytes_there(), quota - SIZE - 300)

    def sizes(self):
        sizes = {}
        for file in self.files():
            try:
                sizes[file] = os.path.getsize(file)
            except FileNotFoundError:
                pass # removed, or just about to have another name
        return sizes

    def bytes_there(self):
        """Once two looks agree: a file that has another name by the next look would count twice."""
        before, now = None, self.sizes()
        while now != before:
            before, now = now, self.sizes()
        return sum(now.values())

    def test_a_quota_counts_files_of_earlier_recorders(self):
        for begin in range(0, 1000, 100):
            recorder = self.record("x", options=("--max", "100", "--quota", "8000"))
            self.send_numbers(range(begin, begin + 100))
            self.assert_done(recorder.end())
            self.assertLessEqual(self.bytes_there(), 8000)
        kept = self.printed()
        self.assertEqual(kept, list(range(kept[0], 1000)))
        self.assertGreater(kept[0], 0)


class FullDisk(RecordTest):
    def check_what_is_there(self, result, path, sent):
        """A line that says where and why, and how many are lost: those that are not in the file."""
        data = self.read(path)
        self.assertEqual(whole_entries(data)[-1].end, len(data)) # not a byte of another
        kept = [one.data for one in messages_of(data)]
        self.assertEqual(kept, sent[:len(kept)])
        self.assertGreater(len(kept), 0)
        self.assert_fails(result, ERROR, path, "at offset", "it holds what was recorded before")
        lost = int(re.search(r"messages lost: (\d+)", result.err).group(1))
        self.assertTrue(1 <= lost <= len(sent) - len(kept), lost)
        return kept

    def test_a_file_that_may_not_grow(self):
        limit = 100_000
        sent = [os.urandom(777) for _ in range(300)]
        recorder = self.record("x")
        resource.prlimit(recorder.process.pid, resource.RLIMIT_FSIZE, (limit, limit))
        for one in sent:
            if self.run_tool("send", "x", "--file", "-", stdin=one).status != DONE:
                break
        kept = self.check_what_is_there(recorder.finish(), self.path, sent)
        self.assertGreater(sum(map(len, kept)), limit - 6000)
        self.assert_prints(b"".join(kept), self.path, "--format", "raw")

    def record_on_a_small_disk(self, size, *options):
        """In a mount namespace of its own, which shares the slots' directory with this one. What
        the recorder leaves is copied to out."""
        self.disk, slots = self.in_directory("disk"), self.in_directory("slots")
        self.out = self.in_directory("out")
        self.env["MAILSLOT_DIR"] = slots
        for directory in (self.disk, slots, self.out):
            os.mkdir(directory)
        script = ('disk=$1 size=$2 out=$3 tool=$4; shift 4; '
                  'mount -t tmpfs -o "size=$size" none "$disk" || exit 77; '
                  'trap "" INT; "$tool" record x -o "$disk/x.rec" "$@"; status=$?; '
                  'cp "$disk"/x.rec* "$out"; exit $status')
        namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-r", "--mount"]
        if not shutil.which("unshare"):
            self.skip("no unshare")
        process = subprocess.Popen([*namespace, "sh", "-c", script, "sh", self.disk, size, self.out,
                                    TOOL, *options], env=self.env, stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.wait_until(lambda: process.poll() is not None
                        or self.run_tool("info", "x").status == DONE)
        if process.poll() is not None:
            self.skip("neither root nor user namespaces may mount here: "
                      + process.stderr.read().decode().strip())
        return process

    def end_on_a_small_disk(self, process):
        """What it said, and the messages in its file."""
        err = process.communicate(timeout=PATIENCE)[1].decode()
        self.assertEqual(process.returncode, ERROR, err)
        self.assertIn("No space left on device", err)
        self.assertIn(self.disk, err)
        self.assertEqual(os.listdir(self.out), ["x.rec"], err)
        data = self.read(os.path.join(self.out, "x.rec"))
        self.assertEqual(whole_entries(data)[-1].end, len(data))
        return err, [one.data for one in messages_of(data)]

    def test_a_small_file_system(self):
        process = self.record_on_a_small_disk("128k")
        sent = [os.urandom(777) for _ in range(400)]
        for one in sent:
            if self.run_tool("send", "x", "--file", "-", stdin=one).status != DONE:
                break
        _, kept = self.end_on_a_small_disk(process)
        self.assertEqual(kept, sent[:len(kept)])
        self.assertGreater(sum(map(len, kept)), 90_000)

    def fill_until_files_rotate(self, limit):
        """One message after the other, on a disk of ten pages which the first file fills."""
        process = self.record_on_a_small_disk("40k", "--max", "1000", "--rotate-size", str(limit))
        file = f"/proc/{process.pid}/root{self.disk}/x.rec"
        self.wait_until(lambda: process.poll() is not None or self.read_if_there(file))
        sent = []
        while process.poll() is None and len(self.read_if_there(file)) <= limit:
            sent.append(os.urandom(777))
            self.send_bytes("x", sent[-1])
            self.wait_until(lambda: process.poll() is not None
                            or len(messages_of(self.read_if_there(file))) == len(sent))
        return (sent, *self.end_on_a_small_disk(process))

    def read_if_there(self, file):
        try:
            return self.read(file)
        except FileNotFoundError: # the disk is gone with its process
            return b""

    def test_where_no_new_file_has_room_the_old_one_takes_it(self):
        sent, err, kept = self.fill_until_files_rotate(39 * 1024)
        self.assertEqual(kept, sent)
        self.assertRegex(err, r"\Amailslot: cannot create [^\n]+\n\Z")

    def test_where_no_file_has_room_what_is_lost_is_counted(self):
        sent, err, kept = self.fill_until_files_rotate(40 * 1024)
        self.assertEqual(kept, sent[:-1])
        self.assertRegex(err, r"\Amailslot: cannot create [^\n]+\n"
                              r"mailslot: [^\n]+ at offset \d+: [^\n]+, messages lost: 1\n\Z")

    def skip(self, why):
        print("SKIPPED:", why)
        self.skipTest(why)


if __name__ == "__main__":
    unittest.main()
