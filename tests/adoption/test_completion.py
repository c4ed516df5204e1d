"""bash completion: what it offers for a line, and what a line becomes when somebody presses Tab.

usage: test_completion.py COMPLETION-FILE
"""
import os
import pty
import re
import select
import subprocess
import sys
import unittest

from harness.tool import PATIENCE, ToolTest

COMPLETION = sys.argv.pop(1)
VERBS = ["send", "listen", "trace", "info", "list", "top", "codecs", "fit", "record", "replay",
         "cat", "lookup", "hosts", "doctor"]
CODECS = ["text", "utf8", "bytes", "msgpack", "protobuf:trace.Event"]

# Sets what bash sets: $1 is the line, the rest its words, cut as readline cuts them.
ASK = """
. "$COMPLETION"
COMP_LINE=$1 COMP_POINT=${#1}
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_mailslot "$MAILSLOT_TOOL" "${COMP_WORDS[COMP_CWORD]}" ''
[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
"""

# A shell whose mailslot prints its arguments, but still answers the completion.
SHELL = """
mailslot() {
    case $1 in
    list | codecs) "$MAILSLOT_TOOL" "$@" ;;
    *) printf '<%s>' "$@"; echo '<END>' ;;
    esac
}
. "$COMPLETION"
bind 'set enable-bracketed-paste off'
PS1=READY
"""


def cut(line):
    """Words as readline makes them, for lines without quotes."""
    words = [piece for word in line.split() for piece in re.findall(r"[:=]+|[^:=]+", word)]
    return words + [""] if line[-1].isspace() else words


class CompletionTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.env.update(COMPLETION=COMPLETION, LC_ALL="C.UTF-8")

    def offers(self, line):
        done = subprocess.run(["bash", "--norc", "-c", ASK, "bash", line, *cut(line)],
                              env=self.env, capture_output=True, text=True, timeout=PATIENCE,
                              cwd=self.directory)
        self.assertEqual((done.returncode, done.stderr), (0, ""), line)
        return done.stdout.splitlines()

    def options_in_help(self, *verb):
        text = self.run_tool(*verb, "--help").out.decode()
        return set(re.findall(r"^  (-[a-z]|--[a-z-]+)\b", text, re.M))


class Offers(CompletionTest):
    def test_verbs(self):
        text = self.run_tool("--help").out.decode()
        listed = re.search(r"^Verbs:\n(.*?)\n\n", text, re.S | re.M).group(1)
        self.assertEqual(re.findall(r"^  ([a-z]+) ", listed, re.M), VERBS)
        self.assertEqual(self.offers("mailslot "), VERBS + ["--help", "--version"])
        self.assertEqual(self.offers("mailslot li"), ["listen", "list"])
        self.assertEqual(self.offers("mailslot --"), ["--help", "--version"])

    def test_every_option_of_help_and_no_other(self):
        for verb in VERBS:
            offered = self.offers(f"mailslot {verb} -")
            self.assertEqual(set(offered), self.options_in_help(verb), verb)
            self.assertEqual(len(offered), len(set(offered)), verb)

    def test_an_option_is_offered_once(self):
        self.assertEqual(self.offers("mailslot send n --codec text --max=1 --"),
                         ["--schema", "--file", "--raw-file", "--put-timeout", "--help"])

    def test_a_schema_is_offered_again(self):
        self.assertEqual(self.offers("mailslot codecs --json --schema=a.proto --"),
                         ["--schema", "--help"])

    def test_what_may_be_given_again_is_offered_again(self):
        given = "--codec text --slot x --from 1 --meta --loop --"
        self.assertEqual(self.offers("mailslot trace -p x -s info -a k=v --slot=n -"),
                         ["-a", "--put-timeout", "--help"])
        for verb, again in ("record", {"--codec"}), ("cat", {"--codec", "--slot"}), \
                ("top", {"--codec"}), \
                ("replay", {"--slot"}):
            offered = set(self.offers(f"mailslot {verb} {given}"))
            self.assertEqual(offered & {"--codec", "--slot", "--from", "--meta", "--loop"}, again)

    def test_record_files(self):
        open(os.path.join(self.directory, "a file"), "w", encoding="utf-8").close()
        for line in ("record x -o ", "record x -o a", "replay ", "replay f.rec a", "cat --meta a"):
            self.assertEqual(self.offers("mailslot " + line), ["a file"], line)
        self.listen("trace")
        for line in ("record x --forward t", "replay f --to t", "replay f --to=t"):
            self.assertEqual(self.offers("mailslot " + line), ["trace"], line)

    def test_none_behind_two_dashes(self):
        self.assertEqual(self.offers("mailslot send n -- --"), [])
        self.assertEqual(self.offers("mailslot nonsense --"), [])

    def test_codecs(self):
        self.assertEqual(self.run_tool("codecs").out.decode().split(), CODECS)
        self.assertEqual(self.offers("mailslot send n --codec "), CODECS)
        self.assertEqual(self.offers("mailslot listen --codec=ut"), ["utf8"])
        self.assertEqual(self.offers("mailslot listen --codec "), CODECS)
        self.assertEqual(self.offers("mailslot listen --codec proto"), ["protobuf:trace.Event"])
        self.assertEqual(self.offers("mailslot listen --codec protobuf:tr"), ["trace.Event"])
        self.assertEqual(self.offers("mailslot listen --codec=protobuf:"), ["trace.Event"])

    def test_codecs_of_the_schemas_in_the_line(self):
        for name in ("one", "two"):
            with open(os.path.join(self.directory, name + ".proto"), "w") as file:
                file.write(f'syntax = "proto3"; package {name}; message M {{}}')
        offers = self.offers("mailslot send n --schema one.proto --codec protobuf:")
        self.assertEqual(offers, ["one.M", "trace.Event"])
        offers = self.offers("mailslot listen --schema=one.proto n --schema two.proto "
                             "--codec=protobuf:")
        self.assertEqual(offers, ["one.M", "two.M", "trace.Event"])
        self.assertEqual(self.offers("mailslot send --schema tw"), ["two.proto"])
        self.assertEqual(self.offers("mailslot send n --schema none.proto --codec "), [])
        self.assertEqual(self.offers("mailslot send n --schema $(touch>x) --codec "), CODECS)
        self.assertNotIn("x", os.listdir(self.directory))

    def test_types_and_slots_of_fit(self):
        self.assertEqual(self.offers("mailslot fit --type "), ["trace.Event"])
        self.listen("trace")
        self.assertEqual(self.offers("mailslot fit --slot=t"), ["trace"])

    def test_formats(self):
        self.assertEqual(self.offers("mailslot listen n --format "),
                         ["text", "raw", "hex", "json", "line"])
        self.assertEqual(self.offers("mailslot listen n --format=j"), ["json"])

    def test_severities_and_colors(self):
        severities = ["debug", "info", "notice", "warning", "error", "critical"]
        self.assertEqual(self.offers("mailslot listen n --severity "), severities)
        self.assertEqual(self.offers("mailslot trace -s "), severities)
        self.assertEqual(self.offers("mailslot trace -p x -s w"), ["warning"])
        self.assertEqual(self.offers("mailslot listen n --color="), ["always", "auto", "never"])
        self.listen("traces")
        self.assertEqual(self.offers("mailslot trace --slot t"), ["traces"])

    def test_files(self):
        open(os.path.join(self.directory, "a file"), "w", encoding="utf-8").close()
        self.assertEqual(self.offers("mailslot send n --file a"), ["a file"])
        self.assertEqual(self.offers("mailslot send n --file=a"), ["a file"])

    def test_nothing_for_numbers_and_values(self):
        for line in ("mailslot send n --max ", "mailslot listen n --count=", "mailslot send n ",
                     "mailslot listen ", "mailslot list "):
            self.assertEqual(self.offers(line), [], line)

    def test_slot_names(self):
        self.assertEqual(self.offers("mailslot send "), [])
        for name in ("trace", "Travel", "two words", "a=b", "$(touch x)"):
            self.listen(name)
        self.assertEqual(self.offers("mailslot send tr"), ["trace"])
        self.assertEqual(self.offers("mailslot info --json t"), ["trace", r"two\ words"])
        self.assertEqual(self.offers("mailslot send --codec text a="), ["b"])
        self.assertEqual(self.offers("mailslot send --codec text $"), [r"\$\(touch\ x\)"])
        self.assertEqual(self.offers("mailslot send trace t"), [])
        self.assertNotIn("x", os.listdir(self.directory))


