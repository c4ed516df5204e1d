"""Writing to other computers (S5, S13, S14, S35, S36): what is asked, and what arrives, byte for
byte."""

import socket
import struct
import time
import unittest

from harness.waiting import repeated
from harness.tool import ERROR, TOO_BIG
from harness.segment import (NB, NULL, STATUS, SegmentTest, address, encode_name, reply,
                             skip_unless_possible)


def mailslot_write(path, data):
    """The SMB transaction of a mailslot write ([MS-MAIL] 2.2.1), put together anew here."""
    name = b"\\MAILSLOT\\" + path + b"\0"
    header = b"\xffSMB\x25" + bytes(4) + b"\x18\x04\x00" + bytes(14) + b"\xff\xfe" + bytes(4)
    words = struct.pack("<HHHHBBHIHHHHHBBHHH", 0, len(data), 0, 0, 0, 0, 0, 1000, 0, 0, 0,
                        len(data), 69 + len(name), 3, 0, 1, 1, 2)
    return header + b"\x11" + words + struct.pack("<H", len(name + data)) + name + data


def datagram(kind, ident, source_ip, source, destination, user_data):
    body = source + destination + user_data
    return (struct.pack(">BBH4sHHH", kind, 2, ident, socket.inet_aton(source_ip), 138, len(body), 0)
            + body)


class SendingTest(SegmentTest):
    def send(self, name, *values):
        self.assert_done(self.ask("send", name, "--codec", "bytes", "--", *values))

    def expect(self, kind, source_ip, destination, path, data, to, scope=""):
        """The next datagram is exactly this; returns its DGM_ID."""
        heard, source, sent_to = self.segment.hear()
        ident, = struct.unpack(">H", heard[2:4])
        self.assertEqual(heard, datagram(kind, ident, source_ip, encode_name("SENDER", 0, scope),
                                         encode_name(destination, 0, scope),
                                         mailslot_write(path, data)))
        self.assertEqual((source[0], sent_to), (source_ip, to))
        return ident


