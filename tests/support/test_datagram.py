"""The harness's own encoder of datagrams and Samba's produce the same bytes."""

import random
import unittest

from harness import datagram as made

CASES = [
    ("x", b"", "HOST", made.UNIQUE, 1, "SENDER", 0, "192.0.2.9"),
    ("TRACE", b"hello", "host", made.UNIQUE, 0xFFFF, "Sender", 0x20, "10.77.0.1"),
    (r"Path\Name", bytes(range(256)), "GROUP", made.TO_GROUP, 7, "A", 0x1E, "255.255.255.255"),
    ("x", b"odd", "*", made.BROADCAST, 0, "FIFTEEN-LETTERS", 0, "0.0.0.0"),
]


class Encoders(unittest.TestCase):
    def test_both_agree(self):
        made.need_samba()
        chance = random.Random(1)
        longer = [("slot%d" % size, chance.randbytes(size), "HOST", made.UNIQUE, size, "SENDER", 0,
                   "192.0.2.9") for size in range(0, 450, 7)]
        for case in CASES + longer:
            with self.subTest(case=case):
                self.assertEqual(made.own_datagram(*case), made.samba_datagram(*case))

    def test_samba_reads_what_is_written(self):
        made.need_samba()
        packet = made.own_datagram("Note", b"data", "HOST", made.UNIQUE, 1, "SENDER", 0x20,
                                   "192.0.2.9")
        self.assertEqual(made.decoded(packet),
                         (("SENDER", 0), ("HOST", 0x20), r"\MAILSLOT\Note", b"data"))


unittest.main(verbosity=2)
