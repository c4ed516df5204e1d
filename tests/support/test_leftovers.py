"""tests/support/leftovers finds each kind of thing that a test can leave behind, and nothing else."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import unittest

from harness.waiting import PATIENCE

LEFTOVERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "leftovers")


class Leftovers(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="mailslot-leftovers-")
        self.addCleanup(shutil.rmtree, self.root)
        self.state = os.path.join(self.root, "state")
        self.check("begin")

    def check(self, what, *options):
        return subprocess.run([LEFTOVERS, what, self.state, "--root", self.root, *options],
                              capture_output=True, text=True, check=False, timeout=2 * PATIENCE)

    def assert_found(self, *words):
        found = self.check("end", "--patience", "0")
        self.assertEqual((found.returncode, found.stderr), (1, ""))
        for word in words:
            self.assertRegex(found.stdout, word)

    def assert_nothing_of(self, *words):
        found = self.check("end", "--patience", "0")
        self.assertEqual(found.stderr, "")
        for word in words:
            self.assertNotRegex(found.stdout, word)

    @contextlib.contextmanager
    def running(self, program, env):
        process = subprocess.Popen([program, "1000"], env=env)
        try:
            yield process.pid
        finally:
            process.kill()
            process.wait()

    def test_a_program_of_the_repository(self):
        program = shutil.copy("/usr/bin/sleep", os.path.join(self.root, "sleep"))
        with self.running(program, {}) as pid:
            self.assert_found(f"left behind: process {pid} .*{program} 1000")
        self.assert_nothing_of(f"process {pid} ")

    def test_a_program_that_a_test_has_started(self):
        for name, value in (("MAILSLOT_TOOL", f"{self.root}/mailslot"),
                            ("MAILSLOT_DIR", "/dev/shm/mailslot-test-x")):
            with self.subTest(name=name), self.running("/usr/bin/sleep", {name: value}) as pid:
                self.assert_found(f"left behind: process {pid} ")

    def test_other_programs_do_not_count(self):
        with self.running("/usr/bin/sleep", {"MAILSLOT_DIR": "/dev/shm"}) as pid:
            self.assert_nothing_of(f"process {pid} ")

    def test_a_program_that_ran_before_does_not_count(self):
        with self.running("/usr/bin/sleep", {"MAILSLOT_TOOL": self.root + "/x"}) as pid:
            self.check("begin")
            self.assert_nothing_of(f"process {pid} ")

    def test_a_program_that_ends_in_time_does_not_count(self):
        with subprocess.Popen(["/usr/bin/sleep", "1"],
                              env={"MAILSLOT_TOOL": self.root + "/x"}) as process:
            found = self.check("end", "--patience", str(PATIENCE))
            self.assertNotIn(f"process {process.pid} ", found.stdout)

    def test_a_directory(self):
        for directory in ("/dev/shm", "/tmp"):
            path = tempfile.mkdtemp(prefix="mailslot-test-", dir=directory)
            self.assert_found(f"file {path}\n")
            os.rmdir(path)
            self.assert_nothing_of(path)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_a_mount(self):
        place = os.path.join(self.root, "mounted")
        os.mkdir(place)
        # In a namespace of mounts of its own, so that the machine's are left alone.
        script = ('mount -t tmpfs none "$1" && "$2" end "$3" --root "$4" --patience 0;'
                  'echo "status $?"; umount "$1"')
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", place, LEFTOVERS,
                               self.state, self.root], capture_output=True, text=True, check=False,
                              timeout=PATIENCE)
        if "status" not in done.stdout:
            self.skipTest(f"no mounts here: {done.stderr}")
        self.assertIn(f"left behind: mount {place}\n", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
