"""Samba and us on one network: what nmbd announces and what Samba's codec builds arrives at our
readers, nmbd lists a host that we announce, nmblookup finds us in all its forms, and Samba's tests
of a name service pass against mailslotd."""

import base64
import json
import re
import struct

from harness import sandbox
from harness.waiting import repeated
from harness.datagram import BROADCAST, TO_GROUP, UNIQUE, datagram, need_samba
from harness.network_test import NetworkTest
from harness.host_programs import Daemon, Listener, answered, send, tool
from harness.samba_peer import Nmbd, found, nmblookup, smbtorture

# [MS-BRWS] 2.2: the first byte of a browser frame.
HOST_ANNOUNCEMENT, ELECTION, LOCAL_MASTER_ANNOUNCEMENT = 1, 8, 15
SERVER_TYPE = 0x00019003  # workstation, server, Unix, NT ([MS-BRWS] 2.4)
BROWSER_SIGNATURE = 0xAA55


def announcement(name, comment):
    """A HostAnnouncement Browser Frame ([MS-BRWS] 2.2.1)."""
    return struct.pack("<BBI16sBBIBBH", HOST_ANNOUNCEMENT, 0, 120000, name.encode(), 4, 9,
                       SERVER_TYPE, 15, 1, BROWSER_SIGNATURE) + comment.encode() + b"\0"


