"""What the verbs lookup and hosts ask, and what they show of the answers (S35)."""

import json
import struct
import unittest

from harness.tool import DONE, ERROR, USAGE
from harness.segment import STATUS, SegmentTest, address, encode_name, reply, skip_unless_possible


class Looking(SegmentTest):
    def status_of(self, *names):
        """A node status: (name, suffix, flags)..."""
        rdata = bytes([len(names)])
        for name, suffix, flags in names:
            rdata += name.encode().ljust(15) + bytes([suffix]) + struct.pack(">H", flags)
        return rdata + bytes(46)

    def test_lookup_of_a_host(self):
        self.configure("interface = lan0\n")
        self.segment.is_at("HOST", "10.77.0.2")
        result = self.ask("lookup", "host")
        self.assert_done(result)
        self.assertEqual(result.out, b"10.77.0.2 unique\n")

    def test_lookup_with_a_suffix_as_json(self):
        self.segment.answers[encode_name("HOST", 0x20)] = lambda query: [
            reply(query, address("10.77.0.2") + address("192.0.2.7"))] * 2
        result = self.ask("lookup", "host#20", "--json")
        self.assert_done(result)
        answers = json.loads(result.out)
        by = answers[0]["by"]
        self.assertRegex(by, r"\A10\.77\.[01]\.2\Z")
        self.assertIn({"address": "192.0.2.7", "group": False, "by": by, "wins": False}, answers)
        self.assertEqual(len({(answer["address"], answer["by"]) for answer in answers}),
                         len(answers))

    def test_lookup_by_a_server(self):
        self.configure("wins = 10.77.0.3\n")
        self.segment.answers[encode_name("LAB")] = lambda query: (
            [reply(query, address("255.255.255.255", 0xE000), flags=0x8580)]
            if query.destination == "10.77.0.3" else [])
        result = self.ask("lookup", "lab")
        self.assert_done(result)
        self.assertEqual(result.out, b"255.255.255.255 group by WINS server 10.77.0.3\n")

    def test_lookup_of_nobody(self):
        result = self.run_tool("lookup", "nobody#1B")
        self.assert_fails(result, ERROR, "no answer for the name", "NOBODY<1b>", "lan0")
        self.assertEqual(result.out, b"")

    def test_lookup_of_what_is_no_name(self):
        for name in ("host#", "host#123", "host#xy"):
            self.assert_fails(self.run_tool("lookup", name), USAGE, "suffix")
        self.assert_fails(self.run_tool("lookup", "n" * 16), ERROR, "16 characters")
        self.assert_fails(self.run_tool("lookup", "192.0.2.1"), ERROR, "address")
        self.assertEqual(self.segment.queries, [])

    def answer_everybody(self):
        status = self.status_of(("HOST", 0x00, 0x0400), ("HOST", 0x20, 0x0400),
                                ("LAB", 0x00, 0x8400), ("CLASH", 0x03, 0x0C00 & ~0x0400))

        def answers(query):
            if query.type == STATUS:
                return [reply(query, status, flags=0x8400, rtype=STATUS, ttl=0)]
            return [reply(query, address("10.77.0.2"))]

        self.segment.answers[encode_name("*")] = answers

    @staticmethod
    def words(result):
        return [line.split() for line in result.out.decode().splitlines()]

    def test_hosts(self):
        self.answer_everybody()
        expected = [["10.77.0.2", "HOST", "LAB"], ["10.77.1.2", "HOST", "LAB"]]
        result = self.ask("hosts", good=lambda result: self.words(result) == expected)
        self.assert_done(result)
        self.assertEqual(self.words(result), expected)
        status = next(query for query in self.segment.queries if query.type == STATUS)
        self.assertEqual((status.flags, status.destination[-2:]), (0, ".2"))

    def test_hosts_as_json(self):
        self.answer_everybody()
        self.configure("interface = lan1\n")
        result = self.ask("hosts", "--json", good=lambda result: b'"HOST"' in result.out)
        self.assert_done(result)
        host, = json.loads(result.out)
        self.assertEqual((host["address"], host["computer"], host["workgroup"]),
                         ("10.77.1.2", "HOST", "LAB"))
        self.assertEqual(host["names"][2:],
                         [{"name": "LAB", "suffix": 0, "group": True, "active": True},
                          {"name": "CLASH", "suffix": 3, "group": False, "active": False}])

    def test_a_host_that_does_not_tell(self):
        self.segment.answers[encode_name("*")] = lambda query: (
            [] if query.type == STATUS else [reply(query, address("10.77.0.2"))])
        self.configure("interface = lan0\n")
        result = self.ask("hosts")
        self.assert_done(result)
        self.assertEqual(self.words(result), [["10.77.0.2", "-", "-"]])
        host, = json.loads(self.ask("hosts", "--json").out)
        self.assertEqual(host, {"address": "10.77.0.2", "computer": None, "workgroup": None,
                                "names": []})

    def test_no_hosts(self):
        result = self.run_tool("hosts")
        self.assert_fails(result, ERROR, "no answer for the name", "lan0 (10.77.0.255)")
        self.assertEqual(result.out, b"")

    def test_usage(self):
        self.assert_fails(self.run_tool("hosts", "x"), USAGE)
        self.assert_fails(self.run_tool("lookup"), USAGE)
        self.assert_fails(self.run_tool("lookup", "a", "b"), USAGE)
        self.assertEqual(self.run_tool("lookup", "--help").status, DONE)


if __name__ == "__main__":
    skip_unless_possible()
    unittest.main()
