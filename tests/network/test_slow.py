"""A mailslotd that lives and does not answer for a while: nobody gets anything twice for it."""

import contextlib
import signal

import inside
from case import NetworkTest
from ours import Daemon, Listener, send

COUNT = 50


@contextlib.contextmanager
def asleep(daemon):
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        daemon.process.send_signal(signal.SIGCONT)


class Slow(NetworkTest):
    @classmethod
    def build(cls):
        cls.host, cls.other = cls.network.host("SLOW"), cls.network.host("OTHER")
        cls.daemon, _ = daemons = [Daemon(host) for host in (cls.host, cls.other)]
        for daemon in daemons:
            daemon.wait_for_names()

    def received(self):
        return self.state_of(self.host)["counters"]["received"]

    def test_a_broadcast_comes_once(self):
        """S37; the own reader's from what mailslotd hears when it is awake."""
        own, far = Listener(self.host, "all"), Listener(self.other, "all")
        texts, before = [str(number) for number in range(COUNT)], self.received()
        with asleep(self.daemon):
            send(self.host, r"\\*\mailslot\all", *texts)
            self.assertEqual(sorted(far.values(COUNT), key=int), texts)
        self.wait_until(lambda: self.received() >= before + COUNT, "what was broadcast")
        send(self.host, "all", "last")
        self.wait_until(lambda: "last" in own.every_value(), "the last message")
        self.assertEqual(sorted(own.every_value()), sorted(texts + ["last"]))


if __name__ == "__main__":
    inside.main()
