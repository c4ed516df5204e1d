"""MessagePack as python3-msgpack writes and reads it, against the library's codec.

Usage: msgpack_test.py HELPER
"""

import datetime
import random
import struct
import sys

from harness.skipping import skip
from harness.tally import Tally, ask, tohex, unhex

try:
    import msgpack
except ImportError:
    skip("python3-msgpack is not installed")


class Float32(float):
    """A number to be written as a float 32."""


def pack(value):
    """Python's bytes of a value; float 32, which it writes for all or none, by hand."""
    if isinstance(value, Float32):
        return msgpack.packb(float(value), use_single_float=True)
    if isinstance(value, list):
        return header(len(value), 0x90, 0xDC) + b"".join(map(pack, value))
    if isinstance(value, Pairs):
        return header(len(value), 0x80, 0xDE) + b"".join(pack(k) + pack(v) for k, v in value)
    return msgpack.packb(value, use_bin_type=True)


def header(count, short, long):
    if count < 16:
        return bytes([short | count])
    return struct.pack(">BH", long, count) if count < 65536 else struct.pack(">BI", long + 1, count)


class Pairs(tuple):
    """A map, with keys of any type and in order."""


def tokens(value):
    """The same value in the helper's notation."""
    if value is None:
        return "n"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int):
        return f"u{value}" if value >= 0 else f"i{value}"
    if isinstance(value, Float32):
        return "g" + struct.pack(">f", value).hex()
    if isinstance(value, float):
        return "d" + struct.pack(">d", value).hex()
    if isinstance(value, str):
        return "s" + tohex(value.encode())
    if isinstance(value, bytes):
        return "b" + tohex(value)
    if isinstance(value, msgpack.Timestamp):
        return "e-1:" + tohex(value.to_bytes())
    if isinstance(value, msgpack.ExtType):
        code = value.code - 256 if value.code > 127 else value.code
        return f"e{code}:" + tohex(value.data)
    if isinstance(value, Pairs):
        return " ".join([f"m{len(value)}"] + [tokens(k) + " " + tokens(v) for k, v in value])
    return " ".join([f"a{len(value)}"] + [tokens(v) for v in value])


def plain(value):
    """The value as msgpack.unpackb(..., object_pairs_hook=Pairs) gives it back."""
    if isinstance(value, Float32):
        return float(value)
    if isinstance(value, Pairs):
        return Pairs((plain(k), plain(v)) for k, v in value)
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def unpack(data):
    return msgpack.unpackb(data, raw=False, strict_map_key=False, object_pairs_hook=Pairs,
                           use_list=True, timestamp=0)


def integers():
    edges = [0, 1, 127, 128, 255, 256, 65535, 65536, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63,
             2**64 - 1]
    return edges + [-1, -32, -33, -128, -129, -32768, -32769, -(2**31), -(2**31) - 1, -(2**63)]


def floats():
    wide = [0.0, -0.0, 0.1, 1e308, 5e-324, float("inf"), float("-inf")]
    narrow = [Float32(x) for x in (0.0, -0.0, 1.5, -2.0**-149, 2.0**127, float("inf"))]
    return wide + narrow


def bodies():
    lengths = [0, 1, 15, 31, 32, 255, 256, 65535, 65536, 70000]
    return [x * n for n in lengths for x in ("x", b"\xff")] + ["\u20ac\U0001f4eb", "a\0b", b"a\0b"]


def exts():
    lengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 255, 256, 65535, 65536]
    return [msgpack.ExtType(code, b"e" * n) for n in lengths for code in (0, 5, 127)]


def timestamps():
    return [msgpack.Timestamp(s, n) for s, n in [
        (0, 0), (1, 0), (2**32 - 1, 0),                  # 32
        (0, 1), (2**32, 0), (2**34 - 1, 999999999),      # 64
        (-1, 0), (2**34, 0), (-(2**63), 999999999), (2**63 - 1, 0)]]  # 96


def containers():
    any_keys = Pairs((k, i) for i, k in enumerate([None, True, 1, -1, 0.5, "s", b"b", [1, [2]],
                                                   Pairs([("k", "v")]), msgpack.ExtType(1, b"x")]))
    sizes = [0, 1, 15, 16, 65535, 65536]
    arrays = [[i % 100 for i in range(n)] for n in sizes]
    maps = [Pairs((i, None) for i in range(n)) for n in (0, 1, 15, 16, 65536)]
    return arrays + maps + [any_keys, [any_keys, [[]], Pairs()]]


