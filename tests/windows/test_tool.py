"""The tool on Windows: each local verb once, and what differs from Linux: arguments, streams,
names."""

import json
import os
import tempfile
import unittest

from harness.tool import DONE, ERROR, FEWER, NO_SLOT, TOO_BIG, USAGE
from harness.wine_tool import WineTest


class Tool(WineTest):
    def test_arguments_names_and_streams_are_utf8(self):
        listener = self.listen("gr\u00fc\u00dfe\\x", "--count", "2", "--codec", "utf8")
        self.assert_done(self.run_tool("send", "//./mailslot/gr\u00fc\u00dfe/x", "--codec", "utf8",
                                       "h\u00e4\u20ac \U0001f600"))
        self.assert_done(self.run_tool("send", "gr\u00fc\u00dfe/x", stdin="z\u00e4h\n".encode()))
        result = listener.finish()
        self.assert_done(result)
        self.assertEqual(result.out, "h\u00e4\u20ac \U0001f600\nz\u00e4h\n".encode())

    def test_streams_are_binary(self):
        content = bytes(range(256)) + b"\r\n\x1a\n"
        listener = self.listen("binary", "--count", "1", "--format", "raw")
        self.assert_done(self.run_tool("send", "binary", "--file", "-", stdin=content))
        self.assertEqual(listener.finish().out, content)

    def test_a_file_is_found_by_its_utf8_name(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "gr\u00fc\u00dfe")
            with open(path, "wb") as file:
                file.write(b"a\r\nb\x1ac")
            listener = self.listen("file", "--count", "1", "--format", "raw")
            self.assert_done(self.run_tool("send", "file", "--file", "Z:" + path))
        self.assertEqual(listener.finish().out, b"a\r\nb\x1ac")

    def test_info_and_list_show_readers_of_other_processes(self):
        listener = self.listen("App\\Trace", "--max", "424", "--count", "1")
        result = self.run_tool("info", "app/trace", "--json")
        self.assert_done(result)
        info = json.loads(result.out)
        self.assertEqual((info["max_message"], info["count"], info["next_size"]), (424, 0, None))
        self.assertEqual(self.run_tool("list").out, b"App\\Trace\n")
        self.assert_done(self.run_tool("send", "app\\trace", "x"))
        listener.finish()
        self.assertEqual(self.run_tool("list").out, b"")
        self.assert_fails(self.run_tool("info", "app/trace"), NO_SLOT, "app\\trace: ")

    def test_a_writer_learns_the_maximum_of_a_reader_elsewhere(self):
        listener = self.listen("small", "--max", "5", "--count", "1")
        self.assert_fails(self.run_tool("send", "small", "123456"), TOO_BIG,
                          "small: message too big: 6 bytes, limit 5")
        self.assert_done(self.run_tool("send", "small", "12345"))
        self.assertEqual(listener.finish().out, b"12345\n")

    def test_one_reader_and_a_live_one(self):
        self.listen("once")
        self.assert_fails(self.run_tool("listen", "once"), ERROR, "once: ", "183")
        self.assert_fails(self.run_tool("send", "nobody", "x"), NO_SLOT, "nobody: ",
                          "Windows error 2")

    def test_a_timeout_ends_listening(self):
        result = self.run_tool("listen", "idle", "--timeout", "200", "--count", "1")
        self.assertEqual(result.status, FEWER, result)
        self.assertEqual(self.run_tool("listen", "idle", "--timeout", "0").status, DONE)

    def test_origins_are_not_known(self):
        listener = self.listen("meta", "--meta", "--count", "1")
        self.assert_done(self.run_tool("send", "meta", ""))
        message = json.loads(listener.finish().out)
        self.assertEqual((message["size"], message["value"]), (0, ""))
        self.assertEqual(message["origin"],
                         {"computer": ".", "address": "", "pid": None, "uid": None})

    def test_what_would_be_another_name_is_refused(self):
        for name in ("x..", "x ", "a.\\b"):
            result = self.run_tool("listen", name, "--timeout", "0")
            self.assert_fails(result, ERROR, "bad mailslot name")

    def test_codecs_and_version(self):
        self.assertIn(b"protobuf:trace.Event\n", self.run_tool("codecs").out)
        self.assertTrue(self.run_tool("--version").out.startswith(b"mailslot "))
        self.assertEqual(self.run_tool("sent").status, USAGE)


if __name__ == "__main__":
    unittest.main()
