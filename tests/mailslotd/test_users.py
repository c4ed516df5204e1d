"""Messages between users of one computer: who is let in is what the kernel says of the connection,
never what the client says. Needs root, to be several users."""

import os
import re
import socket
import subprocess
import unittest

from harness.daemon import (DENIED, EVERYONE, FULL, GONE, GROUP, NOT_FOUND, OK, TOO_BIG, USER,
                            Client, Daemon, LoopbackTest)
from harness.datagram import TO_GROUP, datagram
from harness.namespaces import has_networks
from harness.skipping import skip_unless_root
from harness.waiting import PATIENCE

ALICE, BOB, CAROL, SHARED = 61001, 61002, 61003, 61100


def connect_as(path, kind, uid, gid, groups):
    """A connection that another user made, and its process: a child becomes that user, connects,
    and hands it over."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.setgroups(groups)
            os.setgid(gid)
            os.setuid(uid)
            connection = socket.socket(socket.AF_UNIX, kind)
            connection.connect(path)
            socket.send_fds(theirs, [b"x"], [connection.fileno()])
            status = 0
        finally:
            os._exit(status)
    _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
    os.waitpid(child, 0)
    ours.close()
    theirs.close()
    made = socket.socket(fileno=descriptors[0])
    made.settimeout(PATIENCE)
    return made, child


class ClientOf(Client):
    def __init__(self, path, uid, gid, groups):
        self.socket, self.pid = connect_as(path, socket.SOCK_SEQPACKET, uid, gid, groups)


class CrossingUsers(LoopbackTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start()

    def user(self, uid, gid=None, groups=()):
        client = ClientOf(self.daemon.path, uid, gid or uid, list(groups))
        self.addCleanup(client.close)
        return client

    def reader(self, key, uid, access, gid=None, **more):
        client = self.user(uid, gid)
        self.assertEqual(client.register(key, access, **more), (OK, ""))
        return client

    def writer(self, key, uid, gid=None, groups=()):
        client = self.user(uid, gid, groups)
        return client, client.open(key)

    def test_everyone_means_everyone(self):
        reader = self.reader("x", ALICE, EVERYONE, limit=100)
        writer, opened = self.writer("x", BOB)
        self.assertEqual(opened, (100, ALICE))
        self.assertEqual(writer.put(b"hello"), OK)
        got = reader.delivered()
        self.assertEqual((got.remote, got.pid, got.uid, got.data),
                         (0, writer.pid, BOB, b"hello"))
        self.daemon.wait_for_status(crossings_delivered=1, delivered=0)

    def test_a_user_who_lets_nobody_in_is_named(self):
        reader = self.reader("x", ALICE, USER)
        for uid in (BOB, 0):
            err, words = self.writer("x", uid)[1]
            self.assertEqual(err, DENIED)
            self.assertIn(str(ALICE), words)
        self.daemon.wait_for_status(crossings_denied=2)
        self.assertEqual(reader.waiting(), [])

    def test_a_group_is_the_readers_own(self):
        self.reader("x", ALICE, GROUP, gid=SHARED)
        for uid, gid, groups, let_in in ((BOB, BOB, [], False), (BOB, SHARED, [], True),
                                         (CAROL, CAROL, [7, SHARED, 8], True),
                                         (CAROL, CAROL, range(100, 400), False),
                                         (CAROL, CAROL, [*range(100, 4000), SHARED], True)):
            opened = self.writer("x", uid, gid, groups)[1]
            self.assertEqual(opened[0], 65535 if let_in else DENIED)

    def test_without_that_option_a_group_means_nothing(self):
        self.reader("x", ALICE, USER, gid=SHARED)
        self.assertEqual(self.writer("x", BOB, SHARED)[1][0], DENIED)

    def test_of_several_users_the_one_who_lets_in(self):
        self.reader("x", ALICE, USER)
        self.reader("x", BOB, EVERYONE)
        self.reader("x", CAROL, USER)
        self.assertEqual(self.writer("x", 61004)[1][1], BOB)
        self.assertEqual(self.writer("x", BOB)[1][0], DENIED)
        self.assertEqual(self.writer("y", BOB)[1][0], NOT_FOUND)

    def test_a_name_is_first_come_first_served(self):
        """Nobody takes another user's messages by coming later."""
        first = self.reader("x", ALICE, EVERYONE)
        self.reader("x", BOB, EVERYONE)
        self.assertEqual(self.writer("x", CAROL)[1][1], ALICE)
        first.close()
        self.daemon.wait_for_status(readers=1)
        self.assertEqual(self.writer("x", CAROL)[1][1], BOB)
        self.reader("x", ALICE, EVERYONE)
        self.assertEqual(self.writer("x", CAROL)[1][1], BOB)

    def test_a_reader_that_is_replaced_leaves_its_place_to_the_new_one(self):
        """Whose old one mailslotd may not have seen end yet."""
        old = self.reader("x", ALICE, EVERYONE)
        self.reader("x", BOB, EVERYONE)
        new = self.reader("x", ALICE, EVERYONE)
        def reaches_the_new_one(data):
            writer, opened = self.writer("x", CAROL)
            self.assertEqual((opened[1], writer.put(data)), (ALICE, OK))
            self.assertEqual(new.delivered().data, data)
        reaches_the_new_one(b"while both are there")
        self.assertEqual(old.waiting(), [])
        old.close()
        self.daemon.wait_for_status(readers=2)
        reaches_the_new_one(b"alone")

    def test_messages_from_none_to_the_largest(self):
        reader = self.reader("x", ALICE, EVERYONE)
        writer, _ = self.writer("x", BOB)
        for size in (0, 1, 65535):
            self.assertEqual(writer.put(b"m" * size), OK)
            self.assertEqual(len(reader.delivered().data), size)

    def test_the_readers_limit_holds(self):
        self.reader("x", ALICE, EVERYONE, limit=10)
        writer, opened = self.writer("x", BOB)
        self.assertEqual(opened[0], 10)
        self.assertEqual(writer.put(b"0123456789a"), TOO_BIG)
        self.assertEqual(writer.put(b"0123456789"), OK)

    def test_a_reader_that_closes_is_gone_for_its_writers(self):
        """S18: they do not attach to another reader by themselves."""
        reader = self.reader("x", ALICE, EVERYONE)
        writers = [self.writer("x", uid)[0] for uid in (BOB, CAROL)]
        reader.close()
        self.daemon.wait_for_status(readers=0)
        self.reader("x", ALICE, EVERYONE)
        for writer in writers:
            self.assertEqual(writer.put(b"late"), GONE)
            self.assertEqual(writer.put(b"later"), GONE)
            writer.close()
        self.daemon.wait_for_status(clients=2)

    def test_no_user_floods_another(self):
        """One user's FULL leaves room for others, and for the network."""
        reader = self.reader("x", ALICE, EVERYONE)
        flood, _ = self.writer("x", BOB)
        another_of_his, _ = self.writer("x", BOB)
        taken = 0
        while flood.put(b"m" * 400) == OK:
            taken += 1
        self.assertGreater(taken, 10)
        self.assertEqual(another_of_his.put(b"more"), FULL)
        carol, _ = self.writer("x", CAROL)
        self.assertEqual(carol.put(b"from carol"), OK)
        self.send(datagram("x", b"from the network"))
        self.daemon.wait_for_status(delivered=1)
        packet = datagram("x", b"spread by the same", "GROUP", TO_GROUP)
        self.assertEqual(self.user(BOB).broadcast(packet), (NOT_FOUND, ""))
        self.daemon.wait_for_status(full=1)
        got = [one.data for one in reader.waiting()]
        self.assertEqual(got, [b"m" * 400] * taken + [b"from carol", b"from the network"])
        self.assertEqual(flood.put(b"again"), OK)
        self.assertEqual(reader.delivered().data, b"again")

    def test_a_broadcast_reaches_every_users_reader(self):
        """S36"""
        readers = [self.reader("x", uid, USER) for uid in (ALICE, BOB)]
        packet = datagram("x", b"all", "GROUP", TO_GROUP)
        self.assertEqual(self.user(CAROL).broadcast(packet), (NOT_FOUND, ""))
        for reader in readers:
            got = reader.delivered()
            self.assertEqual((got.remote, got.uid, got.data), (0, CAROL, b"all"))

    def test_who_spreads_learns_whether_a_reader_of_ones_own_is_among_them(self):
        """One that has not found the daemon yet can be reached without it."""
        packets = [datagram("x", b"all", "GROUP", TO_GROUP, number) for number in range(2)]
        other = self.reader("x", ALICE, EVERYONE)
        self.assertEqual(self.user(BOB).broadcast(packets[0]), (NOT_FOUND, ""))
        own = self.reader("x", BOB, USER)
        self.assertEqual(self.user(BOB).broadcast(packets[1]), (OK, ""))
        self.assertEqual([one.data for one in (own.delivered(), *(other.delivered()
                                                                  for _ in range(2)))],
                         [b"all"] * 3)

    def test_each_user_has_connections_of_its_own(self):
        clients = []
        for _ in range(512):
            clients.append(self.user(BOB))
            clients[-1].status() # one that is silent is closed
        self.assertEqual(self.user(BOB).reply()[0], FULL)
        self.assertEqual(self.user(CAROL).open("x")[0], NOT_FOUND)
        self.assertGreaterEqual(clients[0].status()["clients"], 512)


