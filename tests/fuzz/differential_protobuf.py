"""Protocol Buffers: what python3-protobuf accepts within our bounds, the library accepts, with the
same meaning; what it refuses, the library refuses. The exceptions are counted by name."""

import random
import sys

import differential
from harness.skipping import skip
from harness.tally import Tally, ask, tohex, unhex

try:
    from google.protobuf.descriptor import FieldDescriptor as Field
    from google.protobuf.message import DecodeError
except ImportError:
    skip("python3-protobuf is not installed")
import protobuf_test

DEPTH_MOST = 32
VARINT, FIXED64, BYTES, GROUP, END_GROUP, FIXED32 = range(6)

# What <mailslot/protobuf.h> says is refused, though Python accepts it.
END = "accepted by Python only, with a warning: an end-group or a tag of 0 in the middle"
LONG_TAG = "accepted by Python only: a tag of more than 32 bits, which it cuts off"
NUL = "accepted by Python only: NUL in a string"
NO_UTF8 = "accepted by Python only: a proto2 string that is not UTF-8"
TOO_DEEP = "accepted by Python only: nested over 32 deep"
REQUIRED = "accepted by Python only, as not initialized: a required field is missing"
# What both accept, but not alike.
OPEN_ENUM = "another meaning: a proto2 enum's unknown value stays a value here"
REFUSED = {END, LONG_TAG, NUL, NO_UTF8, TOO_DEEP}

WIRE_TYPES = {Field.TYPE_DOUBLE: FIXED64, Field.TYPE_FIXED64: FIXED64, Field.TYPE_SFIXED64: FIXED64,
              Field.TYPE_FLOAT: FIXED32, Field.TYPE_FIXED32: FIXED32, Field.TYPE_SFIXED32: FIXED32,
              Field.TYPE_STRING: BYTES, Field.TYPE_BYTES: BYTES, Field.TYPE_MESSAGE: BYTES}


class Ended(Exception):
    """Python takes an end-group that nothing began, and a tag of 0, for the end of all."""


class Walk:
    """Finds the exceptions in a message that Python accepts, by its descriptor."""

    def __init__(self):
        self.found = set()

    def varint(self, data, at):
        value = shift = 0
        while True:
            byte = data[at]
            value |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                return value & (2**64 - 1), at

    def skip_group(self, data, at, depth):
        """The end of a group, whatever is in it."""
        if depth > DEPTH_MOST:
            self.found.add(TOO_DEEP)
        while True:
            tag, at = self.varint(data, at)
            if tag >= 2**32:
                self.found.add(LONG_TAG)
            if tag & 7 == END_GROUP:
                return at
            _, at = self.value(data, at, tag & 7, depth)

    def value(self, data, at, wire, depth):
        """A value's bytes or number, and where it ends; depth is that of what it is in."""
        if wire == VARINT:
            return self.varint(data, at)
        if wire == GROUP:
            return None, self.skip_group(data, at, depth + 1)
        size = {FIXED64: 8, FIXED32: 4}.get(wire)
        if size is None:
            size, at = self.varint(data, at)
        return data[at:at + size], at + size

    def string(self, content):
        if b"\0" in content:
            self.found.add(NUL)
        try:
            content.decode()
        except UnicodeDecodeError:
            self.found.add(NO_UTF8)

    def enum(self, field, numbers):
        closed = field.file.syntax == "proto2"
        if closed and any(n not in field.enum_type.values_by_number for n in numbers):
            self.found.add(OPEN_ENUM)

    def numbers(self, field, wire, content):
        """An enum's values, packed or not, as int32."""
        found, at = [], 0
        while wire == BYTES and at < len(content):
            number, at = self.varint(content, at)
            found.append(number)
        found = found if wire == BYTES else [content]
        return [(n + 2**31) % 2**32 - 2**31 for n in found]

    def known(self, field, wire, content, depth):
        repeated = field.label == Field.LABEL_REPEATED
        own = WIRE_TYPES.get(field.type, VARINT)
        if wire != own and not (repeated and wire == BYTES):
            return  # an unknown field
        if field.type == Field.TYPE_MESSAGE:
            self.message(field.message_type, content, depth + 1)
        elif field.type == Field.TYPE_STRING:
            self.string(content)
        elif field.type == Field.TYPE_ENUM:
            self.enum(field, self.numbers(field, wire, content))

    def message(self, kind, data, depth=1):
        if depth > DEPTH_MOST:
            self.found.add(TOO_DEEP)
        at = 0
        while at < len(data):
            tag, at = self.varint(data, at)
            if tag >= 2**32:
                self.found.add(LONG_TAG)
                tag %= 2**32
            if tag == 0 or tag & 7 == END_GROUP:
                self.found.add(END)
                raise Ended
            content, at = self.value(data, at, tag & 7, depth)
            field = kind.fields_by_number.get(tag >> 3)
            if field is None or tag & 7 == GROUP:
                continue
            self.known(field, tag & 7, content, depth)