class Keyboard(CompletionTest):
    """A shell on a terminal. What it reads, it has prompted for."""

    def setUp(self):
        super().setUp()
        self.terminal, side = pty.openpty()
        self.addCleanup(os.close, self.terminal)
        start = os.path.join(self.directory, "start")
        with open(start, "w", encoding="utf-8") as file:
            file.write(SHELL)
        shell = subprocess.Popen(["bash", "--rcfile", start, "-i"], env=self.env, stdin=side,
                                 stdout=side, stderr=side, start_new_session=True)
        os.close(side)
        self.addCleanup(shell.wait)
        self.addCleanup(shell.kill)
        self.read_up_to("READY")

    def read_up_to(self, end):
        seen = ""
        while end not in seen:
            readable, _, _ = select.select([self.terminal], [], [], PATIENCE)
            self.assertTrue(readable, f"only {seen!r} came, no {end!r}")
            seen += os.read(self.terminal, 4096).decode(errors="replace")
        return seen

    def press(self, keys):
        """The arguments that mailslot gets when keys, then Tab, then Enter are pressed."""
        os.write(self.terminal, keys.encode() + b"\t\n")
        shown = self.read_up_to("<END>\r\nREADY")
        return re.findall(r"<([^<>]*)>", shown)[:-1]

    def test_what_tab_makes_of_a_line(self):
        for name in ("two words", "path\\name", "it's", "grün", "x=y"):
            self.listen(name)
        for keys, becomes in (
                ("mailslot se", ["send"]),
                ("mailslot send n --codec protobuf:tr", ["send", "n", "--codec", CODECS[-1]]),
                ("mailslot send n --codec=protobuf:", ["send", "n", "--codec=" + CODECS[-1]]),
                ("mailslot send n --codec 'protobuf:tr", ["send", "n", "--codec", CODECS[-1]]),
                ("mailslot send tw", ["send", "two words"]),
                ("mailslot send two\\ w", ["send", "two words"]),
                ("mailslot send 'two w", ["send", "two words"]),
                ('mailslot send "tw', ["send", "two words"]),
                ("mailslot send pa", ["send", "path\\name"]),
                ("mailslot send 'pa", ["send", "path\\name"]),
                ("mailslot send it", ["send", "it's"]),
                ("mailslot send gr", ["send", "grün"]),
                ("mailslot send x=", ["send", "x=y"])):
            self.assertEqual(self.press(keys), becomes, keys)


if __name__ == "__main__":
    unittest.main()