class Crowd(LoopbackTest):
    """A daemon with room for 40 connections."""
    ROOM, RESERVE, SPARE = 40, 10, 80

    def setUp(self):
        super().setUp()
        limit = self.ROOM + self.SPARE
        name_port, port = self.free_ports()
        self.daemon = Daemon(self, "--name-port", str(name_port), "--datagram-port", str(port),
                             *self.options, prefix=("prlimit", f"--nofile={limit}:{limit}")).ready()

    def user(self, uid):
        client = ClientOf(self.daemon.path, uid, uid, [])
        self.addCleanup(client.close)
        return client

    def crowd(self, uid, count, register=False):
        clients = []
        for number in range(count):
            clients.append(self.user(uid))
            if register:
                self.assertEqual(clients[-1].register(f"u{uid}-{number}"), (OK, ""))
            else:
                clients[-1].status()
        return clients

    def test_a_user_with_few_connections_gets_in_when_others_fill_the_daemon(self):
        self.crowd(ALICE, 15, register=True)
        self.crowd(BOB, 15, register=True)
        self.assertEqual(self.user(BOB).reply()[0], FULL)
        self.assertEqual(self.user(CAROL).open("x")[0], NOT_FOUND)
        self.daemon.wait_for("refused a connection of user")

    def test_idle_connections_of_the_greatest_holder_make_room(self):
        crowd = self.crowd(ALICE, self.ROOM - self.RESERVE)
        for uid in range(62000, 62000 + self.RESERVE):
            self.crowd(uid, 1)
        self.assertEqual(self.user(CAROL).open("x")[0], NOT_FOUND)
        self.assertTrue(crowd[0].ended())

    def test_root_gets_in_when_even_the_reserve_is_full(self):
        self.crowd(ALICE, self.ROOM - self.RESERVE, register=True)
        for uid in range(62000, 62000 + self.RESERVE):
            self.crowd(uid, 1, register=True)
        self.assertEqual(self.user(CAROL).reply()[0], FULL)
        self.assertEqual(self.daemon.client().status()["clients"], self.ROOM + 1)


