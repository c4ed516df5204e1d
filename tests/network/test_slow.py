"""A mailslotd that lives and does not answer for a while: nobody gets anything twice for it."""

import contextlib
import signal

from harness import sandbox
from harness.network_test import NetworkTest
from harness.host_programs import Daemon, Listener, send

COUNT = 50
MORE = 1000  # than mailslotd takes before it looks for who has connected


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
        self.check_each_once(own, texts)

    def test_a_reader_that_comes_meanwhile_gets_it_once(self):
        """From the writer, and nothing more once mailslotd is awake and knows it."""
        texts, before = [str(number) for number in range(MORE)], self.received()
        readers = Listener.readers(self.host)
        with asleep(self.daemon):
            own = Listener(self.host, "new", awaited=False)
            self.wait_until(own.in_place, "the reader")
            send(self.host, r"\\*\mailslot\new", *texts)
            own.wait_for(MORE)
        self.wait_until(lambda: Listener.readers(self.host) > readers, "the reader to be known")
        self.wait_until(lambda: self.received() >= before + MORE, "what was broadcast")
        self.check_each_once(own, texts)

    def check_each_once(self, reader, texts):
        """The last one comes by mailslotd too, so behind what that has for the reader."""
        send(self.other, rf"\\*\mailslot\{reader.name}", "last")
        self.wait_until(lambda: "last" in reader.every_value(), "the last message")
        self.assertEqual(sorted(reader.every_value()), sorted(texts + ["last"]))


if __name__ == "__main__":
    sandbox.main()
