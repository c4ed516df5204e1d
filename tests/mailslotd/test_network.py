"""mailslotd on a network: a namespace of its own for the daemon, with one or two cables to this
process, which plays everybody else. Needs root."""

import os
import signal
import socket
import struct
import subprocess
import sys
import unittest

from harness.daemon import DaemonTest, Daemon, Delivered
from harness.datagram import TO_GROUP, datagram, encode_name
from harness.namespaces import has_networks
from harness.skipping import skip_unless_root
from harness.waiting import PATIENCE, wait_until, on_one_processor

QUERY, REGISTRATION, RELEASE = 0, 5, 6
NAMES = {("HOST", 0x00), ("HOST", 0x03), ("HOST", 0x20), ("GROUP", 0x00)}


def ip(*arguments, namespace=None, lines=""):
    inside = ["nsenter", "-t", str(namespace), "-n"] if namespace else []
    subprocess.run([*inside, "ip", *map(str, arguments)], check=True, input=lines, text=True)


class NamePacket:
    """What tests need of a packet of the name service."""

    def __init__(self, packet, sender):
        self.sender = sender
        self.id, self.flags = struct.unpack(">HH", packet[:4])
        self.opcode, self.response = self.flags >> 11 & 15, bool(self.flags & 0x8000)
        self.rcode = self.flags & 15
        half = packet[13:45]
        raw = bytes((half[i] - 0x41) << 4 | half[i + 1] - 0x41 for i in range(0, 32, 2))
        self.name = (raw[:15].decode().rstrip(), raw[15])


def question(name, suffix, flags, number=7):
    return (struct.pack(">HHHHHH", number, flags, 1, 0, 0, 0) + encode_name(name, suffix)
            + struct.pack(">HH", 0x20, 1))


def registration(name, suffix, address, flags=0x2910, number=9, group=False):
    return (struct.pack(">HHHHHH", number, flags, 1, 0, 0, 1) + encode_name(name, suffix)
            + struct.pack(">HHHHHIHH", 0x20, 1, 0xc00c, 0x20, 1, 300000, 6, 0x8000 * group)
            + socket.inet_aton(address))


class Cable:
    """A link to the daemon's namespace: its end is called eth-N there, ours wire-N; addresses
    10.9.N.1 and .2."""

    def __init__(self, case, number):
        self.case, self.number = case, number
        self.theirs, self.ours = f"10.9.{number}.1", f"10.9.{number}.2"
        self.broadcast = f"10.9.{number}.255"
        self.device, self.wire = f"eth{number}", f"wire{number}"
        ip("link", "add", self.wire, "type", "veth", "peer", "name", self.device, "netns",
           case.namespace)
        ip("addr", "add", f"{self.ours}/24", "broadcast", self.broadcast, "dev", self.wire)
        ip("link", "set", self.wire, "up")
        case.addCleanup(self.cut)
        self.connected = True
        self.inside("addr", "add", f"{self.theirs}/24", "broadcast", self.broadcast, "dev",
                    self.device)
        self.names, self.out = self.open(137), self.open(0)
        self.inside("link", "set", self.device, "up")

    def inside(self, *arguments):
        ip(*arguments, namespace=self.case.namespace)

    def open(self, port):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.case.addCleanup(one.close)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.wire.encode())
        one.bind(("0.0.0.0", port))
        one.settimeout(PATIENCE)
        return one

    def cut(self):
        if self.connected:
            ip("link", "del", self.wire)
        self.connected = False

    def send(self, packet, to=None):
        self.out.sendto(packet, (to or self.theirs, 138))

    def hear(self, wanted):
        """Packets of the daemon's until one of them is wanted; that one."""
        while True:
            packet, sender = self.names.recvfrom(2000)
            if sender[0] == self.theirs:
                heard = NamePacket(packet, sender)
                if wanted(heard):
                    return heard

    def ask(self, packet, wanted=lambda heard: heard.response, to=None):
        self.names.sendto(packet, (to or self.theirs, 137))
        return self.hear(wanted)


class NetworkTest(DaemonTest):
    def setUp(self):
        super().setUp()
        holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec sleep 1000000"],
                                  stdout=subprocess.PIPE)
        self.addCleanup(holder.wait)
        self.addCleanup(holder.stdout.close)
        self.addCleanup(holder.kill)
        holder.stdout.readline()
        self.namespace = holder.pid
        ip("link", "set", "lo", "up", namespace=self.namespace)

    def start(self, *options):
        return Daemon(self, "--name", "HOST", "--workgroup", "GROUP", *options,
                      prefix=("nsenter", "-t", str(self.namespace), "-n")).ready()

    def hold(self, *options):
        """A daemon that holds its names."""
        daemon = self.start(*options)
        daemon.wait_for_status(names_held=4)
        return daemon