class ToOne(SendingTest):
    def test_the_bytes_of_a_query_and_of_a_message(self):
        self.segment.is_at("HOST", "10.77.0.2")
        self.send(r"\\host\mailslot\Dir\x", "hello")
        query = (struct.pack(">HHHHH", 0x0110, 1, 0, 0, 0) + encode_name("HOST") +
                 struct.pack(">HH", NB, 1))
        self.assertIn(("10.77.0.255", query),
                      [(heard.destination, heard.data[2:]) for heard in self.segment.queries])
        self.expect(0x10, "10.77.0.1", "HOST", rb"Dir\x", b"hello", to="10.77.0.2")
        self.assertTrue(self.segment.is_silent())

    def test_the_address_it_is_sent_from_is_that_of_the_way_there(self):
        self.segment.is_at("HOST", "10.77.1.3")
        self.send(r"\\host\mailslot\x", "hello")
        self.expect(0x10, "10.77.1.1", "HOST", b"x", b"hello", to="10.77.1.3")

    def test_of_several_addresses_one_that_is_near(self):
        self.segment.answers[encode_name("HOST")] = lambda query: [
            reply(query, address("192.0.2.7") + address("10.77.1.2"))]
        self.send(r"\\host\mailslot\x", "hello")
        self.expect(0x10, "10.77.1.1", "HOST", b"x", b"hello", to="10.77.1.2")

    def test_a_name_is_asked_for_once(self):
        self.segment.is_at("HOST", "10.77.0.2")
        values = [f"message {number}" for number in range(50)]
        self.send(r"\\host\mailslot\x", *values)
        idents = [self.expect(0x10, "10.77.0.1", "HOST", b"x", value.encode(), to="10.77.0.2")
                  for value in values]
        self.assertEqual(len(set(idents)), len(idents))
        self.assertEqual(len({query.ident for query in self.segment.queries}), 1)

    def test_nothing_and_the_most(self):
        self.segment.is_at("HOST", "10.77.0.2")
        for path, most in (("x", 424), ("sevenXX", 424), ("eightXXX", 424), ("nineXXXXX", 423),
                           ("p" * 246, 186)):
            self.send(rf"\\host\mailslot\{path}", "", "d" * most)
            for data in (b"", b"d" * most):
                self.expect(0x10, "10.77.0.1", "HOST", path.encode(), data, to="10.77.0.2")
            result = self.run_tool("send", rf"\\host\mailslot\{path}", "d" * (most + 1))
            self.assert_fails(result, TOO_BIG, f"{most + 1} bytes", f"limit {most}")
            self.assertTrue(self.segment.is_silent())

    def test_what_is_too_big_asks_nobody(self):
        result = self.run_tool("send", r"\\host\mailslot\x", "d" * 425)
        self.assert_fails(result, TOO_BIG, "425 bytes", "limit 424")
        result = self.run_tool("send", r"\\host\mailslot\x", "--max", "10", "d" * 11)
        self.assert_fails(result, TOO_BIG, "11 bytes", "limit 10")
        self.assertEqual(self.segment.queries, [])

    def test_nobody_of_that_name(self):
        def seconds_until_told():
            self.segment.forget_queries()
            before = time.monotonic()
            result = self.run_tool("send", r"\\nobody\mailslot\x", "hello")
            self.assert_fails(result, ERROR, "no answer for", "NOBODY<00>", "lan0 (10.77.0.255)",
                              "lan1 (10.77.1.255)")
            return time.monotonic() - before
        self.assertLess(repeated(seconds_until_told, lambda seconds: seconds < 5, times=3), 5)
        self.assertEqual(len(self.segment.queries), 6)
        self.assertEqual(len({query.ident for query in self.segment.queries}), 1)

    def test_answers_that_are_not_to_the_question(self):
        def answers(query):
            right = address("10.77.0.2")
            yield b""
            yield b"\0" * 12
            yield reply(query, right)[:-1]
            yield reply(query, right, ident=query.ident ^ 1)
            yield reply(query, right, name=encode_name("HOTS"))
            yield reply(query, right, flags=0x0500)
            yield reply(query, right, rtype=STATUS)
            yield reply(query, right, flags=0x8503)
            yield reply(query, address("255.255.255.255"))
            yield reply(query, address("127.0.0.1"))
            yield reply(query, address("10.77.0.255"))
            yield reply(query, address("10.77.0.3")), self.segment.other_port
            yield reply(query, right)

        self.segment.answers[encode_name("HOST")] = answers
        self.send(r"\\host\mailslot\x", "hello")
        self.expect(0x10, "10.77.0.1", "HOST", b"x", b"hello", to="10.77.0.2")

    def test_a_scope(self):
        self.configure("scope = lab.test\n")
        self.segment.answers[encode_name("HOST", 0, "lab.test")] = lambda query: [
            reply(query, address("10.77.0.2"))]
        self.send(r"\\host\mailslot\x", "hello")
        self.expect(0x10, "10.77.0.1", "HOST", b"x", b"hello", to="10.77.0.2", scope="lab.test")

    def test_the_own_name_is_not_asked_for(self):
        result = self.run_tool("send", r"\\SENDER\mailslot\x", "hello")
        self.assertEqual(result.status, 5, result)
        self.assertEqual(self.segment.queries, [])


