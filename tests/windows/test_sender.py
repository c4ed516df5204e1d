"""The library as sender on Windows (S35, S36): mailslot.exe runs under Wine on a host that is on two
networks, with mailslotd and Linux readers on another host of each."""

import json
import os

from harness import sandbox
from harness.network_test import NetworkTest
from harness.host_programs import Daemon, Listener, answered
from harness.tool import DONE, ERROR, USAGE, TOO_BIG

WINE = [os.environ["MAILSLOT_WINE"], "--captured", os.environ["MAILSLOT_WINE_PREFIX"]]
TOOL = os.environ["MAILSLOT_WINDOWS_TOOL"]
SWITCHED_OFF = os.environ["MAILSLOT_SEND_SWITCHED_OFF"]


class Sender(NetworkTest):
    BRIDGES = 2

    @classmethod
    def build(cls):
        cls.windows = cls.network.host("WINDOWS", bridges=(0, 1))
        cls.linux = cls.network.host("LINUX")
        cls.other = cls.network.host("OTHER", bridges=(1,))
        for host in (cls.linux, cls.other):
            Daemon(host).wait_for_names()
        # Wine's sockets are its server's, which must be a program of that host.
        cls.end_wine(cls.linux)
        cls.addClassCleanup(cls.end_wine, cls.windows)

    @staticmethod
    def end_wine(host):
        host.run(WINE[0], "--end", WINE[2])

    def run_wine(self, program, *arguments, **env):
        """What it prints and says comes as one."""
        return self.windows.run(*WINE, program, *arguments,
                                env={**self.windows.env, "MAILSLOT_SENDER": "library", **env})

    def send(self, name, *arguments):
        result = answered(self.run_wine, TOOL, "send", name, *arguments)
        self.assertEqual((result.status, result.out), (DONE, ""), result)

    def fail(self, status, name, *arguments):
        result = self.run_wine(TOOL, "send", name, *arguments)
        self.assertEqual(result.status, status, result)
        return result.out

    def test_to_one(self):
        listener = Listener(self.linux, r"App\x")
        self.send(r"\\linux\mailslot\app\x", "hello", "", "d" * 420)
        records = listener.wait_for(3)
        self.assertEqual([record["value"] for record in records], ["hello", "", "d" * 420])
        origin = records[0]["origin"]
        self.assertEqual((origin["computer"], origin["address"]),
                         ("WINDOWS", self.windows.address))
        listener.stop()

    def test_typed(self):
        listener = Listener(self.linux, "typed", "--codec", "msgpack")
        self.send(r"\\LINUX\mailslot\typed", "--codec", "msgpack", '{"a":[1,2.5,null]}')
        self.assertEqual(listener.values(1), [{"a": [1, 2.5, None]}])
        listener.stop()

    def test_to_many_each_once_the_own_readers_too(self):
        listeners = [Listener(host, "all") for host in (self.linux, self.other)]
        own = self.windows.start(WINE[0], WINE[2], TOOL, "listen", "all", "--count", "3", apart=True)
        self.wait_until(lambda: self.run_wine(TOOL, "info", "all").status == DONE, "the own reader")
        self.send(r"\\LAB\mailslot\all", "to the group")
        self.send(r"\\*\mailslot\all", "to everybody")
        self.send(r"\\linux\mailslot\all", "to one")
        self.send("all", "here")
        self.assertEqual(listeners[0].values(3), ["to the group", "to everybody", "to one"])
        self.assertEqual(listeners[1].values(2), ["to the group", "to everybody"])
        for listener, port in zip(listeners, self.windows.ports):
            self.assertEqual({record["origin"]["address"] for record in listener.records()},
                             {port.address})
        self.assertEqual(own.wait(), DONE, own.errors())
        self.assertEqual(own.output(), "to the group\nto everybody\nhere\n")
        for listener in listeners:
            listener.stop()

    def test_a_system_that_has_them_switched_off(self):
        for when in ("opened", "written"):
            listener = Listener(self.linux, when)
            result = answered(self.run_wine, SWITCHED_OFF, when, rf"\\linux\mailslot\{when}",
                              "one", "two", MAILSLOT_SENDER="auto")
            self.assertEqual(result.status, 0, result)
            self.assertEqual(listener.values(2), ["one", "two"])
            listener.stop()

    def test_what_cannot_be_sent(self):
        self.assertIn("no answer for the name NOBODY<00>; asked: ",
                      self.fail(ERROR, r"\\nobody\mailslot\x", "hello"))
        self.assertIn("425 bytes, limit 424", self.fail(TOO_BIG, r"\\linux\mailslot\x", "d" * 425))

    def test_an_interface_by_its_address(self):
        listeners = [Listener(host, "chosen") for host in (self.linux, self.other)]
        conf = self.windows.write("conf", f"interface = {self.windows.ports[1].address}\n")
        result = self.run_wine(TOOL, "send", r"\\*\mailslot\chosen", "one", MAILSLOT_CONFIG=conf)
        self.assertEqual(result.status, DONE, result)
        self.send(r"\\*\mailslot\chosen", "both")
        self.assertEqual(listeners[1].values(2), ["one", "both"])
        self.assertEqual(listeners[0].values(1), ["both"])
        for listener in listeners:
            listener.stop()
        conf = self.windows.write("conf", "interface = 192.0.2.1\n")
        result = self.run_wine(TOOL, "send", r"\\*\mailslot\x", "hello", MAILSLOT_CONFIG=conf)
        self.assertEqual(result.status, ERROR, result)
        self.assertIn("no interface of 192.0.2.1 is up", result.out)

    def test_the_configuration_says_who_sends(self):
        conf = self.windows.write("conf", "sender = nobody\n")
        result = self.run_wine(TOOL, "send", r"\\linux\mailslot\x", "hello", MAILSLOT_CONFIG=conf)
        self.assertEqual(result.status, USAGE, result)
        self.assertIn("not auto, system or library: 'nobody'", result.out)

    def test_who_is_there(self):
        result = answered(self.run_wine, TOOL, "lookup", "linux", "--json")
        self.assertEqual(result.status, DONE, result)
        self.assertEqual([owner["address"] for owner in json.loads(result.out)],
                         [self.linux.address])
        self.wait_until_equal(self.computers, ["LINUX", "OTHER"])

    def computers(self):
        result = answered(self.run_wine, TOOL, "hosts", "--json")
        self.assertEqual(result.status, DONE, result)
        return [host["computer"] for host in json.loads(result.out)]


if __name__ == "__main__":
    sandbox.main()