def deep(levels):
    value = None
    for _ in range(levels):
        value = [value]
    return value


def rand_value(rng, depth=0):
    kinds = 9 if depth > 4 else 11
    kind = rng.randrange(kinds)
    if kind < 2:
        return rng.choice([None, True, False])
    if kind < 4:
        return rng.choice([1, -1]) * rng.getrandbits(rng.choice([7, 8, 16, 32, 63]))
    if kind == 4:
        return struct.unpack(">d", struct.pack(">d", rng.uniform(-1e9, 1e9)))[0]
    if kind == 5:
        return Float32(struct.unpack(">f", struct.pack(">f", rng.uniform(-1e3, 1e3)))[0])
    if kind == 6:
        return "".join(chr(rng.choice([65, 0x20AC, 0x1F4EB])) for _ in range(rng.randrange(40)))
    if kind == 7:
        return rng.randbytes(rng.randrange(40))
    if kind == 8:
        return msgpack.ExtType(rng.randrange(128), rng.randbytes(rng.randrange(20)))
    if kind == 9:
        return [rand_value(rng, depth + 1) for _ in range(rng.randrange(20))]
    return Pairs((rand_value(rng, depth + 1), rand_value(rng, depth + 1))
                 for _ in range(rng.randrange(20)))


def cases():
    rng = random.Random(1)
    groups = {
        "nil and booleans": [None, True, False],
        "integers of every width": integers(),
        "floats and doubles": floats(),
        "str and bin of every length class": bodies(),
        "ext of every size": exts(),
        "timestamps of 32, 64 and 96 bits": timestamps(),
        "arrays, maps, keys of every type": containers(),
        "nesting up to 32 deep": [deep(n) for n in range(1, 32)],
        "random values": [rand_value(rng) for _ in range(1000)],
    }
    return [(about, value) for about, values in groups.items() for value in values]


def check_decode(tally, helper, todo):
    """Python writes, the library reads, and writes again what Python wrote."""
    requests = ["decode " + tohex(pack(value)) for _, value in todo]
    for (about, value), request, answer in zip(todo, requests, ask(helper, requests)):
        tally.same(f"{about}: Python to C and back", f"ok {request[7:]} {tokens(value)}", answer)


def check_encode(tally, helper, todo):
    """The library writes what Python would write, and Python reads it."""
    requests = ["encode " + tokens(value) for _, value in todo]
    for (about, value), request, answer in zip(todo, requests, ask(helper, requests)):
        about += ": C to Python"
        tally.same(about, "ok " + tohex(pack(value)), answer, request)
        if answer.startswith("ok "):
            tally.same(about, plain(value), unpack(unhex(answer[3:])), request)


def check_timestamps(tally, helper):
    """Python's own idea of the moment that the library's bytes are."""
    moment = datetime.datetime(2025, 11, 22, 14, 58, 1, 250000, tzinfo=datetime.timezone.utc)
    stamp = msgpack.Timestamp.from_datetime(moment)
    answer = ask(helper, ["encode " + tokens(stamp)])[0]
    got = msgpack.unpackb(unhex(answer[3:]), timestamp=3)
    tally.same("a timestamp as a date: C to Python", moment, got)


def check_refusals(tally, helper):
    """What Python refuses to read, the library refuses too."""
    wrong = ["c1", "92 01", "a2 61", "dd 0f ff ff ff", "01 02", "cb 00", "c7 05 01"]
    requests = ["decode " + w.replace(" ", "") for w in wrong]
    for request, answer in zip(requests, ask(helper, requests)):
        try:
            unpack(unhex(request[7:]))
            refused = False
        except (ValueError, msgpack.UnpackException):
            refused = True
        tally.check("refused by both", refused and answer.startswith("err "), request, answer)


def main():
    helper = sys.argv[1]
    tally = Tally()
    todo = cases()
    check_decode(tally, helper, todo)
    check_encode(tally, helper, todo)
    check_timestamps(tally, helper)
    check_refusals(tally, helper)
    tally.finish()


if __name__ == "__main__":
    main()
