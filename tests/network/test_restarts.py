"""mailslotd killed by SIGKILL and started again, at random, under load: local mailslots do not
notice, readers connect again, names come back."""

import itertools
import json
import os
import random
import signal
import subprocess
import threading
import time

from harness import sandbox
import storm
from harness.network_test import NetworkTest
from harness.host_programs import TOOL, Daemon, Listener, send
from harness.waiting import PATIENCE, on_one_processor, wait_until

SEED = int(os.environ.get("MAILSLOT_RESTART_SEED", random.SystemRandom().randrange(1 << 32)))
KILLS = int(os.environ.get("MAILSLOT_RESTARTS", 6))


class Load(threading.Thread):
    """Calls step(number) again and again until stopped, on one processor."""

    def __init__(self, step):
        super().__init__(daemon=True)
        self.step, self.done, self.failure = step, threading.Event(), None
        self.count = 0
        self.start()

    def run(self):
        try:
            with on_one_processor():
                while not self.done.is_set():
                    self.step(self.count)
                    self.count += 1
        except Exception as failure:  # for the test's thread to raise
            self.failure = failure

    def stop(self):
        self.done.set()
        self.join()
        if self.failure:
            raise self.failure
        return self.count


def newest(listener):
    """The number in the last of its records; before the first, -1."""
    return int(json.loads(listener.last_line() or '{"value": -1}')["value"])


def start_writer(host, name, *readers):
    """A tool that sends number after number until stop_writer(), not far ahead of any of the
    readers."""
    writer = subprocess.Popen(host.inside([TOOL, "send", name]), text=True, env=host.env,
                              stdin=subprocess.PIPE, stderr=subprocess.PIPE)

    def step(number):
        if number % 20 == 0:
            wait_until(lambda: all(newest(one) >= number - 40 for one in readers), "the readers")
        writer.stdin.write(f"{number}\n")
        writer.stdin.flush()
        time.sleep(0.0005)
    return Load(step), writer


def stop_writer(load, writer):
    """How many it has sent, without an error."""
    count = load.stop()
    _, errors = writer.communicate(timeout=PATIENCE)
    assert (writer.returncode, errors) == (0, ""), (writer.returncode, errors)
    return count


class Restarts(NetworkTest):
    @classmethod
    def build(cls):
        print(f"seed {SEED} (MAILSLOT_RESTART_SEED)", flush=True)
        cls.chance = random.Random(SEED)
        cls.sender, cls.target = cls.network.host("SENDER"), cls.network.host("TARGET")
        cls.daemon = Daemon(cls.target).wait_for_names()

    def remote_load(self):
        link = self.sender.udp()
        template = storm.Template("SENDER", "TARGET", "REMOTE", self.sender.address)

        def step(number):
            link.sendto(template.datagram(number), (self.target.address, 138))
            time.sleep(0.0005)
        return Load(step)

    def restart(self, remote):
        """Dies, starts, has its names and both readers again: each looks once a second."""
        time.sleep(self.chance.uniform(0, 0.5))
        self.daemon.process.send_signal(signal.SIGKILL)
        self.daemon.process.wait()
        time.sleep(self.chance.uniform(0, 0.3))
        before = len(remote.records())
        self.daemon.start()
        self.wait_until(lambda: len(remote.records()) > before, "what is sent to arrive again")
        self.wait_until(lambda: Listener.readers(self.target) == 2, "both readers to be back")
        self.daemon.wait_for_names()

    def get_through(self, text, listener):
        """Sends to a reader that may have no room under the load, until one arrives."""
        times = itertools.count(1)
        def arrives():
            send(self.sender, r"\\TARGET\mailslot\remote", f"{text}, {next(times)}")
            return any(value.startswith(text + ",") for value in listener.every_value())
        self.wait_until(arrives, text)

    def test_killed_at_random_under_load(self):
        remote = Listener(self.target, "remote")
        reader = Listener(self.target, "local")
        local_load, writer = start_writer(self.target, "local")
        remote_load = self.remote_load()
        for number in range(KILLS):
            self.restart(remote)
            self.get_through(f"after death {number}", remote)
        remote_load.stop()
        count = stop_writer(local_load, writer)
        self.assertEqual(reader.values(count), [str(number) for number in range(count)])
        values = remote.every_value()
        others = [value for value in values if value.startswith("after")]
        self.assertEqual(len(others), len(set(others)))
        numbers = [storm.number_of(value) for value in values if value not in others]
        self.assertNotIn(None, numbers)
        self.assertEqual(numbers, sorted(set(numbers)))
        for listener in (reader, remote):
            self.assertEqual((listener.stop(), listener.errors()), (0, ""))
        print(f"{KILLS} deaths, {count} local messages, {len(numbers)} remote ones", flush=True)


class Broadcasts(NetworkTest):
    """S37: a broadcast reaches each reader once, also this computer's own while its mailslotd dies
    and comes back. Only of what is being handed over at a death nobody knows whether it arrived,
    and for some ms afterwards the writer may take the next daemon for the dying one. It is awake
    when it dies: what has waited for it would die with it."""

    def test_each_once_over_deaths(self):
        sender, other = self.network.host("SENDER"), self.network.host("OTHER")
        daemon = Daemon(sender).wait_for_names()
        Daemon(other).wait_for_names()
        own, far = Listener(sender, "all"), Listener(other, "all")
        load, writer = start_writer(sender, r"\\*\mailslot\all", own, far)
        for _ in range(KILLS):
            self.wait_until(lambda count=own.lines(): own.lines() > count + 100, "messages")
            daemon.state()
            daemon.process.send_signal(signal.SIGKILL)
            daemon.process.wait()
            daemon.start()
            self.wait_until(lambda: daemon.state()["counters"]["delivered"] > 0,
                            "the reader to be back")
        count = stop_writer(load, writer)
        expected = {str(number) for number in range(count)}
        for listener, most in ((own, 3 * KILLS), (far, 0)):
            self.wait_until(lambda reader=listener, left=most:
                            len(expected - set(reader.every_value())) <= left, "every message")
            values = listener.every_value()
            self.assertLessEqual(set(values), expected)
            self.assertLessEqual(len(values) - len(set(values)), most)
        values = own.every_value()
        print(f"{KILLS} deaths, {count} broadcasts, {len(values) - len(set(values))} of them twice, "
              f"{count - len(set(values))} lost", flush=True)


if __name__ == "__main__":
    sandbox.main()
