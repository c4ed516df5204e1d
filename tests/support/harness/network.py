"""Hosts on a network of their own: each is a network namespace with an address on one bridge or
more, a NetBIOS name, a directory for its slots, and programs that run there."""

import itertools
import json
import os
import shutil
import socket
import subprocess

from harness.namespaces import inside_named_network
from harness.process import Process, Result, run
from harness.waiting import PATIENCE

WORK = "/run/hosts"


class Port:
    """Where a host is plugged in: a bridge, and an address there."""

    def __init__(self, host, bridge, number):
        self.bridge = f"br{bridge}"
        self.cable = f"{host}.{bridge}"  # the bridge's end
        self.interface = f"eth{bridge}"
        self.address = f"10.77.{bridge}.{number}"
        self.broadcast = f"10.77.{bridge}.255"


class Host:
    """A computer; made by Network.host()."""

    def __init__(self, name, workgroup, ports):
        self.name, self.workgroup, self.ports = name, workgroup, ports
        self.namespace = name.lower()
        if ports:
            self.address, self.broadcast = ports[0].address, ports[0].broadcast
        self.directory = f"{WORK}/{self.namespace}"
        self.processes, self.sockets, self.files = [], [], {}
        self.numbers = itertools.count(1)
        os.makedirs(self.directory)
        os.chmod(self.directory, 0o1777)
        self.env = dict(os.environ, MAILSLOT_DIR=self.directory, MAILSLOT_NAME=name,
                        MAILSLOT_WORKGROUP=workgroup, MAILSLOT_CONFIG=self.write("conf", ""),
                        TMPDIR=self.directory)

    def new_file(self, name):
        """A path that nothing has yet."""
        return f"{self.directory}/{next(self.numbers)}.{name}"

    def write(self, name, text):
        path = self.new_file(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def inside(self, argv):
        return ["nsenter", f"--net=/run/netns/{self.namespace}", "--", *argv]

    def run(self, *argv, data="", env=None):
        """Runs a program to its end; data is its input, text or bytes."""
        done = subprocess.run(self.inside(argv), env=env or self.env, input=data,
                              capture_output=True, text=isinstance(data, str), timeout=PATIENCE)
        return Result(done.returncode, done.stdout, done.stderr, argv)

    def start(self, *argv, **how):
        return Process(self, argv, **how)

    def udp(self, port=0, address=""):
        """A UDP socket of the test's own on this host."""
        with inside_named_network(self.namespace):
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sockets.append(made)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        made.settimeout(PATIENCE)
        made.bind((address, port))
        return made

    def ip(self, *arguments):
        run("ip", "-n", self.namespace, *arguments)

    def close(self):
        for made in self.sockets:
            made.close()
        for process in reversed(self.processes):
            if process.running():
                process.kill()


class Network:
    """Bridges, and hosts on them. The bridges are in a namespace of their own: hosts meet nowhere
    else. One network at a time."""

    HOME, SWITCH = "home", "switch"

    def __init__(self, bridges=1):
        self.hosts = []
        run("ip", "netns", "attach", self.HOME, str(os.getpid()))
        run("ip", "netns", "add", self.SWITCH)
        for number in range(bridges):
            self.switch("link", "add", f"br{number}", "type", "bridge", "stp_state", "0",
                        "mcast_snooping", "0")
            self.switch("link", "set", f"br{number}", "up")

    def switch(self, *arguments):
        run("ip", "-n", self.SWITCH, *arguments)

    def host(self, name, workgroup="LAB", bridges=(0,)):
        number = len(self.hosts) + 1
        host = Host(name, workgroup, [Port(name.lower(), bridge, number) for bridge in bridges])
        self.hosts.append(host)
        run("ip", "netns", "add", host.namespace)
        host.ip("link", "set", "lo", "up")
        for port in host.ports:
            self.plug(host, port)
        return host

    def plug(self, host, port):
        self.switch("link", "add", port.cable, "type", "veth", "peer", "name", port.interface,
                    "netns", host.namespace)
        self.switch("link", "set", port.cable, "master", port.bridge, "up")
        host.ip("addr", "add", f"{port.address}/24", "broadcast", port.broadcast, "dev",
                port.interface)
        host.ip("link", "set", port.interface, "up")

    def lost_on_the_way(self, source, destination):
        """Packets between two hosts on the first bridge that the kernel dropped while they were on
        a cable: a queue of a processor's was full."""
        ends = ((source.namespace, source.ports[0].interface),
                (self.SWITCH, destination.ports[0].cable))
        return sum(json.loads(run("ip", "-n", namespace, "-json", "-stats", "link", "show",
                                  interface))[0]["stats64"]["tx"]["dropped"]
                   for namespace, interface in ends)

    def logs(self):
        """What the programs of all hosts have said, the end of each."""
        return "\n".join(f"==== {host.name}: {' '.join(process.argv)[:200]}\n"
                         f"{process.errors()[-3000:]}"
                         for host in self.hosts for process in host.processes
                         if process.errors())

    def end_well(self):
        """Stops what must end well."""
        for host in self.hosts:
            for process in host.processes:
                process.end_well()

    def close(self):
        for host in self.hosts:
            host.close()
            run("ip", "netns", "del", host.namespace)
        run("ip", "netns", "del", self.SWITCH)
        run("ip", "netns", "del", self.HOME)
        shutil.rmtree(WORK)
