"""Datagrams for a storm: sound ones, each with a number and a check value, and damaged ones."""

import random
import zlib

from harness import datagram as netbios

PAYLOAD = b"00000000 00000000 and forty bytes of no interest"
NUMBER = 8  # digits


def message(number):
    """Data that proves itself whole."""
    text = f"{number:0{NUMBER}d} ".encode()
    rest = PAYLOAD[18:]
    return text + f"{zlib.crc32(text + rest):08x} ".encode() + rest


def number_of(text):
    """The number of a message that is whole; None if it is not."""
    if not isinstance(text, str) or not text[:NUMBER].isdigit() or not text.isascii():
        return None
    number = int(text[:NUMBER])
    return number if message(number) == text.encode() else None


class Template:
    """A datagram is encoded once; the others differ from it in id and data."""

    def __init__(self, source, destination, slot, address):
        self.bytes = netbios.datagram(slot, PAYLOAD, destination, source=source, address=address)
        assert self.bytes.endswith(PAYLOAD)

    def datagram(self, number):
        head = self.bytes[:2] + (number & 0xFFFF).to_bytes(2, "big") + self.bytes[4:-len(PAYLOAD)]
        return head + message(number)


def flip(chance, datagram):
    damaged = bytearray(datagram)
    for _ in range(chance.choice((1, 1, 2, 8))):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def overwrite(chance, datagram):
    """A stretch of it, with what a parser may stumble on."""
    at = chance.randrange(len(datagram))
    stretch = chance.choice((b"\xff", b"\0", b"\x20", b"\xc0", b"\x80")) * chance.randrange(1, 9)
    return (datagram[:at] + stretch + datagram[at + len(stretch):])[:len(datagram)]


def cut(chance, datagram):
    return datagram[:chance.randrange(len(datagram))]


def lengthen(chance, datagram):
    return datagram + chance.randbytes(chance.randrange(1, 600))


def noise(chance, _):
    return chance.randbytes(chance.randrange(0, 700))


def damage(chance, datagram):
    return chance.choice((flip, flip, overwrite, overwrite, cut, lengthen, noise))(chance, datagram)


def make(templates, count, seed):
    """count datagrams, each for one of the templates' slots in turn, a tenth of them damaged; and
    the numbers of those that are not."""
    chance = random.Random(seed)
    datagrams, sound = [], set()
    for number in range(count):
        datagram = templates[number % len(templates)].datagram(number)
        if chance.random() < 0.1:
            datagram = damage(chance, datagram)
        else:
            sound.add(number)
        datagrams.append(datagram)
    return datagrams, sound
