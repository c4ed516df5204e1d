"""Beside nmbd on one host, which owns the ports: what nmbd hands over is delivered, unicast and
broadcast, also after nmbd was started again; and by nmbd's death nothing else is lost. As it comes,
nmbd hears each broadcast twice."""

from harness import sandbox
from harness.network_test import NetworkTest
from harness.host_programs import Daemon, Listener, send, state
from harness.samba_peer import Nmbd


class Beside(NetworkTest):
    @classmethod
    def build(cls):
        cls.both, cls.other = cls.network.host("BOTH"), cls.network.host("OTHER")
        cls.nmbd = Nmbd(cls.both, nmbd_bind_explicit_broadcast="yes")
        cls.nmbd.wait_until_it_answers(cls.other)
        cls.daemon = Daemon(cls.both, "--nmbd-socket", cls.nmbd.unexpected)
        cls.wait_for_subscription(1)
        cls.listener = Listener(cls.both, "trace")

    @classmethod
    def wait_for_subscription(cls, times):
        cls.wait_until(lambda: state(cls.both)["counters"]["nmbd_connections"] >= times,
                       "nmbd to accept us")

    def check_delivery(self, to, text):
        send(self.other, to + r"\mailslot\Trace", text)
        self.wait_until(lambda: self.listener.count(text), text)
        record, = (record for record in self.listener.records() if record["value"] == text)
        self.assertEqual((record["origin"]["computer"], record["origin"]["address"]),
                         ("OTHER", self.other.address))

    def test_it_says_that_nmbd_has_the_ports(self):
        self.assertRegex(self.daemon.process.errors(), "nmbd")

    def test_unicast(self):
        self.check_delivery(r"\\BOTH", "to the host")

    def test_group(self):
        self.check_delivery(r"\\LAB", "to the group")

    def test_everybody(self):
        self.check_delivery(r"\\*", "to everybody")

    def test_broadcasts_are_heard_once(self):
        before = state(self.both)["counters"]
        self.check_delivery(r"\\LAB", "heard twice")
        send(self.both, r"\\*\mailslot\Trace", "own")
        self.wait_until(lambda: state(self.both)["counters"]["duplicates"]
                        >= before["duplicates"] + 3, "what nmbd heard twice, and our own twice")
        self.check_delivery(r"\\BOTH", "behind it")
        for text in ("heard twice", "own"):
            self.assertEqual(self.listener.count(text), 1)

    def test_after_nmbd_was_started_again(self):
        self.nmbd.process.kill()
        send(self.both, "trace", "while it is away")
        self.wait_until(lambda: self.listener.count("while it is away"), "a local message")
        self.nmbd.start()
        self.wait_for_subscription(2)
        self.nmbd.wait_until_it_answers(self.other)
        self.check_delivery(r"\\BOTH", "to the host again")
        self.check_delivery(r"\\LAB", "to the group again")


if __name__ == "__main__":
    sandbox.main("nmbd", "nmblookup")
