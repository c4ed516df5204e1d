"""Packets of the name service for a storm: every kind there is, about a name (RFC 1002 section
4.2)."""

import struct

from harness.datagram import encode_name

QUERY, STATUS = 0x20, 0x21  # question types
FLAGS = {
    "query by broadcast": 0x0110, "query": 0x0100, "registration by broadcast": 0x2910,
    "registration": 0x2900, "overwrite demand": 0x2810, "refresh": 0x4000, "release": 0x3010,
    "positive answer": 0x8580, "negative answer": 0x8583, "refusal": 0xAD86, "conflict": 0xAD87,
    "wait": 0xBC00,
}


def question(number, flags, name, suffix, kind=QUERY):
    return (struct.pack(">6H", number, flags, 1, 0, 0, 0) + encode_name(name, suffix)
            + struct.pack(">2H", kind, 1))


def record(address):
    return struct.pack(">2HIHH", QUERY, 1, 300, 6, 0) + bytes(map(int, address.split(".")))


def packet(number, what, name, suffix, address):
    flags = FLAGS[what]
    if what.startswith("query"):
        return question(number, flags, name, suffix)
    if flags & 0x8000:
        return (struct.pack(">6H", number, flags, 0, 1, 0, 0) + encode_name(name, suffix)
                + record(address))
    asked = question(number, flags, name, suffix)
    return asked[:10] + b"\0\1" + asked[12:] + b"\xc0\x0c" + record(address)


def every_kind(number, name, address):
    """One after the other, for each number another."""
    kinds = list(FLAGS)
    if number % (len(kinds) + 1) == len(kinds):
        return question(number, 0, "*", 0, STATUS)
    return packet(number, kinds[number % (len(kinds) + 1)], name, (0, 3, 0x20)[number % 3], address)