class Samba(NetworkTest):
    @classmethod
    def build(cls):
        cls.samba, cls.ours = cls.network.host("SAMBA"), cls.network.host("OURS")
        cls.third = cls.network.host("THIRD")
        Daemon(cls.ours).wait_for_names()
        cls.browse = Listener(cls.ours, "browse", "--codec", "bytes")
        cls.nmbd = Nmbd(cls.samba)
        cls.nmbd.wait_until_it_answers(cls.ours)

    # ---- Names ----

    def test_nmblookup_by_broadcast(self):
        for name, suffix in (("OURS", 0), ("ours#20", 0x20), ("OURS#03", 3)):
            said = found(self.third, name)
            self.assertRegex(said.out, rf"(?i)\b{self.ours.address} OURS<{suffix:02x}>")
        self.assertNotEqual(nmblookup(self.third, "OURS#44").status, 0)

    def test_nmblookup_by_unicast(self):
        said = found(self.third, "-U", self.ours.address, "OURS")
        self.assertIn(f"{self.ours.address} OURS<00>", said.out)

    def test_nmblookup_of_a_group(self):
        said = found(self.third, "-U", self.ours.address, "LAB")
        self.assertIn("LAB<00>", said.out)

    def test_nmblookup_of_a_status(self):
        for arguments in (("-S", "OURS"), ("-A", self.ours.address)):
            said = found(self.third, *arguments)
            for line in (r"OURS +<00> - +[BM] <ACTIVE>", r"OURS +<20> - +[BM] <ACTIVE>",
                         r"OURS +<03> - +[BM] <ACTIVE>", r"LAB +<00> - <GROUP> [BM] <ACTIVE>"):
                self.assertRegex(said.out, line)

    def json_of(self, *arguments):
        """What one of our lookups finds."""
        said = answered(tool, self.third, *arguments, "--json")
        self.assert_done(said)
        return json.loads(said.out)

    def test_we_look_up_samba(self):
        self.assertEqual(self.json_of("lookup", "samba#20"),
                         [{"address": self.samba.address, "group": False,
                           "by": self.samba.address, "wins": False}])

    def owners(self, name):
        return {(owner["address"], owner["group"]) for owner in self.json_of("lookup", name)}

    def test_a_group_has_both_as_members(self):
        self.wait_until_equal(lambda: self.owners("LAB#1e"), {(self.samba.address, True)})
        self.wait_until_equal(lambda: self.owners("LAB"),
                              {(self.samba.address, True), (self.ours.address, True)})

    @staticmethod
    def places(hosts):
        return {host["computer"]: (host["address"], host["workgroup"]) for host in hosts}

    def test_hosts_are_samba_and_us(self):
        expected = {"SAMBA": (self.samba.address, "LAB"), "OURS": (self.ours.address, "LAB")}
        hosts = repeated(lambda: self.json_of("hosts"), lambda found: self.places(found) == expected)
        self.assertEqual(self.places(hosts), expected)
        for host in hosts:
            name = host["computer"]
            told = {(told["name"], told["suffix"], told["group"]) for told in host["names"]}
            self.assertLessEqual({(name, 0, False), (name, 3, False), (name, 0x20, False),
                                  ("LAB", 0, True)}, told)

    def check_torture(self, test):
        result = smbtorture(self.third, "OURS", test)
        self.assert_done(result)
        self.assertIn("success: " + test.split(".")[-1], result.out)
        return result

    def test_smbtorture_may_not_register_our_name(self):
        self.check_torture("nbt.register.register_own")

    def test_smbtorture_may_not_refresh_our_name(self):
        self.check_torture("nbt.register.refresh_own")

    def test_smbtorture_asks_as_fast_as_it_can(self):
        def rate_and_failures():
            return re.findall(r"([\d.]+) queries per second \((\d+) failures\)",
                              self.check_torture("nbt.bench.namequery").err)[-1]
        rate, failures = repeated(rate_and_failures, lambda found: found[1] == "0", times=3)
        print(f"{rate} queries a second", flush=True)
        self.assertEqual(failures, "0")

    # ---- Datagrams ----

    def write(self, kind, destination, suffix, data, to):
        write = datagram("Note", data, destination, kind, source="THIRD", suffix=suffix,
                         address=self.third.address)
        self.third.udp().sendto(write, (to, 138))

    def test_a_write_built_by_samba_arrives(self):
        listener = Listener(self.ours, "note", "--codec", "bytes")
        ours, everybody = self.ours.address, self.ours.broadcast
        self.write(UNIQUE, "OURS", 0, b"to us", ours)
        self.write(UNIQUE, "OURS", 0x20, b"to our <20>", ours)
        self.write(TO_GROUP, "LAB", 0, b"to all of us", everybody)
        self.write(TO_GROUP, "LAB", 0x1e, b"to those who elect", everybody)
        self.write(BROADCAST, "*", 0, b"to all", everybody)
        self.write(UNIQUE, "ELSE", 0, b"to somebody else", ours)
        self.write(TO_GROUP, "SHOP", 0, b"to others", everybody)
        self.write(UNIQUE, "OURS", 0, b"last", ours)
        self.assertEqual(sorted(listener.bytes(6)),
                         sorted((b"to us", b"to our <20>", b"to all of us", b"to those who elect",
                                 b"to all", b"last")))
        for record in listener.records():
            self.assertEqual(record["origin"], {"computer": "THIRD", "pid": None, "uid": None,
                                                "address": self.third.address})
        listener.stop()

    # ---- What waits for nmbd to become master: half a minute from its start ----

    def test_what_nmbd_announces_arrives(self):
        def frames():
            return {base64.b64decode(record["value"]["$bin"])[0]: record["origin"]
                    for record in self.browse.records()}
        self.wait_until(lambda: LOCAL_MASTER_ANNOUNCEMENT in frames(), "an announcement")
        self.assertIn(ELECTION, frames())
        for origin in frames().values():
            self.assertEqual((origin["computer"], origin["address"]),
                             ("SAMBA", self.samba.address))

    def test_nmbd_lists_a_host_that_we_announce(self):
        self.nmbd.says("is now a local master browser")
        for name, to in (("UNICAST", r"\\SAMBA"), ("GROUP", r"\\LAB"), ("EVERYBODY", r"\\*")):
            send(self.third, to + r"\mailslot\browse", "--codec", "bytes", "--file", "-",
                 data=announcement(name, "told by " + name.lower()))
        for name in ("UNICAST", "GROUP", "EVERYBODY"):
            self.wait_until(lambda: f'"{name}"' in self.nmbd.browse_list(), f"{name} to be listed")
            self.assertRegex(self.nmbd.browse_list(), f'"{name}".*"told by {name.lower()}"')


if __name__ == "__main__":
    need_samba()
    sandbox.main("nmbd", "nmblookup", "smbtorture")
