"""A message written by mailslot.exe and one written by this machine's own mailslot from the same
value are the same bytes, for every codec."""

import os
import shutil
import subprocess
import tempfile
import unittest

from harness.skipping import skip
from harness.waiting import PATIENCE, wait_until
from harness.wine_tool import WineTest

NATIVE = os.environ["MAILSLOT_TOOL"]

TEXTS = ["", "plain", "h\u00e4\u20ac \U0001f600", "a\tb", " "]
OBJECTS = [
    "null", "true", "0", "-1", "127", "128", "-32", "-33", "255", "256", "65535", "65536",
    "4294967295", "4294967296", "18446744073709551615", "-9223372036854775808", "1.5",
    "-0.0", "1e300", '{"$float":0.1}', '{"$double":"NaN"}', '"text"', '"' + "x" * 300 + '"',
    '[1,[2,{"a":[]}],"b"]', '{"b":1,"a":{"c":null}}', '{"$bin":"AAEC/w=="}', '{"$ext":[5,"AQI="]}',
    '{"$map":[[1,2],["x",3]]}', '{"h\u00e4":"\u20ac"}',
]
EVENTS = [
    "{}",
    '{"severity":"SEVERITY_WARNING","message":"disk almost full"}',
    '{"message":"h\u00e4\u20ac \U0001f600","timestamp":"1790000000123456789"}',
]
VALUES = {"text": TEXTS, "utf8": TEXTS, "bytes": TEXTS, "msgpack": OBJECTS,
          "protobuf:trace.Event": EVENTS}


class SameBytes(WineTest):
    def setUp(self):
        directory = tempfile.mkdtemp(prefix="mailslot-test-", dir="/dev/shm")
        self.addCleanup(shutil.rmtree, directory)
        self.env = dict(os.environ, MAILSLOT_DIR=directory)

    def run_native(self, *arguments):
        return subprocess.run([NATIVE, *arguments], env=self.env, timeout=PATIENCE, check=False,
                              capture_output=True)

    def written_here(self, codec, values):
        listener = subprocess.Popen([NATIVE, "listen", "same", "--format", "hex", "--count",
                                     str(len(values))], env=self.env, stdout=subprocess.PIPE)
        wait_until(lambda: self.run_native("info", "same").returncode == 0)
        result = self.run_native("send", "same", "--codec", codec, "--", *values)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        return listener.communicate(timeout=PATIENCE)[0].split(b"\n")

    def written_there(self, codec, values):
        listener = self.listen("same", "--format", "hex", "--count", str(len(values)))
        self.assert_done(self.run_tool("send", "same", "--codec", codec, "--", *values))
        return listener.finish().out.split(b"\n")

    def test_every_codec(self):
        for codec, values in VALUES.items():
            with self.subTest(codec=codec):
                here = self.written_here(codec, values)
                self.assertEqual(len(here), len(values) + 1)
                self.assertEqual(here, self.written_there(codec, values))
                print(f"{codec}: {len(values)} values, the same bytes")


if __name__ == "__main__":
    if not os.access(NATIVE, os.X_OK):
        skip("no mailslot of this machine to compare with: MAILSLOT_TOOL")
    unittest.main()