class Names(NetworkTest):
    def setUp(self):
        super().setUp()
        self.cable = Cable(self, 0)

    def test_names_are_claimed_three_times_and_then_held(self):
        daemon = self.start()
        claims = []
        def all_claimed(heard):
            if heard.opcode == REGISTRATION and not heard.response:
                claims.append(heard.name)
            return all(claims.count(name) >= 3 for name in NAMES)
        self.cable.hear(all_claimed)
        daemon.wait_for_status(names_held=4)
        self.assertEqual(set(daemon.status()["name"]),
                         {"HOST<00> held", "HOST<03> held", "HOST<20> held", "GROUP<00> held"})
        self.assertEqual(daemon.status()["interface"], ["eth0 10.9.0.1 10.9.0.255"])
        for name in ("HOST<00>", "HOST<20>", "GROUP<00>"):
            daemon.wait_for(f"registered the name {name}")

    def test_queries_are_answered_and_claims_refused(self):
        self.hold()
        answer = self.cable.ask(question("HOST", 0x20, 0x0110), to=self.cable.broadcast)
        self.assertEqual((answer.rcode, answer.name, answer.id), (0, ("HOST", 0x20), 7))
        for flags in (0x2910, 0x2900):
            refusal = self.cable.ask(registration("HOST", 0x20, self.cable.ours, flags))
            self.assertEqual((refusal.rcode, refusal.opcode), (6, REGISTRATION))

    def test_a_name_of_somebody_else_is_reported(self):
        daemon = self.start()
        claim = self.cable.hear(lambda heard: heard.name == ("HOST", 0x20)
                                and heard.opcode == REGISTRATION)
        refusal = (struct.pack(">HHHHHH", claim.id, 0xad86, 0, 1, 0, 0) + encode_name("HOST", 0x20)
                   + struct.pack(">HHIHH", 0x20, 1, 0, 6, 0) + socket.inet_aton(self.cable.ours))
        self.cable.names.sendto(refusal, (self.cable.theirs, 137))
        daemon.wait_for(r"name conflict: 10\.9\.0\.2 claims the name HOST<20>")
        self.assertIn("HOST<20> conflict", daemon.status()["name"])

    def test_a_program_of_this_computer_cannot_take_its_names(self):
        """However often it says that it has them."""
        demands = [registration(name, suffix, "127.0.0.1", 0x2810) for name, suffix in NAMES]
        script = (f"import socket\ndemands = {demands}\n"
                  "out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                  "out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\n"
                  "import time\nprint(flush=True)\n"
                  "while True:\n"
                  "    for demand in demands:\n"
                  "        for to in ('127.0.0.1', '10.9.0.1', '10.9.0.255'):\n"
                  "            out.sendto(demand, (to, 137))\n"
                  "    time.sleep(0.01)\n")
        liar = subprocess.Popen(["nsenter", "-t", str(self.namespace), "-n", "setpriv", "--reuid",
                                 "61001", "--regid", "61001", "--clear-groups", "/usr/bin/python3",
                                 "-c", script], stdout=subprocess.PIPE)
        self.addCleanup(liar.stdout.close)
        self.addCleanup(liar.wait)
        self.addCleanup(liar.kill)
        self.assertTrue(liar.stdout.readline())
        daemon = self.hold()
        self.assertFalse(daemon.says("name conflict"))
        self.assertIsNone(liar.poll())

    def test_ending_releases_every_name(self):
        daemon = self.hold()
        released = set()
        daemon.process.send_signal(signal.SIGTERM)
        def all_released(heard):
            if heard.opcode == RELEASE:
                released.add(heard.name)
            return released == NAMES
        self.cable.hear(all_released)
        self.assertEqual(daemon.process.wait(PATIENCE), 0)

    def test_sighup_gives_up_the_old_name_for_the_new(self):
        self.configure("name = OLD\n")
        daemon = Daemon(self, prefix=("nsenter", "-t", str(self.namespace), "-n")).ready()
        wait_until(lambda: "OLD<20> held" in daemon.status()["name"])
        self.configure("name = NEW\n")
        daemon.process.send_signal(signal.SIGHUP)
        self.cable.hear(lambda heard: heard.opcode == RELEASE and heard.name == ("OLD", 0x20))
        wait_until(lambda: "NEW<20> held" in daemon.status()["name"])
        self.assertNotIn("OLD<20> held", daemon.status()["name"])
        answer = self.cable.ask(question("NEW", 0x20, 0x0110))
        self.assertEqual(answer.rcode, 0)

    def test_after_a_kill_the_names_come_back(self):
        self.hold().end(signal.SIGKILL)
        self.hold()

    def test_packets_that_are_none_are_counted(self):
        daemon = self.hold()
        for packet in (b"", b"x", bytes(11), question("HOST", 0, 0x0110)[:-1], b"\xff" * 1500):
            self.cable.names.sendto(packet, (self.cable.theirs, 137))
        daemon.wait_for_status(name_malformed=5)


