"""Hosts with more than one address: bridges for containers that every host has, under the same
address, and WINS servers that reach one address of a host only."""

import contextlib

from harness import sandbox
from harness.network import Port
from harness.network_test import NetworkTest
from harness.host_programs import Daemon, Listener, send, tool
from harness.samba_peer import Nmbd, found

BRIDGE = "172.17.0.1"  # of containers, as Docker makes it


class Multihomed(NetworkTest):
    """BOX, whose bridge for containers comes before its network card, and SERVER, a WINS server
    without a route to that bridge."""

    @classmethod
    def build(cls):
        cls.server = cls.network.host("SERVER")
        cls.box = cls.boxed("BOX")
        cls.wins = Nmbd(cls.server, wins_support="yes")
        cls.wins.wait_until_it_answers(cls.box)
        cls.peer = cls.boxed("PEER")
        cls.remote = cls.pointed("REMOTE")
        for host in (cls.box, cls.remote):
            host.env["MAILSLOT_CONFIG"] = host.write("conf", f"wins = {cls.server.address}\n")

    @classmethod
    def boxed(cls, name):
        """A host whose bridge has the lower index."""
        host = cls.network.host(name, bridges=())
        host.ip("link", "add", "docker0", "type", "bridge")
        host.ip("addr", "add", f"{BRIDGE}/16", "broadcast", "172.17.255.255", "dev", "docker0")
        host.ip("link", "set", "docker0", "up")
        host.ports = [Port(name.lower(), 0, len(cls.network.hosts))]
        host.address, host.broadcast = host.ports[0].address, host.ports[0].broadcast
        cls.network.plug(host, host.ports[0])
        return host

    @classmethod
    def pointed(cls, name):
        """A host whose only network has no broadcast address, as behind a tunnel."""
        host = cls.network.host(name)
        host.ip("addr", "flush", "dev", "eth0")
        host.ip("addr", "add", f"{host.address}/32", "dev", "eth0")
        host.ip("route", "add", "10.77.0.0/24", "dev", "eth0")
        return host

    def test_an_address_that_no_server_reaches_costs_no_name(self):
        daemon = Daemon(self.box).wait_for_names(patience=5)
        said = found(self.server, "--recursion", "-U", self.server.address, "BOX").out
        self.assertIn(f"{self.box.address} BOX<00>", said)
        self.assertNotIn(BRIDGE, said)
        daemon.process.stop()

    def test_a_message_goes_to_the_other_computer_not_to_the_own_bridge(self):
        with self.running(self.peer), self.running(self.box):
            listener = Listener(self.peer, "trace")
            send(self.box, r"\\PEER\mailslot\trace", "over there")
            record, = listener.wait_for(1)
            self.assertEqual(record["origin"]["address"], self.box.address)
            listener.stop()

    def test_names_and_messages_need_no_broadcast(self):
        with self.running(self.remote), self.running(self.box):
            for writer, reader in ((self.box, self.remote), (self.remote, self.box)):
                found(self.server, "--recursion", "-U", self.server.address, reader.name)
                listener = Listener(reader, "trace")
                send(writer, rf"\\{reader.name}\mailslot\trace", "over there")
                self.assertEqual(listener.wait_for(1)[0]["value"], "over there")
                listener.stop()
            said = tool(self.remote, "send", r"\\*\mailslot\trace", "all")
            self.assertIn("no interface can broadcast", said.err)

    def test_interfaces_are_chosen_by_any_name_and_address(self):
        names = ("enp0s31f6", "enx-more-than-fifteen-characters")
        for name in names:
            self.peer.ip("link", "property", "add", "dev", "eth0", "altname", name)
        for chosen in (*names, "eth0", "et*", self.peer.address, "10.77.0.0/24"):
            env = dict(self.peer.env, MAILSLOT_CONFIG=self.peer.write(
                "conf", f"interface = {chosen}\n"))
            said = tool(self.peer, "doctor", env=env).out
            self.assertIn(f"interface eth0: address {self.peer.address}", said, chosen)
            self.assertNotIn("interface docker0", said, chosen)

    def test_networks_that_are_left_out_are_told(self):
        host = self.network.host("CROWDED")
        for number in range(33):
            host.ip("link", "add", f"net{number}", "type", "bridge")
            host.ip("addr", "add", f"10.100.{number}.1/24", "brd", "+", "dev", f"net{number}")
            host.ip("link", "set", f"net{number}", "up")
        said = tool(host, "doctor")
        self.assertIn("2 more networks are left out, since at most 32 are used", said.out)
        self.assertEqual(said.status, 1)
        env = dict(host.env, MAILSLOT_CONFIG=host.write("conf", "interface = eth*\n"))
        self.assertNotIn("left out", tool(host, "doctor", env=env).out)

    @contextlib.contextmanager
    def running(self, host):
        daemon = Daemon(host).wait_for_names(patience=5)
        yield daemon
        daemon.process.stop()


if __name__ == "__main__":
    sandbox.main("nmbd", "nmblookup")
