"""info, list, codecs, and what all verbs share."""

import json
import os
import socket
import struct
import subprocess
import threading
import unittest

from harness.tool import DONE, ERROR, NO_SLOT, TOO_BIG, TOOL, USAGE, ToolTest

KEYS = ["name", "max_message", "next_size", "count", "timeout_ms", "capacity", "used",
        "reader_pid", "registered", "refusal", "bad_messages", "refused", "messages_in", "bytes_in", "messages_out",
        "bytes_out", "too_big", "too_complex", "lost", "largest", "sizes"]
COUNTERS = KEYS[KEYS.index("bad_messages"):-1]
CLASSES = 18
STATUS_REPORT = 20 # what mailslotd's answer begins with


class Info(ToolTest):
    def test_an_empty_slot(self):
        listener = self.listen("Some/Name", "--max", "424")
        self.assertEqual(self.info("some/name"),
                         {"name": "some/name", "max_message": 424, "next_size": None, "count": 0,
                          "timeout_ms": -1, "capacity": 16 * 1024 * 1024, "used": 0,
                          "reader_pid": listener.process.pid, "registered": "no",
                          "refusal": None,
                          **dict.fromkeys(COUNTERS, 0), "sizes": [0] * CLASSES})
        self.assertEqual(self.run_tool("info", "some/name").out.decode(),
                         "name: some/name\nmax_message: 424\nnext_size: none\ncount: 0\n"
                         "timeout_ms: -1\ncapacity: 16777216\nused: 0\n"
                         f"reader_pid: {listener.process.pid}\n"
                         "registered: no\nrefusal: none\n"
                         + "".join(f"{key}: 0\n" for key in COUNTERS)
                         + "sizes:" + " 0" * CLASSES + "\n")

    def test_a_slot_with_messages(self):
        self.stuck_listener("Some/Name", "--max", "60000")
        info = self.info("some/name")
        self.assertEqual(list(info), KEYS)
        self.assertEqual((info["next_size"], info["max_message"]), (60000, 60000))
        self.assertGreaterEqual(info["used"], info["count"] * 60000)
        lines = dict(line.split(": ") for line in
                     self.run_tool("info", "some/name").out.decode().splitlines())
        self.assertEqual(list(lines), KEYS)
        self.assertEqual(lines["next_size"], "60000")

    def test_what_was_counted(self):
        listener = self.listen("x", "--max", "1000", "--codec", "utf8", "--count", "5")
        sent = (b"", b"a", b"\xff\xff\xff", b"b" * 600)
        for text in sent:
            self.assert_done(self.run_tool("send", "x", "--file", "-", stdin=text))
        self.assertEqual(self.run_tool("send", "x", "c" * 1001).status, TOO_BIG)
        self.wait_until(lambda: self.info("x")["messages_out"] == len(sent))
        info = self.info("x")
        size = sum(map(len, sent))
        self.assertEqual({key: info[key] for key in COUNTERS},
                         {"bad_messages": 1, "refused": 0, "messages_in": 4, "bytes_in": size,
                          "messages_out": 4, "bytes_out": size, "too_big": 1, "too_complex": 0,
                          "lost": 0, "largest": 600})
        sizes = [0] * CLASSES
        for text in sent:
            sizes[len(text).bit_length()] += 1
        self.assertEqual(info["sizes"], sizes)
        lines = self.run_tool("info", "x").out.decode().splitlines()
        self.assertEqual(lines[-1], "sizes: " + " ".join(map(str, sizes)))
        self.assert_done(self.run_tool("send", "x", "end"))
        self.assertIn("x", listener.finish().err)

    def test_a_missing_slot_is_status_5(self):
        for options in ((), ("--json",)):
            self.assert_fails(self.run_tool("info", "nowhere", *options), NO_SLOT,
                              "mailslot: nowhere: no such mailslot")

    def test_a_bad_name_is_status_1(self):
        self.assert_fails(self.run_tool("info", "a:b"), ERROR, "bad mailslot name")


