"""mailslotd as its own tests run it: a daemon with a directory of its own, and clients that speak its
local protocol byte by byte."""

import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

from harness.process import start
from harness.waiting import PATIENCE, wait_until

DAEMON = os.environ["MAILSLOT_DAEMON"]

REGISTER, OPEN, PUT, SEND_BROADCAST, STATUS = range(1, 6)
REPLY, OPENED, DELIVER, STATUS_TEXT = range(16, 20)
OK, TOO_BIG, INVALID, NOT_FOUND, IN_USE, GONE, FULL, DENIED, UNSUPPORTED = (
    0, 2, 8, 10, 11, 12, 14, 15, 17)
USER, GROUP, EVERYONE = range(3)


def text(string):
    return bytes([len(string)]) + string.encode()


class Client:
    """One connection to the daemon."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)

    def close(self):
        self.socket.close()

    def send(self, *parts):
        self.socket.send(b"".join(parts))

    def receive(self):
        """One packet; empty at the end, however it came."""
        try:
            return self.socket.recv(70000)
        except ConnectionResetError:
            return b""

    def ended(self):
        return self.receive() == b""

    def reply(self):
        packet = self.receive()
        assert packet[:1] == bytes([REPLY]), packet
        return packet[1], packet[2:].decode()

    def register(self, key, access=USER, local_only=False, limit=65535, version=1):
        self.send(bytes([REGISTER, version]), text(key), bytes([access, local_only]),
                  struct.pack(">I", limit))
        return self.reply()

    def open(self, key, version=1):
        """(limit, uid), or (error, words)."""
        self.send(bytes([OPEN, version]), text(key))
        packet = self.receive()
        if packet[0] == OPENED:
            return struct.unpack(">II", packet[1:])
        return packet[1], packet[2:].decode()

    def put(self, data):
        self.send(bytes([PUT]), data)
        return self.reply()[0]

    def broadcast(self, packet):
        self.send(bytes([SEND_BROADCAST, 1]), packet)
        return self.reply()

    def status(self):
        """The lines as a dictionary; those that repeat as lists below "name" and "interface"."""
        self.send(bytes([STATUS, 1]))
        packet = self.receive()
        assert packet[0] == STATUS_TEXT, packet
        lines = [line.split(" ", 1) for line in packet[1:].decode().splitlines()]
        found = {key: int(value) if value.isdigit() else value for key, value in lines}
        for key in ("name", "interface"):
            found[key] = [value for other, value in lines if other == key]
        return found

    def delivered(self):
        packet = self.receive()
        assert packet[:1] == bytes([DELIVER]), packet
        return Delivered(packet)

    def waiting(self):
        """What is there, without waiting."""
        found = []
        self.socket.setblocking(False)
        try:
            while True:
                found.append(Delivered(self.socket.recv(70000)))
        except BlockingIOError:
            self.socket.settimeout(PATIENCE)
        return found


class Delivered:
    def __init__(self, packet):
        self.arrival, self.remote = struct.unpack(">QB", packet[1:10])
        at = 10
        if self.remote:
            self.computer, at = self.string(packet, at)
            self.address, at = self.string(packet, at)
        else:
            self.pid, self.uid = struct.unpack(">II", packet[at:at + 8])
            at += 8
        self.data = packet[at:]

    @staticmethod
    def string(packet, at):
        return packet[at + 1:at + 1 + packet[at]].decode(), at + 1 + packet[at]


class Daemon:
    """A running mailslotd with what it says."""

    def __init__(self, case, *options, prefix=(), env=None):
        self.case, self.lines = case, []
        self.path = os.path.join(case.directory, "mailslotd")
        self.process = start([*prefix, DAEMON, *options], env=env or case.env,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        self.listener = threading.Thread(target=self.listen)
        self.listener.start()
        case.addCleanup(self.stop)

    def listen(self):
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))

    def says(self, pattern):
        return any(re.search(pattern, line) for line in self.lines)

    def wait_for(self, pattern):
        wait_until(lambda: self.says(pattern) or not self.listener.is_alive(), pattern)
        if not self.says(pattern):
            raise AssertionError(f"no {pattern!r} in {self.lines}")

    def ready(self):
        self.wait_for("ready as")
        return self

    def client(self):
        client = Client(self.path)
        self.case.addCleanup(client.close)
        return client

    def reader(self, key, *arguments, **more):
        client = self.client()
        self.case.assertEqual(client.register(key, *arguments, **more), (OK, ""))
        return client

    def status(self):
        client = Client(self.path)
        try:
            return client.status()
        finally:
            client.close()

    def wait_for_status(self, **expected):
        def as_expected():
            status = self.status()
            return all(status[key] == value for key, value in expected.items())
        try:
            wait_until(as_expected)
        except AssertionError:
            raise AssertionError(f"{expected} does not come true: {self.status()}, "
                                 f"{self.lines}") from None

    def end(self, number=signal.SIGTERM):
        """The exit status."""
        self.process.send_signal(number)
        status = self.process.wait(timeout=PATIENCE)
        self.listener.join()
        return status

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.listener.join()
        self.process.stderr.close()
        self.process.stdout.close()


class DaemonTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="mailslotd-test-")
        os.chmod(self.directory, 0o1777)
        self.addCleanup(shutil.rmtree, self.directory)
        self.config = os.path.join(self.directory, "mailslot.conf")
        self.configure("")
        self.env = dict(os.environ, MAILSLOT_DIR=self.directory, MAILSLOT_CONFIG=self.config)
        for name in ("MAILSLOT_NAME", "MAILSLOT_WORKGROUP", "NOTIFY_SOCKET"):
            self.env.pop(name, None)

    def configure(self, lines):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(lines)
        os.chmod(self.config, 0o644)

    def run_daemon(self, *options):
        """A run that ends by itself: (status, out, err)."""
        done = subprocess.run([DAEMON, *options], env=self.env, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr


class LoopbackTest(DaemonTest):
    """On the loopback, with ports that need no rights: "lo" cannot broadcast, so nothing leaves."""

    options = ("--name", "HOST", "--workgroup", "GROUP", "--interface", "lo")

    def setUp(self):
        super().setUp()
        self.out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.out.close)

    @staticmethod
    def free_ports():
        sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        ports = [one.getsockname()[1] for one in sockets]
        for one in sockets:
            one.close()
        return ports

    def start(self, *options, prefix=()):
        """Ports that were free may be another test's by now."""
        for _ in range(5):
            self.name_port, self.port = self.free_ports()
            daemon = Daemon(self, "--name-port", str(self.name_port), "--datagram-port",
                            str(self.port), *self.options, *options, prefix=prefix)
            try:
                return daemon.ready()
            except AssertionError:
                if not daemon.says("in use by another program"):
                    raise
        raise AssertionError("no free ports")

    def send(self, packet):
        self.out.sendto(packet, ("127.0.0.1", self.port))
