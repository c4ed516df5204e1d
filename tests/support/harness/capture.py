"""What passes on a host's cable, and what tshark and Samba's ndrdump say of it."""

import re
import socket
import struct
import tempfile
import time

from harness.namespaces import inside_named_network
from harness.network import Network
from harness.process import run
from harness.waiting import PATIENCE

ETH_P_ALL = 3  # of linux/if_ether.h
PCAP = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)  # Ethernet


class Packet:
    """A UDP packet in its Ethernet frame."""

    def __init__(self, frame):
        self.frame = frame
        udp = 14 + (frame[14] & 15) * 4
        self.source = socket.inet_ntoa(frame[26:30])
        self.destination = socket.inet_ntoa(frame[30:34])
        self.source_port, self.port = struct.unpack(">HH", frame[udp:udp + 4])
        self.payload = frame[udp + 8:udp + struct.unpack(">H", frame[udp + 4:udp + 6])[0]]


class Capture:
    """Sees all UDP on the bridge's end of a host's cable, unicast too, from its making on."""

    def __init__(self, port):
        with inside_named_network(Network.SWITCH):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.socket.bind((port.cable, ETH_P_ALL))
        self.socket.settimeout(PATIENCE)
        self.packets = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def next(self):
        """The next UDP packet, waited for."""
        while True:
            frame = self.socket.recv(65536)
            if frame[12:14] == b"\x08\x00" and frame[23] == socket.IPPROTO_UDP:
                self.packets.append(Packet(frame))
                return self.packets[-1]

    def find(self, wanted, what):
        """The first packet to come that is wanted."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                packet = self.next()
            except TimeoutError:
                break
            if wanted(packet):
                return packet
        raise AssertionError(f"no {what} in {len(self.packets)} packets")


def tshark(packets, *arguments):
    """What tshark prints of packets."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(PCAP)
        for packet in packets:
            size = len(packet.frame)
            file.write(struct.pack("<IIII", 0, 0, size, size) + packet.frame)
        file.flush()
        return run("tshark", "-n", "-r", file.name, *arguments)


def dissected(packet):
    """A packet in tshark's words, to which it must have no objection. What it guesses of thirty of
    the ports that the system may give a sender, those of traceroute, is none."""
    text = tshark([packet], "-V")
    wrong = [line.strip() for line in text.splitlines()
             if re.search(r"Malformed|Expert Info|Unreassembled|Dissector bug", line)
             and "Possible traceroute" not in line]
    assert not wrong, f"{wrong}\n{text}"
    return text


def validated(kind, packet):
    """A packet in the words of Samba's decoder, which has encoded it again to the same bytes. Its
    kind is nbt_dgram_packet or nbt_name_packet."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(packet.payload)
        file.flush()
        said = run("ndrdump", "--validate", "nbt", kind, "struct", file.name)
    assert "dump OK" in said and not re.search(r"WARNING|differ|^[-+]\[", said, re.M), said
    return said