class Host(ToolTest):
    """Without mailslotd, or with one that says what it is told to; with a real one, they are among
    the tests of the network."""

    def answer(self, fields, place="place"):
        """Plays a mailslotd, in a place of its own, that answers each who asks with a status of
        those fields, (tag, bytes), or ends the connection if they are None, as version 0.1 did."""
        self.env.update(MAILSLOT_DIR=os.path.join(self.directory, place))
        os.mkdir(self.env["MAILSLOT_DIR"])
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(listener.close)
        listener.bind(os.path.join(self.env["MAILSLOT_DIR"], "mailslotd"))
        listener.listen()
        def serve():
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    client.recv(70000)
                    if fields is not None:
                        client.send(bytes([STATUS_REPORT]) + b"".join(
                            struct.pack(">BH", tag, len(value)) + value for tag, value in fields))
        server = threading.Thread(target=serve)
        server.start()
        self.addCleanup(server.join)
        self.addCleanup(listener.shutdown, socket.SHUT_RDWR)

    def host(self):
        result = self.run_tool("info", "--host", "--json")
        self.assert_done(result)
        return json.loads(result.out)

    # As core/relay/status_codec.c numbers them.
    FIELDS = [(1, b"7"), (2, struct.pack(">I", 12)), (3, struct.pack(">HH", 137, 138)),
              (4, b"0012"), (5, b"777"), (6, b"1"), (10, struct.pack(">IIIQ", 1000, 2, 1, 4096)),
              (13, struct.pack(">BQ", 0, 5))]

    def test_names_of_digits_are_names(self):
        self.answer(self.FIELDS)
        host = self.host()
        counters = host.pop("counters")
        self.assertEqual(host,
                         {"version": "7", "pid": 12, "computer": "0012", "workgroup": "777",
                          "scope": "1", "ports": "137 138", "interfaces": [], "names": [],
                          "users": [{"uid": 1000, "connections": 2, "readers": 1,
                                     "queued": 4096}]})
        self.assertEqual(counters["received"], 5)
        self.assertEqual(sum(counters.values()), 5)
        lines = self.run_tool("info", "--host").out.decode().splitlines()
        self.assertIn("computer: 0012", lines)
        self.assertIn("user: 1000 2 1 4096", lines)

    def test_strange_answers_do_no_harm(self):
        for number, fields in enumerate((
                [], [(1, b"")], [(4, b"x" * 16)], [(9, b"\x09N")], [(8, b"\x05e")],
                [(13, b"\0" * 8)], [(2, b"")])):
            with self.subTest(fields):
                whole = self.FIELDS + fields if fields else []
                self.answer(whole, str(number))
                self.assert_fails(self.run_tool("info", "--host"), ERROR, "malformed status")

    def test_a_status_may_have_control_characters_and_unknown_fields(self):
        self.answer(self.FIELDS + [(4, b"\x1b[2J"), (99, b"whatever"), (9, b"\x01A B<00>")])
        host = self.host()
        self.assertEqual(host["computer"], "?[2J")
        self.assertEqual(host["names"], [{"name": "A B<00>", "state": "held"}])

    def test_an_older_mailslotd_is_told_as_such(self):
        self.answer(None)
        self.assert_fails(self.run_tool("info", "--host"), ERROR, "older than this program")

    def test_doctor_does_without_what_mailslotd_does_not_say(self):
        conf = os.path.join(self.directory, "conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write("interface = none\n")
        self.env.update(MAILSLOT_CONFIG=conf)
        self.answer(self.FIELDS[:2])
        result = self.run_tool("doctor")
        self.assertEqual((result.status, result.err), (ERROR, ""), result)
        self.assertIn(b"\nok    mailslotd 7 runs, process 12\n", result.out)

    def test_info_without_mailslotd_is_status_5(self):
        for options in ((), ("--json",)):
            result = self.run_tool("info", "--host", *options)
            self.assert_fails(result, NO_SLOT, "no mailslotd runs here")
            self.assertEqual(result.out, b"")

    def test_doctor_without_mailslotd_says_what_to_do(self):
        self.env.update(MAILSLOT_NAME="someone", MAILSLOT_WORKGROUP="lab",
                        MAILSLOT_CONFIG="/dev/null")
        result = self.run_tool("doctor")
        self.assertEqual((result.status, result.err), (ERROR, ""), result)
        lines = result.out.decode().splitlines()
        self.assertIn("ok    computer SOMEONE (from the environment), "
                      "workgroup LAB (from the environment)", lines)
        self.assertTrue(any(line.startswith("fix   no mailslotd runs") for line in lines), lines)
        for line in lines:
            self.assertRegex(line, r"\A(ok  |note|fix )  \S")

    def test_doctor_names_what_is_wrong_with_the_configuration(self):
        self.env.update(MAILSLOT_CONFIG=os.path.join(self.directory, "conf"))
        with open(self.env["MAILSLOT_CONFIG"], "w", encoding="utf-8") as file:
            file.write("\n# a comment\nnaem = HOST\n")
        self.assert_fails(self.run_tool("doctor"), USAGE, self.env["MAILSLOT_CONFIG"], "3", "naem")


class List(ToolTest):
    def test_no_slots(self):
        self.assert_done(self.run_tool("list"))
        self.assertEqual(self.run_tool("list").out, b"")
        self.assertEqual(json.loads(self.run_tool("list", "--json").out), [])

    def test_names_as_first_given_sorted(self):
        for name in ("b", "\u00e9", "A/x", "a\\Y"):
            self.listen(name)
        shown = self.run_tool("list").out.decode().splitlines()
        self.assertEqual(shown, sorted(shown, key=str.encode))
        self.assertEqual({name.replace("\\", "/") for name in shown}, {"b", "\u00e9", "A/x", "a/Y"})
        slots = json.loads(self.run_tool("list", "--json").out)
        self.assertEqual([slot["name"] for slot in slots], shown)
        for slot in slots:
            self.assertEqual(list(slot), KEYS)

    def test_slots_of_dead_readers_are_not_there(self):
        listener = self.listen("x")
        listener.process.kill()
        listener.process.wait()
        self.assertEqual(self.run_tool("list").out, b"")


class Codecs(ToolTest):
    def test_one_a_line(self):
        names = ["text", "utf8", "bytes", "msgpack", "protobuf:trace.Event"]
        self.assertEqual(self.run_tool("codecs").out.decode().splitlines(), names)
        self.assertEqual(json.loads(self.run_tool("codecs", "--json").out), names)


class Everywhere(ToolTest):
    VERBS = ["send", "listen", "info", "list", "top", "codecs", "lookup", "hosts", "doctor"]

    def test_help_of_the_program_names_every_verb_and_status(self):
        for option in ("--help", "-h"):
            result = self.run_tool(option)
            self.assert_done(result)
            for word in [f"\n  {verb} " for verb in self.VERBS] + ["4  a message", "5  no such"]:
                self.assertIn(word, result.out.decode())

    def test_help_of_every_verb_whatever_stands_before_it(self):
        for verb in self.VERBS:
            for arguments in (["--help"], ["a", "b", "c", "-h"]):
                result = self.run_tool(verb, *arguments)
                self.assert_done(result)
                self.assertTrue(result.out.startswith(b"usage: mailslot %s" % verb.encode()))
                self.assertIn(b"xit status", result.out)

    def test_help_fits_the_screen(self):
        for arguments in [[], *([verb] for verb in self.VERBS)]:
            for line in self.run_tool(*arguments, "--help").out.decode().splitlines():
                self.assertLessEqual(len(line), 96)

    def test_version(self):
        self.assertRegex(self.run_tool("--version").out, rb"\Amailslot \d+\.\d+\.\d+\n\Z")

    def test_usage(self):
        for arguments in ([], ["nope"], ["--nope"], [""], ["info"], ["info", "a", "b"],
                          ["list", "a"], ["codecs", "a"], ["info", "x", "--json", "--json"],
                          ["info", "x", "--host"], ["doctor", "a"],
                          ["list", "--nope"], ["codecs", "-x"]):
            with self.subTest(arguments=arguments):
                self.assert_fails(self.run_tool(*arguments), USAGE, "--help")

    def test_control_characters_of_arguments_are_not_echoed(self):
        result = self.run_tool("\x1b]0;evil\x07\n")
        self.assert_fails(result, USAGE, "\\x1b]0;evil\\x07\\x0a")

    def test_output_that_cannot_be_written_is_an_error(self):
        self.listen("x")
        for arguments in (["--help"], ["--version"], ["send", "--help"], ["info", "x"], ["list"],
                          ["codecs", "--json"], ["doctor"]):
            with self.subTest(arguments=arguments), open("/dev/full", "wb") as full:
                self.assert_fails(self.run_tool(*arguments, stdout=full), ERROR,
                                  "standard output", "No space left")

    def test_closed_descriptors_do_not_confuse(self):
        done = subprocess.run(["sh", "-c", '"$0" list >&- 2>&-; test $? -eq 0', TOOL], env=self.env)
        self.assertEqual(done.returncode, DONE)


if __name__ == "__main__":
    unittest.main()
