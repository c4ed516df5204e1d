"""MessagePack: what python3-msgpack accepts within our bounds, the library accepts, as the same
value; what it refuses, the library refuses. The exceptions are counted by name."""

import random
import struct
import sys

import differential
from harness.skipping import skip
from harness.tally import Tally, ask, tohex, unhex

try:
    import msgpack
except ImportError:
    skip("python3-msgpack is not installed")
import msgpack_test

AROUND_MOST = 31  # arrays and maps around a value

# Ours to accept: a str is any bytes (so Python is asked to accept those too), and an extension is
# its type and bytes, also where type -1 is no timestamp.
NO_TIMESTAMP = "accepted here only: an extension of type -1 that is no timestamp"
TOO_DEEP = "accepted by Python only: nested over 32 deep"


class Pairs(tuple):
    """A map, with keys of any type and in order."""


class Ext:
    """An extension of any type; ExtType has none below 0."""

    def __init__(self, code, data):
        self.token = f"e{code}:" + tohex(data)


def unpack(data):
    return msgpack.unpackb(data, raw=False, unicode_errors="surrogateescape", timestamp=0,
                           ext_hook=Ext, strict_map_key=False, object_pairs_hook=Pairs)


def number(bits):
    value, = struct.unpack(">d", bits)
    return "nan" if value != value else "d" + bits.hex()


def stamp(timestamp):
    return f"t{timestamp.seconds}.{timestamp.nanoseconds}"


def tokens(value):
    """As the helper's, but for what Python does not tell apart: float 32 from 64, NaNs, and forms
    of one timestamp."""
    if value is None or isinstance(value, bool):
        return ["n" if value is None else "t" if value else "f"]
    if isinstance(value, int):
        return [f"u{value}" if value >= 0 else f"i{value}"]
    if isinstance(value, float):
        return [number(struct.pack(">d", value))]
    if isinstance(value, str):
        return ["s" + tohex(value.encode("utf-8", "surrogateescape"))]
    if isinstance(value, bytes):
        return ["b" + tohex(value)]
    if isinstance(value, msgpack.Timestamp):
        return [stamp(value)]
    if isinstance(value, Ext):
        return [value.token]
    if isinstance(value, Pairs):
        return [f"m{len(value)}"] + [t for k, v in value for t in tokens(k) + tokens(v)]
    return [f"a{len(value)}"] + [t for v in value for t in tokens(v)]


def plain(token):
    """A token of the helper's in the notation of tokens()."""
    if token[0] == "g":
        return number(struct.pack(">d", struct.unpack(">f", bytes.fromhex(token[1:]))[0]))
    if token[0] == "d":
        return number(bytes.fromhex(token[1:]))
    if token.startswith("e-1:"):
        return stamp(msgpack.Timestamp.from_bytes(unhex(token[4:])))
    return token


def too_deep(value, around=0):
    """Whether there are more arrays and maps around a value in this one than we allow."""
    if around > AROUND_MOST:
        return True
    if isinstance(value, Pairs):
        return any(too_deep(part, around + 1) for pair in value for part in pair)
    return isinstance(value, list) and any(too_deep(part, around + 1) for part in value)


def check_accepted(tally, value, answer, data):
    if too_deep(value):
        tally.check(TOO_DEEP, answer.startswith("err TOO_COMPLEX "), answer, data.hex())
        return
    tally.check("accepted by both", answer.startswith("ok "), answer, data.hex())
    if answer.startswith("ok "):
        again, *ours = answer[3:].split(" ")
        tally.same("the same value", tokens(value), [plain(t) for t in ours], data.hex())
        tally.same("the same value put again", tokens(value), tokens(unpack(unhex(again))), again)


def is_no_timestamp(token):
    if not token.startswith("e-1:"):
        return False
    try:
        msgpack.Timestamp.from_bytes(unhex(token[4:]))
        return False
    except ValueError:
        return True


def check_refused(tally, answer, data, error):
    if answer.startswith("ok ") and any(map(is_no_timestamp, answer.split(" ")[2:])):
        tally.check(NO_TIMESTAMP, True)
    else:
        tally.check("refused by both", answer.startswith("err "), answer, data.hex(), error)


def check(tally, data, answer):
    try:
        value = unpack(data)
    except (ValueError, msgpack.UnpackException) as error:
        check_refused(tally, answer, data, error)
    else:
        check_accepted(tally, value, answer, data)


def main():
    (helper,), seconds, seed = differential.options(sys.argv[1:])
    rng = random.Random(seed)
    seeds = differential.corpus("msgpack") + differential.corpus("msgpack_to_json")
    seeds += [msgpack_test.pack(msgpack_test.rand_value(rng)) for _ in range(100)]
    tally = Tally()
    for batch in differential.batches(seeds, seconds, seed):
        for data, answer in zip(batch, ask(helper, ["decode " + tohex(d) for d in batch])):
            check(tally, data, answer)
    tally.finish()


if __name__ == "__main__":
    main()
