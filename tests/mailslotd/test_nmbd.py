"""Beside Samba: mailslotd takes its datagrams from nmbd's socket `unexpected`. Here something that
behaves as nmbd of Samba 4.17 does; the real one is in tests/network."""

import os
import signal
import socket
import struct
import subprocess
import unittest

from harness.daemon import Daemon, LoopbackTest
from harness.datagram import TO_GROUP, datagram
from harness.waiting import wait_until, PATIENCE

HEADER = "=Qi4xq4si"


class Nmbd:
    """A server of the socket `unexpected`."""

    def __init__(self, case):
        self.case, self.subscriber = case, None
        self.path = os.path.join(case.directory, "unexpected")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o777)
        self.listener.listen(5)
        self.listener.settimeout(PATIENCE)
        case.addCleanup(self.stop)

    def accept(self, acknowledge=b"\0", wanted=24):
        """What the subscriber asks for."""
        self.hang_up()
        while True: # whoever looks whether we are there goes away again
            self.subscriber, _ = self.listener.accept()
            self.subscriber.settimeout(PATIENCE)
            query = b""
            while len(query) < wanted and (chunk := self.subscriber.recv(wanted - len(query))):
                query += chunk
            if query:
                break
            self.subscriber.close()
        self.subscriber.sendall(acknowledge)
        return struct.unpack("=i4xQi4x", query.ljust(24, b"\0"))

    def packet(self, data, kind=1, address="192.0.2.77"):
        return struct.pack(HEADER, len(data), kind, 1, socket.inet_aton(address), 138) + data

    def send(self, *packets):
        self.subscriber.sendall(b"".join(packets))

    def hang_up(self):
        if self.subscriber:
            self.subscriber.close()
            self.subscriber = None

    def stop(self):
        self.hang_up()
        self.listener.close()
        if os.path.exists(self.path):
            os.unlink(self.path)