class Interfaces(NetworkTest):
    def test_a_broadcast_on_two_networks_is_heard_once(self):
        """S37"""
        cables = [Cable(self, 0), Cable(self, 1)]
        daemon = self.start()
        reader = daemon.reader("x")
        for number, cable in enumerate(cables):
            cable.send(datagram("x", b"both", "GROUP", TO_GROUP, 3), cable.broadcast)
            daemon.wait_for_status(received=number + 1)
        daemon.wait_for_status(received=2, duplicates=1, delivered=1)
        self.assertEqual(reader.delivered().address, "10.9.0.2")
        self.assertEqual(len(daemon.status()["interface"]), 2)

    def test_only_chosen_interfaces_are_heard(self):
        chosen, other = Cable(self, 0), Cable(self, 1)
        daemon = self.hold("--interface", "eth0")
        reader, before = daemon.reader("x"), daemon.status()["name_packets"]
        other.send(datagram("x", b"other"), other.theirs)
        other.send(datagram("x", b"other"), other.broadcast)
        other.names.sendto(question("HOST", 0x20, 0x0110), (other.theirs, 137))
        wait_until(lambda: daemon.status()["name_packets"] > before)
        daemon.wait_for_status(not_for_us=2)
        chosen.send(datagram("x", b"chosen"))
        self.assertEqual(reader.delivered().data, b"chosen")
        chosen.ask(question("HOST", 0x20, 0x0110))
        other.names.settimeout(0.3)
        self.assertRaises(TimeoutError, other.names.recvfrom, 2000)

    def test_an_interface_that_comes_goes_and_changes_its_address(self):
        daemon = self.start()
        daemon.wait_for("no usable interface")
        self.assertEqual(daemon.status()["interface"], [])
        cable = Cable(self, 0)
        daemon.wait_for_status(interface=["eth0 10.9.0.1 10.9.0.255"], names_held=4)
        reader = daemon.reader("x")
        cable.send(datagram("x", b"came", "GROUP", TO_GROUP), cable.broadcast)
        self.assertEqual(reader.delivered().data, b"came")
        second = Cable(self, 1)
        daemon.wait_for_status(interface=["eth0 10.9.0.1 10.9.0.255", "eth1 10.9.1.1 10.9.1.255"])
        second.hear(lambda heard: heard.opcode == REGISTRATION and heard.name == ("HOST", 0x20))
        cable.inside("addr", "flush", "dev", "eth0")
        cable.inside("addr", "add", "10.9.0.77/24", "broadcast", "10.9.0.255", "dev", "eth0")
        cable.theirs = "10.9.0.77"
        wait_until(lambda: "eth0 10.9.0.77 10.9.0.255" in daemon.status()["interface"])
        cable.hear(lambda heard: heard.opcode == REGISTRATION and heard.name == ("HOST", 0x20))
        second.cut()
        daemon.wait_for_status(interface=["eth0 10.9.0.77 10.9.0.255"])
        cable.inside("link", "set", "eth0", "down")
        daemon.wait_for_status(interface=[])

    def test_interfaces_are_followed_though_news_of_them_were_lost(self):
        """More changes than the socket that tells of them holds."""
        cable = Cable(self, 0)
        daemon = self.hold()
        daemon.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: self.some_news_lost_of(cable, daemon), "lost news")
        daemon.process.send_signal(signal.SIGCONT)
        for number in range(1, 3):
            Cable(self, number)
            wait_until(lambda number=number: f"eth{number} 10.9.{number}.1 10.9.{number}.255"
                       in daemon.status()["interface"])

    @staticmethod
    def some_news_lost_of(cable, daemon):
        change = "addr {} 192.0.2.1/32 dev " + cable.device + "\n"
        ip("-batch", "-", namespace=cable.case.namespace,
           lines="".join(change.format(verb) for verb in ("add", "del") * 100))
        with open(f"/proc/{daemon.process.pid}/net/netlink", encoding="ascii") as file:
            sockets = [line.split() for line in file.readlines()[1:]]
        return any(int(drops) for *_, drops, _ in sockets)

    def test_this_computers_own_datagrams_are_heard(self):
        """Whoever sends to its own address does so by the loopback."""
        Cable(self, 0)
        daemon = self.start()
        reader = daemon.reader("x")
        packet = datagram("x", b"own").hex()
        subprocess.run(["nsenter", "-t", str(self.namespace), "-n", sys.executable, "-c",
                        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto("
                        f"bytes.fromhex('{packet}'), ('10.9.0.1', 138))"], check=True)
        self.assertEqual(reader.delivered().data, b"own")

    def test_killed_under_load_it_can_be_started_again(self):
        cable = Cable(self, 0)
        for _ in range(3):
            daemon = self.start()
            reader = daemon.reader("x")
            with on_one_processor():
                for number in range(500):
                    cable.send(datagram("x", b"%d" % number))
            wait_until(lambda: daemon.status()["received"] > 0)
            daemon.end(signal.SIGKILL)
            got = []
            while packet := reader.receive():
                got.append(int(Delivered(packet).data))
            self.assertEqual(got, sorted(set(got)))


def run_alone():
    """Again, in a network namespace of our own."""
    skip_unless_root("mailslotd on a network")
    if "MAILSLOT_TEST_ALONE" in os.environ:
        ip("link", "set", "lo", "up")
        return
    if not has_networks():
        print("SKIPPED: mailslotd on a network: no network namespaces here")
        sys.exit(77)
    os.environ["MAILSLOT_TEST_ALONE"] = "1"
    os.execvp("unshare", ["unshare", "-n", sys.executable, "-B", *sys.argv])


if __name__ == "__main__":
    run_alone()
    unittest.main()