class Metrics(LoopbackTest):
    def connect(self, uid):
        path = os.path.join(self.directory, "metrics")
        connection, _ = connect_as(path, socket.SOCK_STREAM, uid, uid, [])
        self.addCleanup(connection.close)
        return connection

    def test_nobody_throws_out_another_user_by_being_many(self):
        """Eight are let stay, of whom one makes room for who comes next."""
        self.start()
        scraper = self.connect(ALICE)
        others = [self.connect(BOB) for _ in range(20)]
        for other in others[:12]:
            self.assertEqual(other.recv(1), b"")
        scraper.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        self.assertTrue(scraper.recv(100).startswith(b"HTTP/1.1 200 OK\r\n"))


class Rights(LoopbackTest):
    def test_nothing_of_roots_rights_is_kept(self):
        daemon = self.start()
        with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
            status = dict(re.findall(r"^(\w+):[ \t]*(.*?)[ \t]*$", file.read(), re.M))
        nobody = "\t".join(["65534"] * 4)
        self.assertEqual((status["Uid"], status["Gid"], status["Groups"]), (nobody, nobody, ""))
        for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0)
        self.assertEqual(status["NoNewPrivs"], "1")

    def test_the_right_to_the_ports_is_given_up_too(self):
        """As the service manager starts it: not as root, with one capability."""
        right = "+net_bind_service"
        become = ("setpriv", "--reuid", str(ALICE), "--regid", str(ALICE), "--clear-groups",
                  "--inh-caps", right, "--ambient-caps", right)
        apart = ("unshare", "-n") if has_networks() else ()  # whose ports nobody else has
        daemon = Daemon(self, "--name-port", "717", "--datagram-port", "718", *self.options,
                        prefix=(*apart, *become))
        daemon.ready()
        with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
            rights = re.findall(r"^Cap(?:Inh|Prm|Eff|Amb):\s*(\w+)$", file.read(), re.M)
        self.assertEqual([int(right, 16) for right in rights], [0] * 4)
        self.assertEqual(daemon.end(), 0)

    def test_it_becomes_whom_the_configuration_names(self):
        self.configure("user = daemon\n")
        daemon = self.start()
        with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
            self.assertIn("Uid:\t1\t1\t1\t1\n", file.read())
        self.assertEqual(daemon.end(), 0)
        self.assertEqual(os.listdir(self.directory), ["mailslot.conf"])

    def test_it_does_not_run_as_root_or_as_nobody_known(self):
        for user, words in (("root", "must not run as root"), ("no-such-user", "does not exist")):
            status, _, err = self.run_daemon("--user", user, *self.options)
            self.assertEqual(status, 1)
            self.assertIn(words, err)

    def test_without_the_right_to_a_port_it_says_so(self):
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as file:
            if int(file.read()) <= 137:
                print("SKIPPED: the right to port 137: everybody has it here")
                self.skipTest("everybody has the right to port 137")
        done = subprocess.run(["setpriv", "--reuid", str(ALICE), "--regid", str(ALICE),
                               "--clear-groups", os.environ["MAILSLOT_DAEMON"], *self.options],
                              env=self.env, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("CAP_NET_BIND_SERVICE", done.stderr)


if __name__ == "__main__":
    skip_unless_root("messages between users")
    unittest.main()
