"""The peers among themselves: what the other tests take for granted of the network here, of Samba
and of the programs that look on."""

from harness import sandbox
from harness.capture import Capture, dissected, validated
from harness.datagram import datagram, decoded, need_samba
from harness.network_test import NetworkTest
from harness.samba_peer import Nmbd, found, nmblookup


class Peers(NetworkTest):
    @classmethod
    def build(cls):
        cls.samba = cls.network.host("SAMBA")
        cls.other = cls.network.host("OTHER")
        cls.nmbd = Nmbd(cls.samba)
        cls.nmbd.wait_until_it_answers(cls.other)

    def test_nmblookup_finds_nmbd(self):
        self.assertIn(f"{self.samba.address} SAMBA<20>", found(self.other, "SAMBA#20").out)
        self.assertNotEqual(nmblookup(self.other, "NOBODY").status, 0)

    def test_a_write_built_by_samba_passes_the_cable_and_is_understood(self):
        write = datagram("TRACE", b"lunch", "SAMBA", source="OTHER", address=self.other.address)
        with Capture(self.samba.ports[0]) as capture:
            self.other.udp().sendto(write, (self.samba.address, 138))
            packet = capture.find(lambda packet: packet.port == 138
                                  and packet.source == self.other.address, "datagram")
        self.assertEqual(packet.payload, write)
        self.assertEqual(decoded(packet.payload),
                         (("OTHER", 0), ("SAMBA", 0), "\\MAILSLOT\\TRACE", b"lunch"))
        self.assertIn("SMB MailSlot Protocol\n    Opcode: Write Mail Slot (1)\n", dissected(packet))
        self.assertIn("\\MAILSLOT\\TRACE", validated("nbt_dgram_packet", packet))

    def test_what_is_wrong_with_a_packet_is_seen(self):
        write = datagram("TRACE", b"lunch", "SAMBA", source="OTHER", address=self.other.address)
        with Capture(self.samba.ports[0]) as capture:
            self.other.udp().sendto(write[:-20], (self.samba.address, 138))
            packet = capture.find(lambda packet: packet.source == self.other.address, "datagram")
        self.assertRaises(AssertionError, dissected, packet)
        self.assertRaises(AssertionError, validated, "nbt_dgram_packet", packet)

    def test_a_broadcast_reaches_every_host(self):
        sockets = [host.udp(5000) for host in (self.samba, self.other)]
        sockets[1].sendto(b"all", (self.other.broadcast, 5000))
        for receiver in sockets:
            self.assertEqual(receiver.recv(10), b"all")


if __name__ == "__main__":
    need_samba()
    sandbox.main("nmbd", "nmblookup", "tshark", "ndrdump")
