"""Who owns a name: nmbd defends its own against us, we defend ours against nmbd, a name that was
lost comes back when it is free; and WINS, with nmbd as its server, leads to hosts that no broadcast
reaches."""

import json

from harness import sandbox
from harness.network_test import NetworkTest
from harness.host_programs import Daemon, Listener, answered, send, tool
from harness.samba_peer import Nmbd, found, nmblookup

RECLAIMED = 60  # seconds until a name that was lost has been claimed again, at most


class Names(NetworkTest):
    """On one network FIRST with nmbd, RIVAL that wants its name, OURS, and CLAIMANT with an nmbd
    that wants ours. NEAR and FAR have a router between them, SERVER, whose nmbd is the WINS
    server."""
    BRIDGES = 2

    @classmethod
    def build(cls):
        hosts = (("FIRST", (0,)), ("RIVAL", (0,)), ("OURS", (0,)), ("CLAIMANT", (0,)),
                 ("NEAR", (0,)), ("FAR", (1,)), ("SERVER", (0, 1)))
        (cls.first, cls.rival, cls.ours, cls.claimant, cls.near, cls.far,
         cls.server) = (cls.network.host(name, bridges=bridges) for name, bridges in hosts)
        cls.route()
        cls.nmbd = Nmbd(cls.first)
        cls.wins = Nmbd(cls.server, wins_support="yes")
        cls.ours_daemon = Daemon(cls.ours).wait_for_names()
        cls.claimant_nmbd = Nmbd(cls.claimant, name="OURS")
        for nmbd in (cls.nmbd, cls.wins):
            nmbd.wait_until_it_answers(cls.near)
        cls.far_daemon = Daemon(cls.far)

    @classmethod
    def route(cls):
        cls.server.run("sysctl", "-q", "net.ipv4.ip_forward=1")
        for host, port in ((cls.near, 0), (cls.far, 1)):
            server = cls.server.ports[port].address
            host.ip("route", "add", "default", "via", server)
            host.env["MAILSLOT_CONFIG"] = host.write("conf", f"wins = {server}\n")

    def address_of(self, name):
        """What nmblookup says on the first network."""
        return found(self.claimant, name).out.split()[-2]

    # ---- Conflicts ----

    def test_nmbd_defends_its_name(self):
        type(self).rival_daemon = Daemon(self.rival, "--name", "FIRST")
        self.wait_until_equal(self.rival_daemon.names,
                              {"FIRST<00>": "conflict", "FIRST<03>": "conflict",
                               "FIRST<20>": "conflict", "LAB<00>": "held"})
        said = self.rival_daemon.process.errors()
        self.assertRegex(said, f"{self.first.address} claims the name FIRST<00>")
        self.assertEqual(self.address_of("FIRST"), self.first.address)
        self.nmbd.process.stop()

    def test_nmbd_gives_up_a_name_of_ours(self):
        self.claimant_nmbd.says("(?i)failed to register my name OURS")
        self.assertEqual(set(self.ours_daemon.names().values()), {"held"})
        self.assertEqual(self.address_of("OURS"), self.ours.address)
        self.claimant_nmbd.process.kill()

    def test_of_two_that_start_at_once_one_has_the_name(self):
        twins = [Daemon(host, "--name", "TWIN") for host in (self.first, self.claimant)]
        self.wait_until_equal(lambda: {twin.names().get("TWIN<00>") for twin in twins},
                              {"held", "conflict"})
        for twin in twins:
            twin.process.stop()

    def test_names_are_released_on_leaving(self):
        self.assertEqual(self.ours_daemon.process.stop(), 0)
        self.assertNotEqual(nmblookup(self.claimant, "OURS").status, 0)
        taken_over = Daemon(self.claimant, "--name", "OURS").wait_for_names()
        self.assertEqual(self.address_of("OURS"), self.claimant.address)
        taken_over.process.stop()

    # ---- WINS ----

    def registered(self, name):
        """How nmblookup asks what the WINS server has."""
        return self.near, "--recursion", "-U", self.server.address, name

    def test_what_we_register_is_found_by_samba(self):
        self.far_daemon.wait_for_names()
        for name in ("FAR", "FAR#03", "FAR#20"):
            self.assertIn(f"{self.far.address} FAR<", found(*self.registered(name)).out)

    def test_a_writer_finds_a_host_that_no_broadcast_reaches(self):
        listener = Listener(self.far, "trace")
        send(self.near, r"\\FAR\mailslot\trace", "from afar")
        record, = listener.wait_for(1)
        self.assertEqual((record["value"], record["origin"]["address"]),
                         ("from afar", self.near.address))
        listener.stop()

    def test_we_look_up_by_wins(self):
        said = answered(tool, self.near, "lookup", "FAR#20", "--json")
        self.assert_done(said)
        self.assertEqual(json.loads(said.out), [{"address": self.far.address, "group": False,
                                                 "by": self.server.address, "wins": True}])

    def test_without_wins_it_is_not_found(self):
        env = dict(self.near.env, MAILSLOT_CONFIG=self.near.write("conf", ""))
        result = tool(self.near, "send", r"\\FAR\mailslot\trace", "lost", env=env)
        self.assertEqual(result.status, 1, result)
        self.assertIn("FAR", result.err)

    def test_names_are_released_there_on_leaving(self):
        self.assertEqual(self.far_daemon.process.stop(), 0)
        self.wait_until(lambda: nmblookup(*self.registered("FAR")).status != 0,
                        "the name to be released")

    # ---- Behind all the others, since it takes so long ----

    def test_a_name_that_was_lost_comes_back(self):
        self.rival_daemon.wait_for_names(patience=2 * RECLAIMED)
        self.assertEqual(self.address_of("FIRST"), self.rival.address)


if __name__ == "__main__":
    sandbox.main("nmbd", "nmblookup")