def exceptions(kind, data):
    walk = Walk()
    try:
        walk.message(kind.DESCRIPTOR, data)
    except Ended:
        pass
    return walk.found


def forget_unknown_in_maps(message):
    """Looks into every map, at which Python forgets the unknown fields in its entries; so both of
    two messages must go through it."""
    for field, value in message.ListFields():
        for part in protobuf_test.parts_of(field, value):
            forget_unknown_in_maps(part)


def wire(message):
    forget_unknown_in_maps(message)
    return message.SerializePartialToString(deterministic=True)


def check_accepted(tally, message, found, data, answer):
    accepted = answer.startswith("ok ")
    evidence = message.DESCRIPTOR.full_name, data.hex(), answer
    for reason in found & REFUSED:
        tally.check(reason, not accepted, *evidence)
    if found & REFUSED:
        return
    if not message.IsInitialized():
        tally.check(REQUIRED, not accepted, *evidence)
        return
    tally.check("accepted by both", accepted, *evidence)
    if not accepted:
        return
    again = type(message).FromString(unhex(answer.split(" ")[1]))
    if OPEN_ENUM in found:
        tally.check(OPEN_ENUM, True)
        return
    tally.same("the same meaning", wire(message), wire(again), evidence)


def check(tally, kind, data, answer):
    message = kind()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        tally.check("refused by both", answer.startswith("err "), kind.DESCRIPTOR.full_name,
                    data.hex(), answer, error)
        return
    check_accepted(tally, message, exceptions(kind, data), data, answer)


def seeds_of(kinds, rng):
    """The corpus, whose first byte says which type: see protobuf_types.c. The parts of Everything
    come as such; and some messages made here."""
    types = [0, 1, None, None, None, None, 2, 3, 4, 5, 6, None, None]
    seeds = {kind: [] for kind in kinds}
    for seed in differential.corpus("protobuf") + differential.corpus("protobuf_to_json"):
        if not seed:
            continue
        number, content = seed[0] % len(types), seed[1:]
        if types[number] is not None:
            seeds[kinds[types[number]]].append(content)
        elif 2 <= number <= 5 and len(content) < 128:
            seeds[kinds[0]].append(bytes([number << 3 | BYTES, len(content)]) + content)
    for kind in kinds:
        for _ in range(30):
            message = kind()
            protobuf_test.fill(rng, message)
            seeds[kind].append(message.SerializePartialToString())
    return seeds


def main():
    (helper, protoc, directory, *protos), seconds, seed = differential.options(sys.argv[1:])
    test2, test3, trace = protobuf_test.compile_schemas(protoc, directory, protos)
    kinds = [test3.Everything, test3.Scalars, test3.Old, test2.Required, test2.Optional, test2.Wide,
             trace.Event]
    tally = Tally()
    for kind, seeds in seeds_of(kinds, random.Random(seed)).items():
        spec = "protobuf:" + kind.DESCRIPTOR.full_name
        for batch in differential.batches(seeds, seconds / len(kinds), seed):
            for data, answer in zip(batch, ask(helper, [f"{spec} {tohex(d)}" for d in batch])):
                check(tally, kind, data, answer)
    tally.finish()


if __name__ == "__main__":
    main()
