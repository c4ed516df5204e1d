"""Hosts with more than one address: bridges for containers that every host has, under the same
address, and WINS servers that reach one address of a host only."""

from harness import sandbox
from harness.network import Port
from harness.network_test import NetworkTest
from harness.host_programs import Daemon
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
        cls.box.env["MAILSLOT_CONFIG"] = cls.box.write("conf", f"wins = {cls.server.address}\n")

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

    def test_an_address_that_no_server_reaches_costs_no_name(self):
        daemon = Daemon(self.box).wait_for_names(patience=5)
        said = found(self.server, "--recursion", "-U", self.server.address, "BOX").out
        self.assertIn(f"{self.box.address} BOX<00>", said)
        self.assertNotIn(BRIDGE, said)
        daemon.process.stop()


if __name__ == "__main__":
    sandbox.main("nmbd", "nmblookup")