class ToMany(SendingTest):
    def expect_on_both(self, destination, path, data):
        arrived = sorted((self.segment.hear() for _ in range(2)), key=lambda one: one[2])
        idents = set()
        for number, (heard, source, to) in enumerate(arrived):
            here = f"10.77.{number}.1"
            self.assertEqual((source[0], to), (here, f"10.77.{number}.255"))
            idents.add(heard[2:4])
            self.assertEqual(heard, datagram(0x11, struct.unpack(">H", heard[2:4])[0], here,
                                             encode_name("SENDER"), encode_name(destination),
                                             mailslot_write(path, data)))
        self.assertEqual(len(idents), 1)
        self.assertTrue(self.segment.is_silent())

    def test_the_own_workgroup_is_not_asked_for(self):
        self.send(r"\\LAB\mailslot\x", "hello")
        self.expect_on_both("LAB", b"x", b"hello")
        self.assertEqual(self.segment.queries, [])

    def test_everybody_is_the_own_workgroup(self):
        self.send(r"\\*\mailslot\x", "hello")
        self.expect_on_both("LAB", b"x", b"hello")
        self.assertEqual(self.segment.queries, [])

    def test_another_group_is_found_by_asking(self):
        self.segment.is_group("OTHERS")
        self.send(r"\\others\mailslot\x", "hello", "again")
        for data in (b"hello", b"again"):
            arrived = [self.segment.hear() for _ in range(2)]
            self.assertEqual({to for _, _, to in arrived}, {"10.77.0.255", "10.77.1.255"})
            for heard, _, _ in arrived:
                self.assertEqual((heard[0], heard[48:82], heard[-len(data):]),
                                 (0x11, encode_name("OTHERS"), data))
        self.assertEqual(len({query.ident for query in self.segment.queries}), 1)

    def test_only_the_chosen_interface(self):
        self.configure("interface = lan1\n")
        self.send(r"\\*\mailslot\x", "hello")
        self.expect(0x11, "10.77.1.1", "LAB", b"x", b"hello", to="10.77.1.255")
        self.assertTrue(self.segment.is_silent())

    def test_own_readers_get_it_once(self):
        listener = self.listen("x")
        self.send(r"\\*\mailslot\x", "one")
        self.send(r"\\lab\mailslot\X", "two")
        self.assertEqual([listener.line(), listener.line()], [b"one\n", b"two\n"])
        self.assertEqual(self.info("x")["count"], 0)

    def test_own_readers_get_nothing_of_another_group(self):
        listener = self.listen("x")
        self.segment.is_group("OTHERS")
        self.send(r"\\others\mailslot\x", "not here")
        self.send("x", "here")
        self.assertEqual(listener.line(), b"here\n")

    def test_without_an_interface_own_readers_have_it_and_it_fails(self):
        self.configure("interface = none0\n")
        listener = self.listen("x")
        result = self.run_tool("send", r"\\*\mailslot\x", "hello")
        self.assert_fails(result, ERROR, "no interface of none0")
        self.assertEqual(listener.line(), b"hello\n")
        result = self.run_tool("send", r"\\host\mailslot\x", "hello")
        self.assert_fails(result, ERROR, "no interface of none0")


class Servers(SendingTest):
    def setUp(self):
        super().setUp()
        self.configure("wins = 10.77.0.3\n")

    def test_a_server_is_asked_first(self):
        self.segment.answers[encode_name("HOST")] = lambda query: (
            [reply(query, address("10.77.1.2"), flags=0x8580)]
            if query.destination == "10.77.0.3" else [])
        self.send(r"\\host\mailslot\x", "hello")
        self.expect(0x10, "10.77.1.1", "HOST", b"x", b"hello", to="10.77.1.2")
        query = self.segment.queries[0]
        self.assertEqual((query.flags, query.destination), (0x0100, "10.77.0.3"))

    def test_a_server_knows_a_group_without_an_address(self):
        self.segment.answers[encode_name("OTHERS")] = lambda query: (
            [reply(query, address("0.0.0.0", 0xE000), flags=0x8580)]
            if query.destination == "10.77.0.3" else [])
        self.send(r"\\others\mailslot\x", "hello")
        self.assertEqual(self.segment.hear()[0][0], 0x11)

    def test_what_the_server_does_not_know_is_broadcast_for(self):
        def answers(query):
            if query.destination == "10.77.0.3":
                return [reply(query, b"", flags=0x8583, rtype=NULL, ttl=0)]
            return [reply(query, address("10.77.0.2"))]

        self.segment.answers[encode_name("HOST")] = answers
        self.send(r"\\host\mailslot\x", "hello")
        self.expect(0x10, "10.77.0.1", "HOST", b"x", b"hello", to="10.77.0.2")
        asked = dict.fromkeys(query.destination for query in self.segment.queries)
        self.assertEqual(list(asked)[:2], ["10.77.0.3", "10.77.0.255"])

    def test_a_silent_server_holds_nobody_up(self):
        self.segment.answers[encode_name("HOST")] = lambda query: (
            [] if query.destination == "10.77.0.3" else [reply(query, address("10.77.0.2"))])
        self.send(r"\\host\mailslot\x", "hello")
        self.expect(0x10, "10.77.0.1", "HOST", b"x", b"hello", to="10.77.0.2")

    def test_nobody_says_which_servers_were_asked(self):
        result = self.run_tool("send", r"\\nobody\mailslot\x", "hello")
        self.assert_fails(result, ERROR, "no answer for", "WINS (10.77.0.3)", "lan1 (10.77.1.255)")


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
