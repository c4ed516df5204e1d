"""mailslotd on one computer: what arrives by the loopback reaches the readers, and clients get what
they ask for and no more."""

import os
import re
import resource
import signal
import socket
import struct
import time
import unittest

from harness.daemon import (EVERYONE, FULL, INVALID, IN_USE, NOT_FOUND, OK, UNSUPPORTED,
                            LoopbackTest, PUT, REGISTER)
from harness.datagram import BROADCAST, TO_GROUP, UNIQUE, datagram, encode_name, smb_write
from harness.waiting import PATIENCE, wait_until


class FromTheNetwork(LoopbackTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start()

    def test_a_datagram_reaches_the_reader_with_its_origin(self):
        reader = self.daemon.reader("trace")
        before = time.time_ns()
        self.send(datagram("TRACE", b"hello", source="SENDER"))
        got = reader.delivered()
        self.assertEqual((got.data, got.computer, got.address), (b"hello", "SENDER", "127.0.0.1"))
        self.assertTrue(before <= got.arrival <= time.time_ns())

    def test_sizes_from_none_to_the_most_arrive_whole(self):
        reader = self.daemon.reader("x")
        for size in (0, 1, 424):
            self.send(datagram("x", b"m" * size))
            self.assertEqual(reader.delivered().data, b"m" * size)

    def test_a_question_is_answered_from_the_address_asked(self):
        question = (struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + encode_name("OTHER", 0x20)
                    + struct.pack(">HH", 0x20, 1))
        self.out.settimeout(PATIENCE)
        for address in ("127.0.0.1", "127.0.0.2", "127.1.2.3"):
            self.out.sendto(question, (address, self.name_port))
            packet, sender = self.out.recvfrom(1500)
            self.assertEqual(struct.unpack_from(">HH", packet), (7, 0x8503))
            self.assertEqual(sender, (address, self.name_port))

    def test_names_that_are_ours_and_names_that_are_not(self):
        reader = self.daemon.reader("x")
        ours = [("HOST", 0), ("HOST", 3), ("HOST", 0x20), ("GROUP", 0), ("GROUP", 0x1e), ("*", 0)]
        for number, (name, suffix) in enumerate(ours):
            for kind in (UNIQUE, TO_GROUP, BROADCAST):
                data = f"{name} {suffix} {kind}".encode()
                self.send(datagram("x", data, name, kind, number, suffix=suffix))
                self.assertEqual(reader.delivered().data, data)
        for name, suffix in (("HOST", 0x1d), ("OTHER", 0), ("GROUP", 0x20), ("HOS", 0)):
            self.send(datagram("x", b"not ours", name, suffix=suffix))
        self.daemon.wait_for_status(not_for_us=4, received=22, delivered=18)
        self.assertEqual(reader.waiting(), [])

    def test_case_of_the_slot_does_not_matter_and_slashes_do(self):
        reader = self.daemon.reader("path\\name")
        self.send(datagram("Path/Name", b"no"))
        self.send(datagram("PATH\\nAmE", b"yes"))
        self.assertEqual(reader.delivered().data, b"yes")
        self.daemon.wait_for_status(no_reader=1)

    def test_all_readers_of_a_name_get_it(self):
        readers = [self.daemon.reader("x") for _ in range(3)]
        other = self.daemon.reader("y")
        self.send(datagram("x", b"for all"))
        for reader in readers:
            self.assertEqual(reader.delivered().data, b"for all")
        self.assertEqual(other.waiting(), [])
        self.daemon.wait_for_status(received=1, delivered=3)

    def test_a_broadcast_is_heard_once_however_often_it_comes(self):
        """S37"""
        reader = self.daemon.reader("x")
        packet = datagram("x", b"once", "GROUP", TO_GROUP, 7)
        for _ in range(3):
            self.send(packet)
        self.send(packet[:4] + socket.inet_aton("198.51.100.7") + packet[8:])
        for other in (datagram("x", b"once", "GROUP", TO_GROUP, 8),
                      datagram("x", b"more", "GROUP", TO_GROUP, 7),
                      datagram("x", b"once", "GROUP", TO_GROUP, 7, source="OTHER"),
                      datagram("x", b"once", "HOST", UNIQUE, 7),
                      datagram("x", b"once", "HOST", UNIQUE, 7)):
            self.send(other)
        self.daemon.wait_for_status(received=9, duplicates=3, delivered=6)
        self.assertEqual(len(reader.waiting()), 6)

    def test_a_local_only_reader_hears_nothing(self):
        """S39"""
        reader = self.daemon.reader("x", local_only=True)
        self.send(datagram("x", b"remote"))
        self.daemon.wait_for_status(no_reader=1)
        self.assertEqual(self.daemon.client().broadcast(datagram("x", b"spread", "*", BROADCAST)),
                         (NOT_FOUND, ""))
        self.daemon.wait_for_status(no_reader=2)
        self.assertEqual(reader.waiting(), [])

    def test_a_message_over_the_readers_limit_is_counted_and_left_out(self):
        small, large = self.daemon.reader("x", limit=10), self.daemon.reader("x")
        self.send(datagram("x", b"0123456789"))
        self.send(datagram("x", b"0123456789a"))
        self.daemon.wait_for_status(too_big=1, delivered=3)
        self.assertEqual((len(small.waiting()), len(large.waiting())), (1, 2))

    def test_malformed_datagrams_are_counted_by_kind(self):
        """S40"""
        reader = self.daemon.reader("x")
        sound = datagram("x", b"sound")
        fragment = sound[:1] + b"\x03" + sound[2:]
        for packet in (sound[:10], sound[:-1], b"", fragment, b"\x13" + sound[1:],
                       datagram("x", b"", body=smb_write("x", b"y")[:-1]),
                       sound[:14] + b"\x21" + sound[15:],
                       datagram("x", b"", body=b"\xffSMB\x26" + smb_write("x", b"y")[5:]),
                       datagram("x", b"", body=smb_write("x", b"y" * 600)),
                       bytes(1500), b"\xff" * 9000):
            self.send(packet)
        self.daemon.wait_for_status(received=11)
        status = self.daemon.status()
        kinds = {key: value for key, value in status.items() if key.startswith("malformed_")}
        self.assertEqual(sum(kinds.values()), 11, kinds)
        for kind in ("short", "length", "name", "fragment", "not_datagram", "not_mailslot"):
            self.assertGreater(kinds["malformed_" + kind], 0, kinds)
        self.send(sound)
        self.assertEqual(reader.delivered().data, b"sound")
        self.assertEqual(status["delivered"], 0)

    def test_a_reader_that_does_not_read_hinders_nobody(self):
        stuck, reader = self.daemon.reader("stuck"), self.daemon.reader("x")
        def send_until_full():
            for _ in range(50):
                self.send(datagram("stuck", b"m" * 400))
            return self.daemon.status()["full"] > 0
        wait_until(send_until_full)
        self.send(datagram("x", b"still here"))
        self.assertEqual(reader.delivered().data, b"still here")
        settled = self.daemon.status()
        self.assertEqual(len(stuck.waiting()), settled["delivered"] - 1)
        self.send(datagram("stuck", b"again"))
        self.assertEqual(stuck.delivered().data, b"again")

    def test_a_reader_that_is_gone_is_forgotten(self):
        reader = self.daemon.reader("x")
        self.daemon.wait_for_status(readers=1)
        reader.close()
        self.daemon.wait_for_status(readers=0)
        self.send(datagram("x", b"nobody"))
        self.daemon.wait_for_status(no_reader=1)

    def test_every_datagram_is_accounted_for(self):
        """What is sent is received or dropped by the kernel; what is received has one end."""
        def counted():
            status = self.daemon.status()
            return status["received"] + status["kernel_drops"]
        reader = self.daemon.reader("x")
        for number in range(20000):
            packet = datagram("x", b"%d" % number, ("HOST", "OTHER")[number % 7 == 0])
            self.send(packet[:50] if number % 11 == 0 else packet)
            if number % 500 == 499:  # more at once, and the kernel may drop some uncounted
                wait_until(lambda: counted() == number + 1)
        status = self.daemon.status()
        malformed = sum(value for key, value in status.items() if key.startswith("malformed_"))
        self.assertEqual(status["received"], status["delivered"] + status["full"]
                         + status["not_for_us"] + malformed + status["no_reader"])
        self.assertGreater(malformed, 0)
        self.assertEqual(len(reader.waiting()), status["delivered"])


class FromThisComputer(LoopbackTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start()

    def test_what_is_broadcast_is_heard_once(self):
        reader, sender = self.daemon.reader("x"), self.daemon.client()
        packet = datagram("X", b"all", "GROUP", TO_GROUP, 99)
        self.assertEqual(sender.broadcast(packet), (OK, ""))
        self.send(packet)
        got = reader.delivered()
        self.assertEqual((got.remote, got.pid, got.uid, got.data),
                         (0, os.getpid(), os.getuid(), b"all"))
        self.daemon.wait_for_status(broadcasts=1, duplicates=1, delivered=1)
        self.assertEqual(reader.waiting(), [])

    def test_another_groups_datagram_is_not_for_us(self):
        reader = self.daemon.reader("x")
        self.assertEqual(self.daemon.client().broadcast(datagram("x", b"-", "ELSE", TO_GROUP)),
                         (NOT_FOUND, ""))
        self.daemon.wait_for_status(not_for_us=1)
        self.assertEqual(reader.waiting(), [])

    def test_what_is_no_broadcast_is_refused(self):
        sender = self.daemon.client()
        for packet in (b"", b"nonsense", datagram("x", b"-", "GROUP", UNIQUE),
                       datagram("x", b"-", "GROUP", TO_GROUP)[:-1]):
            err, words = sender.broadcast(packet)
            self.assertEqual(err, INVALID)
            self.assertIn("not a mailslot broadcast", words)

    def test_a_name_without_reader_is_not_found(self):
        self.assertEqual(self.daemon.client().open("x")[0], NOT_FOUND)

    def test_ones_own_slot_does_not_go_through_the_daemon(self):
        self.daemon.reader("x", EVERYONE)
        self.assertEqual(self.daemon.client().open("x")[0], NOT_FOUND)

    def test_a_user_has_few_readers_of_one_name(self):
        for _ in range(4):
            self.daemon.reader("x")
        self.assertEqual(self.daemon.client().register("x")[0], IN_USE)

    def test_another_version_is_told_so(self):
        for client, ask in ((self.daemon.client(), lambda c: c.register("x", version=2)),
                            (self.daemon.client(), lambda c: c.open("x", version=9))):
            err, words = ask(client)
            self.assertEqual(err, UNSUPPORTED)
            self.assertIn("version 1", words)
            self.assertTrue(client.ended())
        self.daemon.wait_for_status(clients_hostile=0)


class Hostile(LoopbackTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start()

    def assert_sent_away(self, client, count):
        while client.receive():
            pass
        self.daemon.wait_for_status(clients_hostile=count)

    def test_packets_that_are_none(self):
        packets = [b"\x63", bytes([REGISTER]), bytes([REGISTER, 1, 200]), b"\0" * 66100,
                   bytes([REGISTER, 1, 1]) + b"A" + bytes([0, 0]) + bytes(4),
                   bytes([REGISTER, 1, 2]) + b"..\x00\x00" + bytes(4),
                   bytes([REGISTER, 1, 1]) + b"x" + bytes([9, 0]) + bytes(4),
                   bytes([PUT]) + b"before it is open", bytes([18]) + bytes(40), b"\x10\0", b"\x13"]
        for count, packet in enumerate(packets, 1):
            client = self.daemon.client()
            client.send(packet)
            self.assert_sent_away(client, count)
        self.daemon.wait_for("protocol error")
        self.assertEqual(len([line for line in self.daemon.lines if "protocol error" in line]), 1)

    def test_a_reader_that_says_more(self):
        for count, packet in enumerate((bytes([5, 1]), bytes([PUT]) + b"x",
                                        bytes([REGISTER, 1, 1]) + b"y" + bytes(6)), 1):
            reader = self.daemon.reader("x")
            reader.send(packet)
            self.assert_sent_away(reader, count)
        self.daemon.wait_for_status(readers=0)

    def test_who_asks_and_does_not_listen(self):
        client = self.daemon.client()
        client.socket.setblocking(False)
        def ask():
            try:
                client.send(bytes([5, 1]))
            except BlockingIOError:
                pass
            except (BrokenPipeError, ConnectionResetError):
                return True
            return False
        wait_until(ask)
        self.daemon.wait_for_status(clients_hostile=1)

    def test_descriptors_that_come_along_are_not_kept(self):
        client = self.daemon.client()
        inside = os.path.join("/proc", str(self.daemon.process.pid), "fd")
        before = len(os.listdir(inside)) if os.access(inside, os.R_OK) else None
        for _ in range(100):
            socket.send_fds(client.socket, [bytes([5, 1])], [0, 1, 2])
            client.receive()
        if before is not None:
            self.assertLessEqual(len(os.listdir(inside)), before + 1)

    def test_a_user_has_a_bounded_number_of_connections(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        clients = []
        for _ in range(512):
            clients.append(self.daemon.client())
            clients[-1].status() # one that is silent is closed
        one_more = self.daemon.client()
        err, words = one_more.reply()
        self.assertEqual(err, FULL)
        self.assertIn("this user", words)
        self.assertTrue(one_more.ended())
        status = clients[0].status()
        self.assertEqual((status["clients"], status["clients_refused"]), (512, 1))
        for client in clients:
            client.close()
        self.daemon.wait_for_status(clients=1)

    def test_a_silent_connection_is_closed(self):
        silent, reader, asking = (self.daemon.client(), self.daemon.reader("x"),
                                  self.daemon.client())
        asking.status()
        self.assertTrue(silent.ended())
        self.daemon.wait_for_status(clients_silent=1, clients=3)
        self.send(datagram("x", b"still there"))
        self.assertEqual(reader.delivered().data, b"still there")
        self.assertEqual(asking.status()["readers"], 1)

    def test_the_queues_of_a_user_are_bounded_together(self):
        """Later readers get smaller queues; each takes the largest message all the same."""
        first, *_, last = [self.daemon.reader(f"slot{number}") for number in range(200)]
        self.daemon.wait_for_status(readers=200)
        for reader in (first, last):
            self.assertEqual(reader.waiting(), [])
        sizes = []
        for number in (0, 199):
            for _ in range(3000):
                self.send(datagram(f"slot{number}", bytes(400)))
            self.daemon.wait_for_status(readers=200)
            sizes.append(len((first, last)[number > 0].waiting()))
        self.assertLess(sizes[1] * 2, sizes[0])

    def test_memory_is_bounded(self):
        readers = [self.daemon.reader(f"slot{i}") for i in range(100)]
        for number in range(20000):
            self.send(datagram(f"slot{number % 100}", os.urandom(300)))
            if number % 100 == 0:
                self.send(os.urandom(1 + number % 1400))
        self.daemon.wait_for_status(readers=100)
        with open(f"/proc/{self.daemon.process.pid}/status", encoding="ascii") as file:
            resident = int(re.search(r"VmRSS:\s+(\d+) kB", file.read()).group(1))
        if not os.environ["MAILSLOT_SANITIZE"]:
            self.assertLess(resident, 10 * 1024)
        for reader in readers:
            self.assertGreater(len(reader.waiting()), 0)


class Life(LoopbackTest):
    def test_sockets_are_there_for_everybody_and_removed_at_the_end(self):
        daemon = self.start()
        for name in ("mailslotd", "metrics"):
            self.assertEqual(os.stat(os.path.join(self.directory, name)).st_mode & 0o777, 0o666)
        reader = daemon.reader("x")
        self.assertEqual(daemon.end(), 0)
        self.assertTrue(reader.ended())
        self.assertEqual(os.listdir(self.directory), ["mailslot.conf"])
        self.assertIn("mailslotd: stopped", daemon.lines)

    def test_every_signal_to_end_ends_it(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            self.assertEqual(self.start().end(number), 0)

    def test_a_second_daemon_is_told_that_one_runs(self):
        first = self.start()
        status, _, err = self.run_daemon("--name-port", str(self.name_port), "--datagram-port",
                                         str(self.port), *self.options)
        self.assertEqual(status, 1)
        self.assertRegex(err, r"\Amailslotd: cannot start: mailslotd is already running: [^\n]*\n\Z")
        self.assertEqual(first.status()["computer"], "HOST")

    def test_ports_that_somebody_else_has(self):
        self.start()
        self.env["MAILSLOT_DIR"] = os.path.join(self.directory, "other")
        os.mkdir(self.env["MAILSLOT_DIR"])
        status, _, err = self.run_daemon("--name-port", str(self.name_port), "--nmbd-socket",
                                         os.path.join(self.directory, "none"), *self.options)
        self.assertEqual(status, 1)
        self.assertRegex(err, r"UDP port \d+ \(name\) is in use by another program, and nmbd does not "
                              r"answer at \S+none: No such file")
        self.assertEqual(os.listdir(self.env["MAILSLOT_DIR"]), [])

    def test_what_a_killed_daemon_left_is_replaced_and_readers_come_back(self):
        first = self.start()
        reader = first.reader("x")
        first.end(signal.SIGKILL)
        self.assertTrue(reader.ended())
        self.assertIn("mailslotd", os.listdir(self.directory))
        second = self.start()
        reader = second.reader("x")
        self.send(datagram("x", b"again"))
        self.assertEqual(reader.delivered().data, b"again")

    def test_what_is_no_socket_is_left_alone(self):
        path = os.path.join(self.directory, "mailslotd")
        with open(path, "w", encoding="ascii") as file:
            file.write("precious")
        ports = [str(port) for port in self.free_ports()]
        status, _, err = self.run_daemon("--name-port", ports[0], "--datagram-port", ports[1],
                                         *self.options)
        self.assertEqual(status, 1)
        self.assertIn("is not a socket", err)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")

    def test_the_manager_is_told(self):
        path = os.path.join(self.directory, "notify")
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(path)
        os.chmod(path, 0o777)
        manager.settimeout(60)
        self.env["NOTIFY_SOCKET"] = path
        daemon = self.start()
        self.assertEqual(manager.recv(1000), b"READY=1\nSTATUS=HOST in GROUP")
        daemon.process.send_signal(signal.SIGHUP)
        self.assertIn(b"RELOADING=1", manager.recv(1000))
        self.assertIn(b"READY=1", manager.recv(1000))
        daemon.end()
        self.assertIn(b"STOPPING=1", manager.recv(1000))

    def test_sighup_takes_up_another_name(self):
        self.options = ("--workgroup", "GROUP", "--interface", "lo")
        self.configure("name = OLD\n")
        daemon = self.start()
        reader = daemon.reader("x")
        self.send(datagram("x", b"old", "OLD"))
        self.assertEqual(reader.delivered().data, b"old")
        self.configure("name = NEW\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("configuration reloaded")
        self.send(datagram("x", b"old", "OLD"))
        self.send(datagram("x", b"new", "NEW"))
        self.assertEqual(reader.delivered().data, b"new")
        self.assertEqual(daemon.status()["computer"], "NEW")

    def test_sighup_with_an_error_keeps_what_there_is(self):
        daemon = self.start()
        for lines in ("nonsense\n", "wins = 300.1.1.1\n", "scope = a..b\n"):
            self.configure(lines)
            before = len(daemon.lines)
            daemon.process.send_signal(signal.SIGHUP)
            wait_until(lambda seen=before: len(daemon.lines) > seen)
            self.assertRegex(daemon.lines[-1], r"keeping the old configuration: \S+:1: ")
        os.unlink(self.config)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("keeping.*No such file")
        self.assertEqual(daemon.status()["computer"], "HOST")
        self.configure("")

    def test_ports_do_not_change_while_it_runs(self):
        daemon = self.start()
        self.configure("user = daemon\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("keep their values until")
        self.assertEqual(daemon.status()["ports"], f"{self.name_port} {self.port}")


class Metrics(LoopbackTest):
    def ask(self, request):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(60)
        client.connect(os.path.join(self.directory, "metrics"))
        client.sendall(request)
        got = b""
        while chunk := client.recv(65536):
            got += chunk
        client.close()
        head, body = got.decode().split("\r\n\r\n", 1)
        self.assertIn(f"Content-Length: {len(body)}\r\n", head + "\r\n")
        return head, body

    def test_prometheus_finds_every_counter(self):
        daemon = self.start()
        self.send(datagram("x", b"")[:10])
        daemon.wait_for_status(received=1)
        client = daemon.client()
        client.status() # it is connected now
        head, body = self.ask(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertTrue(head.startswith("HTTP/1.1 200 OK\r\n"))
        values = dict(re.findall(r'^(mailslotd_\w+(?:\{\w+="\w+"\})?) (\d+)$', body, re.M))
        for line in body.splitlines():
            self.assertRegex(line, r'\A(# (HELP|TYPE) mailslotd_\w+ .+|mailslotd_\S+ \d+)\Z')
        self.assertEqual(values["mailslotd_received_total"], "1")
        self.assertEqual(values['mailslotd_malformed_total{kind="short"}'], "1")
        self.assertEqual(values["mailslotd_readers"], "0")
        shown = {re.sub(r"_total|\{.*", "", name)[len("mailslotd_"):] for name in values}
        known = {key for key, value in daemon.status().items()
                 if isinstance(value, int) and key not in ("pid",) and "malformed_" not in key}
        self.assertEqual(shown - {"malformed", "user_connections", "user_queued_bytes"}, known)
        user = f'{{uid="{os.getuid()}"}}'
        self.assertEqual(values["mailslotd_user_connections" + user], values["mailslotd_clients"])

    def test_what_is_no_get_of_it(self):
        self.start()
        for request, status in ((b"GET / HTTP/1.0\r\n\r\n", "200"),
                                (b"GET /other HTTP/1.1\r\n\r\n", "404"),
                                (b"POST /metrics HTTP/1.1\r\n\r\n", "400"),
                                (b"\0\r\n\r\n" + b"x" * 100 + b"\r\n\r\n", "400"),
                                (b"G" * 2048, "400")):
            self.assertEqual(self.ask(request)[0].split()[1], status)

    def test_who_says_nothing_makes_room(self):
        self.start()
        silent = []
        for _ in range(50):
            client = socket.socket(socket.AF_UNIX)
            client.connect(os.path.join(self.directory, "metrics"))
            self.addCleanup(client.close)
            silent.append(client)
        self.assertIn("200", self.ask(b"GET /metrics HTTP/1.1\r\n\r\n")[0])
        silent[0].settimeout(60)
        self.assertEqual(silent[0].recv(1), b"")


if __name__ == "__main__":
    unittest.main()
