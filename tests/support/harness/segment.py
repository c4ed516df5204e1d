"""Two computers on one segment or two, each in a network namespace of its own: one sends, and the test
plays the other and sees the bytes that were sent. Needs root."""

import os
import select
import socket
import struct
import subprocess
import threading

from harness.datagram import encode_name
from harness.namespaces import enter_network, inside_network, network_of_this_thread, new_network
from harness.skipping import skip, skip_unless_root
from harness.tool import ToolTest
from harness.waiting import PATIENCE, repeated

IP_PKTINFO = 8  # of linux/in.h

NAME_PORT, DATAGRAM_PORT = 137, 138
NB, STATUS, NULL = 0x20, 0x21, 0x0A
GROUP = 0x8000
MARK = b"nothing sent before this is still on its way"


def skip_unless_possible():
    """Ends the program as skipped where it cannot make network namespaces."""
    skip_unless_root("network namespaces")
    try:
        new_network()
    except OSError as error:
        skip(f"no network namespaces here: {error}")


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, timeout=PATIENCE)


def reply(query, rdata, flags=0x8500, rtype=NB, ttl=300, ident=None, name=None):
    """An answer to a query, which can be made wrong."""
    name = query.name if name is None else name
    return (struct.pack(">HHHHHH", query.ident if ident is None else ident, flags, 0, 1, 0, 0) +
            name + struct.pack(">HHIH", rtype, 1, ttl, len(rdata)) + rdata)


def address(text, flags=0x6000):
    return struct.pack(">H", flags) + socket.inet_aton(text)


class Query:
    def __init__(self, data, source, destination):
        self.data, self.source, self.destination = data, source, destination
        self.ident, self.flags = struct.unpack(">HH", data[:4])
        self.name = data[12:-4]
        self.type, = struct.unpack(">H", data[-4:-2])


def stay_on_one_processor():
    """Each processor has a queue of its own for what goes from one namespace to another, so what
    two of them send may be overtaken. Children stay there too."""
    allowed = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {allowed[os.getpid() % len(allowed)]})


class Segment:
    """Interfaces lan0 and lan1 here, 10.77.0.1 and 10.77.1.1. The other computer is 10.77.N.2 and
    10.77.N.3, and answers queries for names by self.answers: functions that take a Query and
    return packets."""

    ADDRESSES = [f"10.77.{number}.{last}" for number in range(2) for last in (2, 3)]

    def __init__(self):
        stay_on_one_processor()
        self.home = self._namespace()
        self.there = self._namespace()
        enter_network(self.home)
        for number in range(2):
            self._plug(number)
        with inside_network(self.there):
            self.names = self._port(NAME_PORT)
            self.datagrams = self._port(DATAGRAM_PORT)
            self.other_port = self._port(0)
        self.marker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.marks_heard = threading.Semaphore(0)
        self.answers, self.heard_queries = {}, []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @staticmethod
    def _namespace():
        new_network()
        ip("link", "set", "lo", "up")
        return network_of_this_thread()

    def _plug(self, number):
        mine, theirs = f"lan{number}", f"far{number}"
        ip("link", "add", mine, "type", "veth", "peer", "name", theirs,
           "netns", f"/proc/{os.getpid()}/fd/{self.there}")
        ip("addr", "add", f"10.77.{number}.1/24", "brd", "+", "dev", mine)
        ip("link", "set", mine, "up")
        with inside_network(self.there):
            for last in (2, 3):
                ip("addr", "add", f"10.77.{number}.{last}/24", "brd", "+", "dev", theirs)
            ip("link", "set", theirs, "up")

    @staticmethod
    def _port(number):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        made.bind(("", number))
        made.settimeout(PATIENCE)
        return made

    @staticmethod
    def _receive(port):
        """Data, source and the address it was sent to."""
        data, ancillary, _, source = port.recvmsg(4096, 256)
        for level, kind, info in ancillary:
            if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO):
                return data, source, socket.inet_ntoa(info[8:12])
        raise AssertionError("no destination")

    def _serve(self):
        while not self.stopping.is_set():
            if select.select([self.names], [], [], 0.05)[0]:
                data, source, destination = self._receive(self.names)
                if data == MARK:
                    self.marks_heard.release()
                else:
                    self._answer(Query(data, source, destination))

    def _answer(self, query):
        self.heard_queries.append(query)
        for answer in self.answers.get(query.name, lambda query: ())(query):
            self._send_answer(answer, query)

    def _send_answer(self, answer, query):
        """An answer is its bytes, or those and the port to send from. Who was asked by an address
        of his own answers from there."""
        data, port = answer if isinstance(answer, tuple) else (answer, self.names)
        info = bytes(4) + socket.inet_aton(query.destination) + bytes(4)
        asked = [] if query.destination.endswith(".255") else [
            (socket.IPPROTO_IP, IP_PKTINFO, info)]
        port.sendmsg([data], asked, 0, query.source)

    def is_at(self, name, where, **how):
        """From now on a unique name is at an address; how as for reply()."""
        self.answers[encode_name(name)] = lambda query: [reply(query, address(where), **how)]

    def is_group(self, name):
        self.answers[encode_name(name)] = \
            lambda query: [reply(query, address("10.77.0.2", 0x6000 | GROUP))]

    def _mark(self, port):
        """What comes after everything that the computer has sent: to each address, since the first
        packet to one waits until it is found."""
        for where in self.ADDRESSES:
            self.marker.sendto(MARK, (where, port))

    def _await_queries(self):
        self._mark(NAME_PORT)
        for _ in self.ADDRESSES:
            if not self.marks_heard.acquire(timeout=PATIENCE):
                raise AssertionError("no host receives the queries")

    @property
    def queries(self):
        """Those that have been sent."""
        self._await_queries()
        return list(self.heard_queries)

    def _rest(self):
        """The datagrams that have been sent and not yet heard."""
        self._mark(DATAGRAM_PORT)
        rest, marks = [], 0
        while marks < len(self.ADDRESSES):
            heard = self.hear()
            if heard[0] == MARK:
                marks += 1
            else:
                rest.append(heard)
        return rest

    def forget_queries(self):
        self._await_queries()
        self.heard_queries.clear()

    def forget(self):
        """What was sent, and what is known."""
        self.answers.clear()
        self.forget_queries()
        self._rest()

    def hear(self):
        """The next datagram: data, source and destination."""
        return self._receive(self.datagrams)

    def is_silent(self):
        """Whether all datagrams that were sent have been heard."""
        return not self._rest()

    def stop(self):
        self.stopping.set()
        self.thread.join()
        for port in (self.names, self.datagrams, self.other_port, self.marker):
            port.close()


class SegmentTest(ToolTest):
    """A test whose tool is the computer SENDER of the group LAB on a segment."""

    @classmethod
    def setUpClass(cls):
        cls.segment = Segment()

    @classmethod
    def tearDownClass(cls):
        cls.segment.stop()

    def setUp(self):
        super().setUp()
        self.segment.forget()
        self.env.update(MAILSLOT_NAME="sender", MAILSLOT_WORKGROUP="Lab")
        self.configure("")

    def ask(self, *arguments, good=lambda result: "no answer for the name" not in result.err):
        """What the tool comes to that asks for a name. Who answers here may be late, so it tries
        again until that is good; the queries are those of the last time."""
        def attempt():
            self.segment.forget_queries()
            return self.run_tool(*arguments)
        return repeated(attempt, good)

    def configure(self, text):
        path = os.path.join(self.directory, "conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.env["MAILSLOT_CONFIG"] = path
