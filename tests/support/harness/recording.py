"""Record files for the tests: a running `mailslot record`, and an implementation of the format that
shares nothing with the tool's but proto/record.proto."""

import collections
import os
import struct

import record_pb2
from harness.tool import TOOL, RunningTool, ToolTest
from harness.waiting import wait_until

FORMAT = "mailslot-record-file\n"

_TABLE = []
for _byte in range(256):
    for _ in range(8):
        _byte = _byte >> 1 ^ 0x82F63B78 if _byte & 1 else _byte >> 1
    _TABLE.append(_byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


# ---- Writing ----

def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def entry(**content):
    data = record_pb2.Entry(**content).SerializeToString()
    begin = varint(len(data) + 5) + data
    return begin + b"\x7d" + struct.pack("<I", crc32c(begin))


def header(*slots, descriptor_set=b"", begun=0):
    """slots are names, whose codec is text, or pairs of name and codec."""
    pairs = [(slot, "text") if isinstance(slot, str) else slot for slot in slots]
    return entry(format=FORMAT) + entry(header=record_pb2.Header(
        slots=[record_pb2.Slot(name=name, codec=codec) for name, codec in pairs],
        descriptor_set=descriptor_set, begun=begun))


def message(data, arrival=0, slot=0, elapsed=0, **origin):
    return entry(message=record_pb2.Message(slot=slot, arrival=arrival, data=data, elapsed=elapsed,
                                            origin=record_pb2.Origin(**origin)))


# ---- Reading ----

Whole = collections.namedtuple("Whole", "offset end entry")


def whole_entries(data):
    """The entries at the beginning of data that are whole."""
    found, offset = [], 0
    while offset < len(data):
        length = shift = 0
        at = offset
        while at < len(data):
            length |= (data[at] & 0x7F) << shift
            shift += 7
            at += 1
            if data[at - 1] < 0x80:
                break
        end = at + length
        if end > len(data) or data[at - 1] >= 0x80 or data[end - 5] != 0x7D:
            break
        if crc32c(data[offset:end - 5]) != struct.unpack("<I", data[end - 4:end])[0]:
            break
        found.append(Whole(offset, end, record_pb2.Entry.FromString(data[at:end])))
        offset = end
    return found


def messages_of(data):
    return [whole.entry.message for whole in whole_entries(data)
            if whole.entry.HasField("message")]


def header_of(data):
    return whole_entries(data)[1].entry.header


# ---- The tool ----

class Recorder(RunningTool):
    """`mailslot record` with its file made and its slots open."""

    def __init__(self, case, path, names, options, under=(), **how):
        super().__init__(case, [*under, TOOL, "record", *names, "-o", path, *options], **how)
        self.path = path
        wait_until(lambda: self.process.poll() is not None or os.path.exists(path), path)
        self.wait_for_slots(*names)


class RecordTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.path = self.in_directory("x.rec")

    def in_directory(self, name):
        return os.path.join(self.directory, name)

    def record(self, *names, options=(), path=None, **how):
        return Recorder(self, path or self.path, names, options, **how)

    def send(self, name, *values, **how):
        self.assert_done(self.run_tool("send", name, "--", *values, **how))

    def send_bytes(self, name, data):
        self.assert_done(self.run_tool("send", name, "--raw-file", "-", stdin=data))

    def write(self, data, name="x.rec"):
        path = self.in_directory(name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def read(self, path=None):
        with open(path or self.path, "rb") as file:
            return file.read()

    def cat(self, *arguments, **how):
        return self.run_tool("cat", *(arguments or (self.path,)), **how)

    def assert_prints(self, expected, *arguments):
        result = self.cat(*arguments)
        self.assert_done(result)
        self.assertEqual(result.out, expected)
