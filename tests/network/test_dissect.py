"""Every kind of packet that we send, as tshark and Samba's decoder see it: no malformed item, no
expert's objection, and the same bytes when Samba encodes it again."""

from harness import sandbox
from harness.capture import Capture, dissected, validated
from harness.datagram import decoded, need_samba
from harness.network_test import NetworkTest
from harness.host_programs import Daemon, send
from harness.samba_peer import Nmbd, found

NAMES, DATAGRAMS = 137, 138  # RFC 1002 section 6
WRITE = "SMB MailSlot Protocol\n    Opcode: Write Mail Slot (1)\n"


class Datagrams(NetworkTest):
    @classmethod
    def build(cls):
        cls.ours, cls.peer = cls.network.host("OURS"), cls.network.host("PEER")
        Daemon(cls.peer).wait_for_names()

    def check(self, to, kind, destination, data, slot="Trace"):
        """What one message is on the cable."""
        with Capture(self.ours.ports[0]) as capture:
            send(self.ours, f"{to}\\mailslot\\{slot}", "--codec", "bytes", "--file", "-", data=data)
            packet = capture.find(lambda packet: packet.port == DATAGRAMS, f"datagram to {to}")
        self.assertEqual((packet.source, packet.payload[0]), (self.ours.address, kind))
        source, found, name, carried = decoded(packet.payload)
        self.assertEqual((source, found, carried), (("OURS", 0), destination, data))
        self.assertEqual(name.upper(), "\\MAILSLOT\\" + slot.upper())
        text = dissected(packet)
        if data:  # tshark goes no further where there is none
            self.assertIn(WRITE, text)
            self.assertIn(f"Mailslot Name: {name}\n", text)
        self.assertIn(f"Transaction Name: {name}\n", text)
        validated("nbt_dgram_packet", packet)
        return packet

    def test_to_a_computer(self):
        for data in (b"", b"hello", bytes(range(256)), b"x" * 424):
            with self.subTest(bytes=len(data)):
                packet = self.check(r"\\PEER", 0x10, ("PEER", 0), data)
                self.assertEqual(packet.destination, self.peer.address)

    def test_to_a_group(self):
        packet = self.check(r"\\LAB", 0x11, ("LAB", 0), b"hello")
        self.assertEqual(packet.destination, self.ours.broadcast)

    def test_to_everybody(self):
        packet = self.check(r"\\*", 0x11, ("LAB", 0), b"hello")
        self.assertEqual(packet.destination, self.ours.broadcast)

    def test_to_a_long_name(self):
        self.check(r"\\PEER", 0x10, ("PEER", 0), b"x" * 232, slot="n" * 200)
        self.check(r"\\PEER", 0x10, ("PEER", 0), b"deep", slot=r"a\b\c")

    def test_with_a_scope(self):
        """Samba would write the second scope as a pointer to the first, which nmbd never does."""
        self.ours.env["MAILSLOT_CONFIG"] = self.ours.write("conf", "scope = lab.example\n")
        with Capture(self.ours.ports[0]) as capture:
            send(self.ours, r"\\*\mailslot\trace", "hello")
            packet = capture.find(lambda packet: packet.port == DATAGRAMS, "datagram")
        self.assertIn(WRITE, dissected(packet))
        self.assertEqual(decoded(packet.payload),
                         (("OURS", 0), ("LAB", 0), r"\MAILSLOT\trace", b"hello"))
        self.assertEqual(packet.payload.count(b"\3lab\7example\0"), 2)


class NameService(NetworkTest):
    @classmethod
    def build(cls):
        cls.ours, cls.peer = cls.network.host("OURS"), cls.network.host("PEER")

    def check(self, capture, flags, what):
        """The next packet of ours with such flags (RFC 1002 section 4.2.1.1)."""
        packet = capture.find(lambda packet: packet.source == self.ours.address
                              and NAMES in (packet.port, packet.source_port)
                              and packet.payload[2:4] == flags.to_bytes(2, "big"), what)
        text = dissected(packet)
        self.assertIn("NetBIOS Name Service", text)
        return text, validated("nbt_name_packet", packet)

    def test_a_life(self):
        with Capture(self.ours.ports[0]) as capture:
            daemon = Daemon(self.ours)
            self.check(capture, 0x2910, "claim by broadcast")
            self.check(capture, 0x2810, "end of a claim")
            daemon.wait_for_names()
            for what, arguments, flags in (("answer", ("OURS",), 0x8500),
                                           ("answer", ("-U", self.ours.address, "LAB"), 0x8500),
                                           ("status", ("-A", self.ours.address), 0x8400)):
                found(self.peer, *arguments)
                self.check(capture, flags, what)
            rival = Daemon(self.peer, "--name", "OURS")
            self.check(capture, 0xAD06, "refusal")
            rival.process.stop()
            daemon.process.stop()
            self.check(capture, 0x3010, "release")

    def test_a_life_with_wins(self):
        server = Nmbd(self.peer, wins_support="yes")
        server.wait_until_it_answers(self.ours)
        self.ours.env["MAILSLOT_CONFIG"] = self.ours.write("conf", f"wins = {self.peer.address}\n")
        with Capture(self.ours.ports[0]) as capture:
            daemon = Daemon(self.ours)
            self.check(capture, 0x2900, "registration")
            daemon.wait_for_names()
            send(self.ours, r"\\PEER\mailslot\trace", "hello")
            self.check(capture, 0x0100, "question")
            daemon.process.stop()
            self.check(capture, 0x3000, "release")
        server.process.stop()

    def test_a_question(self):
        self.ours.env["MAILSLOT_CONFIG"] = self.ours.write("conf", "")
        Daemon(self.peer).wait_for_names()
        with Capture(self.ours.ports[0]) as capture:
            send(self.ours, r"\\PEER\mailslot\trace", "hello")
            self.check(capture, 0x0110, "question by broadcast")


if __name__ == "__main__":
    need_samba()
    sandbox.main("nmbd", "nmblookup", "tshark", "ndrdump")
