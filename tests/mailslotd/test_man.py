"""What is written about mailslotd against what it says of itself.

usage: test_man.py SOURCE
"""

import os
import re
import shutil
import subprocess
import sys
import unittest

from harness.daemon import DaemonTest

SOURCE = sys.argv.pop(1)

# Sets what bash sets: the words of the line, as readline cuts them.
ASK = """
. "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_mailslotd "$MAILSLOT_DAEMON" "${COMP_WORDS[COMP_CWORD]}" ''
printf '%s\\n' "${COMPREPLY[@]}"
"""


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


class Words(DaemonTest):
    def setUp(self):
        super().setUp()
        self.daemon_page = read("tools", "man", "mailslotd.8")
        self.file_page = read("tools", "man", "mailslot.conf.5")
        self.example = read("tools", "packaging", "mailslot.conf")
        self.help = self.run_daemon("--help")[1]

    def keywords(self):
        return re.findall(r"^(?:# )?([a-z-]+) = ", self.run_daemon("--check-config")[1], re.M)

    def test_options(self):
        in_help = re.findall(r"^  (--[a-z-]+)", self.help, re.M)
        in_page = ["--" + name for name in re.findall(r"^\.It Fl -([a-z-]+)", self.daemon_page,
                                                      re.M)]
        self.assertEqual(in_page, in_help)
        synopsis = self.daemon_page.split(".Sh DESCRIPTION")[0]
        self.assertEqual({"--" + name for name in re.findall(r"Fl -([a-z-]+)", synopsis)},
                         set(in_help))
        for keyword in self.keywords():
            self.assertIn("--" + keyword, in_help)

    def test_options_exist(self):
        for option in re.findall(r"^  (--[a-z-]+)", self.help, re.M):
            err = self.run_daemon("--check-config", option)[2]
            self.assertIn(err, ("", f"mailslotd: usage: option {option} needs a value\n"))
        self.assertEqual(self.run_daemon("--none-such")[0], 2)

    def test_settings(self):
        keywords = self.keywords()
        self.assertGreater(len(keywords), 8)
        keywords.append("sender")  # which mailslotd has no use for
        self.assertEqual(re.findall(r"^\.It Ic ([a-z-]+)$", self.file_page, re.M), keywords)
        self.assertEqual(set(re.findall(r"^#([a-z-]+) = ", self.example, re.M)), set(keywords))

    def test_the_example_says_what_holds_without_it_but_for_lists(self):
        lines = re.sub(r"^#(?=(workgroup|nmbd-socket|user|name-port|datagram-port|max-[a-z-]+) = )", "",
                       self.example, flags=re.M)
        self.configure(lines)
        given = self.run_daemon("--check-config")[1]
        self.configure("")
        plain = self.run_daemon("--check-config")[1]
        values = lambda text: re.findall(r"^((?:# )?[a-z-]+ = \S*)", text, re.M)
        self.assertEqual(values(given), values(plain))
        self.assertIn(f"# {self.config}", given)

    def test_the_whole_example_can_be_read(self):
        self.configure(re.sub(r"^#(?=[a-z-]+ = )", "", self.example, flags=re.M))
        status, out, err = self.run_daemon("--check-config")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("interface = eth1 ", out)

    def offers(self, *words):
        done = subprocess.run(["bash", "--norc", "-c", ASK, "bash",
                               os.path.join(SOURCE, "tools", "completion", "mailslotd"),
                               "mailslotd", *words], env=self.env, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout.split()

    def test_completion(self):
        self.assertEqual(self.offers("--"), re.findall(r"^  (--[a-z-]+)", self.help, re.M))
        self.assertEqual(self.offers("--name", "x", "--wi"), ["--wins"])
        self.assertEqual(self.offers("--name", ""), [])
        if os.path.isdir("/sys/class/net"):
            self.assertIn("lo", self.offers("--interface", "l"))
            self.assertIn("lo", self.offers("--interface", "=", "l"))
            self.assertIn("lo", self.offers("--interface", "="))
        self.assertIn("nobody", self.offers("--user", "nob"))
        self.assertEqual(self.offers("--config", self.config[:-2]), [self.config])

    def test_exit_statuses(self):
        section = self.daemon_page.split(".Sh EXIT STATUS")[1]
        said = re.findall(r"(\d) ([a-z]+)", self.help.rsplit("Exit status:", 1)[1])
        self.assertEqual(re.findall(r"^\.It (\d)\n([a-z]+)", section, re.M), said)
        self.assertEqual(self.run_daemon("--config", "/none/such")[0], 1)

    def test_defaults_in_the_manual(self):
        for value in ("137", "138", "nobody", "WORKGROUP", "/run/samba/nmbd/unexpected"):
            self.assertRegex(self.file_page, rf"Default:\s+(\.Pa )?{re.escape(value)}")

    def test_mandoc_has_no_warning(self):
        if not shutil.which("mandoc"):
            print("SKIPPED: the pages' format: no mandoc")
            self.skipTest("no mandoc")
        pages = [os.path.join(SOURCE, "tools", "man", page)
                 for page in ("mailslotd.8", "mailslot.conf.5")]
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *pages],
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_the_unit_is_one_that_systemd_understands(self):
        unit = read("tools", "packaging", "mailslotd.service.in")
        if not shutil.which("systemd-analyze"):
            print("SKIPPED: the unit: no systemd-analyze")
            self.skipTest("no systemd-analyze")
        path = os.path.join(self.directory, "mailslotd.service")
        with open(path, "w", encoding="utf-8") as file:
            file.write(unit.replace("@CMAKE_INSTALL_FULL_SBINDIR@/mailslotd",
                                    '"' + os.environ["MAILSLOT_DAEMON"] + '"'))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", path],
                              capture_output=True, text=True)
        about_it = [line for line in done.stderr.splitlines() if "mailslotd" in line]
        self.assertEqual(about_it, [])


if __name__ == "__main__":
    unittest.main()
