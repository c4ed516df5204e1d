"""Random Protobuf messages of any type, every field of it set now and then."""

import math
import struct

from google.protobuf.descriptor import FieldDescriptor as Field

RANGES = {Field.CPPTYPE_INT32: (-2**31, 2**31 - 1), Field.CPPTYPE_UINT32: (0, 2**32 - 1),
          Field.CPPTYPE_INT64: (-2**63, 2**63 - 1), Field.CPPTYPE_UINT64: (0, 2**64 - 1)}
ALPHABET = ["a", "b", '"', "\\", "/", "\n", "\x1f", "\u007f", "\u00e9", "\u2028", "\U0001f600"]
FLOATS = [0.0, 1.0, 0.1, -1.5, 1e22, 1e-7, 5e-324, 16777216.0, math.inf, -math.inf]


class RandomMessages:
    """-0.0 is left out, which protobuf-c takes for the default of proto3, and does not send."""

    def __init__(self, random):
        self.random = random

    def floating(self, single):
        """Any number but NaN."""
        bits = self.random.getrandbits(32 if single else 64)
        any_bits = struct.unpack("f" if single else "d", struct.pack("I" if single else "Q", bits))
        value = self.random.choice([*FLOATS, *any_bits])
        if single and not math.isnan(value):
            value = struct.unpack("f", struct.pack("f", value))[0]
        return 1.0 if math.isnan(value) else value or 0.0

    def integer(self, low, high):
        return self.random.choice([0, 1, low, high, self.random.randint(low, high),
                                   max(low, self.random.randint(-100, 100))])

    def enum(self, kind):
        numbers = [value.number for value in kind.values]
        closed = kind.file.syntax != "proto3" or kind.full_name == "google.protobuf.NullValue"
        return self.random.choice(numbers + ([] if closed else [2**31 - 1, -3, 77]))

    def text(self):
        return "".join(self.random.choices(ALPHABET, k=self.random.randrange(8)))

    def scalar(self, field):
        kind = field.cpp_type
        if kind in RANGES:
            return self.integer(*RANGES[kind])
        if kind == Field.CPPTYPE_ENUM:
            return self.enum(field.enum_type)
        if kind in (Field.CPPTYPE_FLOAT, Field.CPPTYPE_DOUBLE):
            return self.floating(kind == Field.CPPTYPE_FLOAT)
        if kind == Field.CPPTYPE_BOOL:
            return self.random.random() < .5
        if field.type == Field.TYPE_BYTES:
            return self.random.randbytes(self.random.randrange(6))
        return self.text()

    def fill_map(self, target, field, depth):
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        for _ in range(self.random.randrange(1, 4)):
            if value.message_type:
                self.fill(target[self.scalar(key)], depth + 1)
            else:
                target[self.scalar(key)] = self.scalar(value)

    def fill_field(self, message, field, depth):
        value = getattr(message, field.name)
        repeated = field.label == Field.LABEL_REPEATED
        if field.message_type and field.message_type.GetOptions().map_entry:
            self.fill_map(value, field, depth)
        elif repeated and field.message_type:
            for _ in range(self.random.randrange(1, 4)):
                self.fill(value.add(), depth + 1)
        elif repeated:
            value.extend(self.scalar(field) for _ in range(self.random.randrange(1, 5)))
        elif field.message_type:
            value.SetInParent()
            self.fill(value, depth + 1)
        else:
            setattr(message, field.name, self.scalar(field))

    def fill(self, message, depth=0):
        chance = self.random.choice([.05, .2, .5]) / (3 * depth + 1)
        for field in message.DESCRIPTOR.fields:
            deep = field.message_type and depth > 3
            if field.label == Field.LABEL_REQUIRED or (not deep and self.random.random() < chance):
                self.fill_field(message, field, depth)
        return message
