"""mailslot doctor and mailslot info --host: what they say where all is well, and of each thing that
can be wrong."""

import os

from harness import sandbox
from harness.waiting import repeated
from harness.network_test import NetworkTest
from harness.host_programs import TOOL, Daemon, Listener, send, state, told, tool
from harness.samba_peer import Nmbd


class Doctor(NetworkTest):
    @classmethod
    def build(cls):
        cls.samba = cls.network.host("SAMBA")
        nmbd = Nmbd(cls.samba)
        cls.well, cls.bare = cls.network.host("WELL"), cls.network.host("BARE")
        cls.daemon = Daemon(cls.well).wait_for_names()
        nmbd.wait_until_it_answers(cls.bare)
        cls.nmbd = nmbd

    def doctor(self, host, status, env=None, wanted=""):
        """What it finds: the texts of each verdict. Somebody may be late to answer it, so it looks
        again if that is not as wanted."""
        result = repeated(lambda: tool(host, "doctor", env=env),
                          lambda result: result.status == status and wanted in result.out)
        self.assertEqual((result.status, result.err), (status, ""), result)
        found = {"ok": [], "note": [], "fix": []}
        for line in result.out.splitlines():
            verdict, text = line.split(None, 1)
            self.assertTrue(line.startswith(f"{verdict:4}  {text}"), line)
            found[verdict].append(text)
        self.assertEqual(bool(found["fix"]), status == 1, result)
        return found

    def assert_among(self, lines, *words):
        """One of the lines has all the words."""
        self.assertTrue(any(all(word in line for word in words) for line in lines), (words, lines))

    def test_all_is_well(self):
        ok = self.doctor(self.well, 0)["ok"]
        pid = str(self.daemon.process.pid)
        for words in (("computer WELL", "workgroup LAB", "environment"),
                      ("eth0", self.well.address, self.well.broadcast),
                      ("mailslotd", "runs, process", pid), ("port 137", "mailslotd", pid),
                      ("port 138", "mailslotd", pid), ("WELL<00>", "held"), ("WELL<03>", "held"),
                      ("WELL<20>", "held"), ("LAB<00>", "held"),
                      ("WELL leads to", self.well.address), ("round trip", "came back")):
            self.assert_among(ok, *words)

    def test_the_round_trip_went_by_the_network(self):
        before = state(self.well)["counters"]["delivered"]
        self.doctor(self.well, 0)
        self.assertGreater(state(self.well)["counters"]["delivered"], before)

    def test_a_firewall_is_hinted_at(self):
        self.assert_among(self.doctor(self.well, 0)["note"], "firewall", "137", "138")

    def test_without_rights(self):
        """Only whose the ports are remains unsaid. (The one right left is to find the program.)"""
        user = ("setpriv", "--reuid=12345", "--regid=12345", "--clear-groups",
                "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search")
        result = repeated(lambda: self.well.run(*user, TOOL, "doctor"),
                          lambda result: result.status == 0)
        self.assertEqual((result.status, result.err), (0, ""), result)
        self.assertIn("ok    round trip", result.out)
        self.assertRegex(result.out, r"note  UDP port 137: a process of user \d+ .*as root")

    def test_without_mailslotd(self):
        fix = self.doctor(self.bare, 1)["fix"]
        self.assert_among(fix, "no mailslotd runs", "start it")
        self.assert_among(fix, "port 137", "no process owns it")
        self.assert_among(fix, "port 138", "no process owns it")

    def test_a_stranger_has_a_port(self):
        with self.bare.udp(138):
            self.assert_among(self.doctor(self.bare, 1)["fix"], "port 138", "python",
                              f"process {os.getpid()}", "stop that")

    def test_another_computer_has_the_name(self):
        env = dict(self.bare.env, MAILSLOT_NAME="WELL")
        daemon = Daemon(self.bare, "--name", "WELL")
        self.addCleanup(daemon.process.stop)
        self.wait_until_equal(daemon.names, {"WELL<00>": "conflict", "WELL<03>": "conflict",
                                             "WELL<20>": "conflict", "LAB<00>": "held"})
        leads = f"leads to {self.well.address}"
        found = self.doctor(self.bare, 1, env, wanted=leads)
        self.assert_among(found["fix"], "WELL<00>", "another computer has it", "another name")
        self.assert_among(found["fix"], leads, "not this computer")
        self.assert_among(found["ok"], "LAB<00>", "held")

    def test_no_interface(self):
        lone = self.network.host("LONE", bridges=())
        daemon = Daemon(lone)
        self.wait_until(daemon.state, "an answer")
        self.assert_among(self.doctor(lone, 1)["fix"], "no interface", "connect one")
        env = dict(self.well.env, MAILSLOT_CONFIG=self.well.write("conf", "interface = eth7\n"))
        self.assert_among(self.doctor(self.well, 1, env)["fix"], "no configured interface",
                          env["MAILSLOT_CONFIG"])

    def test_a_wrong_configuration(self):
        path = self.bare.write("conf", "name = HOST\ninterfase = eth0\n")
        result = tool(self.bare, "doctor", env=dict(self.bare.env, MAILSLOT_CONFIG=path))
        self.assertNotEqual(result.status, 0, result)
        self.assertRegex(result.err, rf"\Amailslot: .*{path}.*2.*interfase.*\n\Z")

    def test_beside_samba(self):
        daemon = Daemon(self.samba, "--nmbd-socket", self.nmbd.unexpected)
        self.wait_until(lambda: "connected" in daemon.state()["nmbd"], "nmbd")
        ok = self.doctor(self.samba, 0)["ok"]
        self.assert_among(ok, "from Samba's nmbd", self.nmbd.unexpected)
        self.assert_among(ok, "port 138", "nmbd", str(self.nmbd.process.pid))
        self.assert_among(ok, "round trip", "came back")
        self.nmbd.process.kill()
        self.wait_until(lambda: "waiting" in daemon.state()["nmbd"], "nmbd's end to be noticed")
        self.assert_among(self.doctor(self.samba, 1)["fix"], "waits for Samba's nmbd")

    # ---- info --host ----

    def test_info_counts(self):
        self.wait_until(lambda: Listener.readers(self.well) == 0, "doctor's to be forgotten")
        listener = Listener(self.well, "counted")
        before = state(self.well)["counters"]
        send(self.bare, r"\\WELL\mailslot\counted", "one", "two")
        send(self.bare, r"\\WELL\mailslot\unread", "three")
        self.assertEqual(listener.values(2), ["one", "two"])
        self.wait_until(lambda: state(self.well)["counters"]["no_reader"] > before["no_reader"],
                        "the last")
        after = state(self.well)["counters"]
        self.assertEqual({name: after[name] - before[name] for name in after
                          if after[name] != before[name] and name != "name_packets"},
                         {"received": 3, "delivered": 2, "no_reader": 1})
        listener.stop()

    def test_info_as_lines_and_as_json(self):
        lines = told(self.well)
        self.assert_done(lines)
        now = state(self.well)
        self.assertEqual(now["pid"], self.daemon.process.pid)
        self.assertEqual((now["computer"], now["workgroup"]), ("WELL", "LAB"))
        self.assertEqual(now["interfaces"], [{"name": "eth0", "address": self.well.address,
                                              "broadcast": self.well.broadcast}])
        self.assertEqual([name["name"] for name in now["names"]],
                         ["WELL<00>", "WELL<03>", "WELL<20>", "LAB<00>"])
        for line in ("computer: WELL", f"pid: {now['pid']}", "name: LAB<00> held",
                     f"interface: eth0 {self.well.address} {self.well.broadcast}",
                     f"delivered: {now['counters']['delivered']}"):
            self.assertIn(line, lines.out.splitlines())

    def test_info_without_mailslotd_is_status_5(self):
        for options in ((), ("--json",)):
            result = tool(self.bare, "info", "--host", *options)
            self.assertEqual((result.status, result.out), (5, ""))
            self.assertIn("no mailslotd", result.err)


if __name__ == "__main__":
    sandbox.main("nmbd", "nmblookup", "setpriv")