class BesideNmbd(LoopbackTest):
    def setUp(self):
        super().setUp()
        self.nmbd = Nmbd(self)
        self.ports = []
        for _ in range(2): # as nmbd, has the ports
            port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            port.bind(("0.0.0.0", 0))
            self.addCleanup(port.close)
            self.ports.append(port)

    def start(self, *options):
        numbers = [str(port.getsockname()[1]) for port in self.ports]
        return Daemon(self, "--name-port", numbers[0], "--datagram-port", numbers[1],
                      "--nmbd-socket", self.nmbd.path, *self.options, *options)

    @unittest.skipIf(os.geteuid() != 0, "SKIPPED: mailslotd becomes another user, which needs root")
    def test_doctor_says_that_mailslotd_may_not_reach_the_socket(self):
        directory = os.path.join(self.directory, "private")
        os.mkdir(directory, 0o700)
        path = os.path.join(directory, "unexpected")
        os.rename(self.nmbd.path, path)
        self.nmbd.path = path
        self.start().wait_for("not connected to nmbd at .*: Permission denied")
        doctor = lambda *user: subprocess.run(
            [*user, os.environ["MAILSLOT_TOOL"], "doctor"], env=self.env, text=True,
            capture_output=True, timeout=PATIENCE).stdout
        self.assertRegex(doctor(), f"(?m)^fix   mailslotd cannot connect to .* at {path}, where "
                                   ".*let mailslotd's user")
        nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        self.assertRegex(doctor(*nobody), f"(?m)^fix   .* at {path}: Permission denied: let ")

    def started(self):
        daemon = self.start()
        self.assertEqual(self.nmbd.accept(), (1, 0, -1))
        daemon.wait_for("receiving datagrams from it at")
        return daemon.ready()

    def test_it_subscribes_to_everything_and_says_so(self):
        daemon = self.started()
        self.assertEqual(daemon.status()["nmbd"], f"connected {self.nmbd.path}")
        self.assertNotIn("ports", daemon.status())

    def test_what_nmbd_hands_over_reaches_the_readers(self):
        daemon = self.started()
        reader = daemon.reader("x")
        self.nmbd.send(self.nmbd.packet(datagram("X", b"one", source="FAR")))
        got = reader.delivered()
        self.assertEqual((got.data, got.computer, got.address), (b"one", "FAR", "192.0.2.77"))
        twice = self.nmbd.packet(datagram("x", b"two", "GROUP", TO_GROUP, 5))
        elsewhere = self.nmbd.packet(datagram("x", b"no", "OTHER"))
        name_packet = self.nmbd.packet(datagram("x", b"no"), kind=0)
        self.nmbd.send(twice, twice, elsewhere, name_packet,
                       self.nmbd.packet(datagram("x", b"three")))
        self.assertEqual(reader.delivered().data, b"two")
        self.assertEqual(reader.delivered().data, b"three")
        daemon.wait_for_status(received=5, duplicates=1, not_for_us=1, delivered=3)

    def test_packets_may_come_in_any_pieces(self):
        daemon = self.started()
        reader = daemon.reader("x")
        stream = b"".join(self.nmbd.packet(datagram("x", b"%d" % i * i)) for i in range(10))
        for i in range(0, len(stream), 7):
            self.nmbd.send(stream[i:i + 7])
        for i in range(10):
            self.assertEqual(reader.delivered().data, b"%d" % i * i)
        many = b"".join(self.nmbd.packet(datagram("x", b"%d" % i)) for i in range(100))
        self.nmbd.send(many)
        for i in range(100):
            self.assertEqual(reader.delivered().data, b"%d" % i)

    def test_it_comes_back_when_nmbd_does(self):
        daemon = self.started()
        reader = daemon.reader("x")
        self.nmbd.stop()
        daemon.wait_for("not connected to nmbd.*connection closed; retrying")
        self.assertEqual(daemon.status()["nmbd"], f"waiting {self.nmbd.path}")
        self.nmbd = Nmbd(self)
        self.nmbd.accept()
        wait_until(lambda: daemon.status()["nmbd_connections"] == 2)
        self.nmbd.send(self.nmbd.packet(datagram("x", b"back")))
        self.assertEqual(reader.delivered().data, b"back")
        self.assertEqual(len([line for line in daemon.lines if "not connected" in line]), 1)

    def test_it_comes_back_when_nmbd_ended_before_it_had_read_everything(self):
        """The connection then has an error before what it still carries is read."""
        daemon = self.start()
        self.nmbd.accept(b"", wanted=23)
        daemon.process.send_signal(signal.SIGSTOP)
        self.nmbd.send(b"\0", self.nmbd.packet(b"the last"))
        self.nmbd.hang_up()
        daemon.process.send_signal(signal.SIGCONT)
        self.nmbd.accept()
        wait_until(lambda: daemon.status()["nmbd_connections"] == 2)

    def test_what_is_not_nmbds_language_is_dropped(self):
        daemon = self.started()
        self.nmbd.send(struct.pack(HEADER, 1 << 40, 1, 1, bytes(4), 138))
        daemon.wait_for("does not speak the protocol")
        self.nmbd.accept(b"\1")
        self.nmbd.accept(b"\0")
        wait_until(lambda: daemon.status()["nmbd_connections"] == 2)

    def test_a_packet_that_ends_early_and_a_length_of_nothing(self):
        daemon = self.started()
        self.nmbd.send(self.nmbd.packet(b""), self.nmbd.packet(b"x" * 16000),
                       self.nmbd.packet(datagram("x", b"whole"))[:-1])
        daemon.wait_for_status(received=2)
        self.assertEqual(daemon.status()["malformed_length"]
                         + daemon.status()["malformed_short"], 2)

    def test_without_any_nmbd_it_does_not_start(self):
        self.nmbd.stop()
        daemon = self.start()
        self.assertEqual(daemon.process.wait(PATIENCE), 1)
        daemon.wait_for("in use by another program.*nmbd does not answer")

    def test_sighup_moves_to_another_socket(self):
        self.options = ("--name", "HOST", "--workgroup", "GROUP")
        numbers = [port.getsockname()[1] for port in self.ports]
        lines = f"name-port = {numbers[0]}\ndatagram-port = {numbers[1]}\nnmbd-socket = "
        self.configure(lines + self.nmbd.path + "\n")
        daemon = Daemon(self, *self.options)
        self.nmbd.accept()
        daemon.ready()
        self.configure(lines + self.directory + "/other\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("not connected to nmbd at .*/other")
        os.rename(self.nmbd.path, self.directory + "/other")
        self.nmbd.accept()
        wait_until(lambda: daemon.status()["nmbd"] == f"connected {self.directory}/other")


if __name__ == "__main__":
    unittest.main()
