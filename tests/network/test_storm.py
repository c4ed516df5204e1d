"""A storm: 100,000 datagrams at full speed, a tenth of them damaged at random, for 100 readers.
Every sound one is delivered, or counted as dropped by the kernel or by a full slot; mailslotd stays
up and small."""

import os
import random
import signal
import time

from harness import sandbox
import name_storm
import storm
from harness.waiting import on_one_processor
from harness.network_test import NetworkTest
from harness.host_programs import Daemon, Listener

SEED = int(os.environ.get("MAILSLOT_STORM_SEED", random.SystemRandom().randrange(1 << 32)))
COUNT = int(os.environ.get("MAILSLOT_STORM", 100000))
SANITIZED = bool(os.environ.get("MAILSLOT_SANITIZE"))
READERS = 10 if SANITIZED else 100  # whose processes are big then
MOST_MEMORY = 10_000_000            # bytes of the daemon's
BURST = 50                          # datagrams that the smallest receive buffer has room for
BLOCKED = 20000                     # datagrams that none has
REFUSABLE = 2                       # seconds: MSI_NODE_REFUSABLE_MS of tools/mailslotd/node/node.h


class Storm(NetworkTest):
    @classmethod
    def build(cls):
        print(f"seed {SEED} (MAILSLOT_STORM_SEED)", flush=True)
        cls.sender, cls.target = cls.network.host("SENDER"), cls.network.host("TARGET")
        cls.daemon = Daemon(cls.target).wait_for_names()
        cls.templates = [storm.Template("SENDER", "TARGET", f"STORM\\{number}", cls.sender.address)
                         for number in range(READERS)]
        cls.link = cls.sender.udp()
        cls.link.connect((cls.target.address, 138))

    def setUp(self):
        self.listeners = Listener.several(self.target,
                                          [f"storm/{number}" for number in range(READERS)])
        self.before = self.daemon.state()["counters"]
        self.dropped_before, self.lost_before = self.all_dropped(), self.all_lost()

    def tearDown(self):
        for listener in self.listeners:
            listener.kill()
        self.wait_until(lambda: self.daemon.state()["counters"]["readers"] == 0, "nobody to read")

    # ---- What was counted since a test began ----

    def counted(self):
        return {name: value - self.before[name]
                for name, value in self.daemon.state()["counters"].items()}

    def all_dropped(self):
        """Datagrams that the kernel dropped since the port was bound, as the kernel has it."""
        lines = self.target.run("cat", "/proc/net/udp").out.splitlines()[1:]
        return sum(int(line.split()[-1]) for line in lines if line.split()[1].endswith(":008A"))

    def dropped(self):
        return self.all_dropped() - self.dropped_before

    def all_lost(self):
        return self.network.lost_on_the_way(self.sender, self.target)

    def lost_on_the_way(self):
        """Datagrams that the kernel dropped before they came to the port."""
        return self.all_lost() - self.lost_before

    def accounted_for(self, count):
        """Whether so many were received or dropped."""
        received = self.counted()["received"]
        return received >= count or received + self.dropped() + self.lost_on_the_way() >= count

    def settle(self, count):
        """Until all that was sent was received or dropped, and what was delivered was printed; the
        records of all readers."""
        self.wait_until(lambda: self.accounted_for(count),
                        f"{count} datagrams to arrive or be dropped")
        delivered = self.counted()["delivered"]
        self.wait_until(lambda: sum(listener.lines() for listener in self.listeners) >= delivered,
                        f"{delivered} records")
        return [listener.records() for listener in self.listeners]

    def check(self, datagrams, sound, records):
        """Nothing is missing in the sum; returns what was counted and how many sound ones were
        lost."""
        counted, on_the_way = self.counted(), self.lost_on_the_way()
        print({name: value for name, value in counted.items() if value}, on_the_way, flush=True)
        self.assertEqual(sum(map(len, records)), counted["delivered"])
        self.assertEqual(counted["kernel_drops"], self.dropped())
        dropped = counted["kernel_drops"] + on_the_way
        self.assertEqual(counted["received"] + dropped, len(datagrams))
        ends = sum(value for name, value in counted.items()
                   if name.startswith("malformed_") or name in
                   ("not_for_us", "duplicates", "no_reader", "delivered", "full", "too_big"))
        self.assertEqual(counted["received"], ends)
        whole = self.whole(records)
        lost = len(sound - set(whole))
        self.assertLessEqual(lost, dropped + counted["full"])
        self.assertTrue(self.daemon.process.running(), self.daemon.process.errors())
        return counted, lost

    def whole(self, records):
        """The numbers of messages that are whole: each once, with the right reader, in order."""
        every = []
        for reader, lines in enumerate(records):
            numbers = [storm.number_of(line["value"]) for line in lines]
            numbers = [number for number in numbers if number is not None]
            self.assertEqual(numbers, sorted(set(numbers)))
            every += [number for number in numbers if number % READERS == reader]
        return every

    # ---- Tests ----

    def send(self, datagrams):
        with on_one_processor():
            for datagram in datagrams:
                self.link.send(datagram)

    def send_in_bursts(self, datagrams, followed=lambda sent: True):
        """Each when the last has arrived, and when whoever must follow has done so."""
        for first in range(0, len(datagrams), BURST):
            burst = datagrams[first:first + BURST]
            self.send(burst)
            sent = first + len(burst)
            self.wait_until(lambda: self.accounted_for(sent) and followed(sent), "a burst")

    def test_at_full_speed(self):
        datagrams, sound = storm.make(self.templates, COUNT, SEED)
        self.send(datagrams)
        _, lost = self.check(datagrams, sound, self.settle(COUNT))
        print(f"{len(sound)} sound, {lost} of them lost; daemon: {self.daemon.process.resident()} "
              "bytes", flush=True)
        if not SANITIZED:
            self.assertLess(self.daemon.process.resident(), MOST_MEMORY)

    def test_none_is_lost_if_there_is_room(self):
        datagrams, sound = storm.make(self.templates, COUNT // 20, SEED + 1)
        self.send_in_bursts(datagrams)
        counted, lost = self.check(datagrams, sound, self.settle(len(datagrams)))
        self.assertEqual((counted["kernel_drops"], counted["full"]), (0, 0))
        self.assertLessEqual(lost, self.lost_on_the_way())

    def test_what_the_kernel_drops_is_counted(self):
        """While mailslotd does not run, its sockets fill."""
        datagrams, sound = storm.make(self.templates, BLOCKED, SEED + 2)
        self.daemon.process.send_signal(signal.SIGSTOP)
        self.send(datagrams)
        self.daemon.process.send_signal(signal.SIGCONT)
        counted, lost = self.check(datagrams, sound, self.settle(BLOCKED))
        self.assertGreater(counted["kernel_drops"], 0)
        self.assertGreater(lost, 0)

    def test_what_a_full_slot_refuses_is_counted_and_others_get_theirs(self):
        """One reader does not run."""
        stopped = self.listeners[0]
        stopped.send_signal(signal.SIGSTOP)
        templates = [self.templates[0]] * 9 + [self.templates[1]]
        datagrams = [templates[number % 10].datagram(number * READERS + number // 9 % 2)
                     for number in range(BLOCKED)]
        self.send_in_bursts(datagrams, lambda sent: self.listeners[1].lines() >= sent // 10 - 100)
        self.assertEqual(self.listeners[1].wait_for(BLOCKED // 10)[-1]["size"],
                         len(storm.PAYLOAD))
        stopped.send_signal(signal.SIGCONT)
        records = self.settle(BLOCKED)
        counted = self.counted()
        self.assertGreater(counted["full"], 0)
        self.assertEqual(len(records[0]) + counted["full"], BLOCKED * 9 // 10)
        self.assertEqual(len(records[1]), BLOCKED // 10)


class NameStorm(NetworkTest):
    """The same for the name service: every kind of packet, half of them damaged, and in the end
    every name is still held, and questions are answered."""

    @classmethod
    def build(cls):
        print(f"seed {SEED} (MAILSLOT_STORM_SEED)", flush=True)
        cls.sender, cls.target = cls.network.host("SENDER"), cls.network.host("TARGET")
        cls.daemon = Daemon(cls.target).wait_for_names()
        cls.link = cls.sender.udp()
        cls.link.connect((cls.target.address, 137))
        time.sleep(REFUSABLE)  # until then, a transaction id that happens to be right takes a name

    def send(self, chance, number):
        packet = name_storm.every_kind(number, "TARGET", self.sender.address)
        self.link.send(storm.damage(chance, packet) if chance.random() < 0.5 else packet)

    def ask(self, number):
        """Asks until an answer comes, since packets may be lost; what came before is no answer."""
        asked = name_storm.question(number, name_storm.FLAGS["query"], "TARGET", 0)
        def answered():
            self.link.send(asked)
            self.link.settimeout(0.5)
            try:
                while True:
                    answer = self.link.recv(2000)
                    if answer[:4] == asked[:2] + b"\x85\x00":
                        return answer
            except TimeoutError:
                return None
        return self.wait_until(answered, "an answer")

    def test_every_kind_damaged(self):
        chance = random.Random(SEED + 3)
        for number in range(BLOCKED):
            self.send(chance, number)
        answer = self.ask(0xFFFF)
        self.assertEqual(answer[-4:], bytes(map(int, self.target.address.split("."))))
        self.assertEqual(set(self.daemon.names().values()), {"held"})
        counted = self.daemon.state()["counters"]
        self.assertGreater(counted["name_malformed"], 0)
        print(counted["name_packets"], "packets,", counted["name_malformed"], "malformed",
              flush=True)


if __name__ == "__main__":
    sandbox.main()
