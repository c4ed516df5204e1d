"""Samba as a peer: nmbd on a host, and what its own tools and codec say."""

import os
import re

from harness.process import Process
from harness.waiting import wait_until

CONFIGURATION = """[global]
    workgroup = {workgroup}
    netbios name = {name}
    server string = peer
    interfaces = {interfaces}
    bind interfaces only = yes
    nmbd bind explicit broadcast = no
    lock directory = {directory}
    state directory = {directory}
    cache directory = {directory}
    private dir = {directory}
    pid directory = {directory}
    ncalrpc dir = {directory}/ncalrpc
    nmbd:socket dir = {directory}/nmbd
    log file = {directory}/log
    disable netbios = no
    dns proxy = no
    {more}
"""


class Nmbd:
    """nmbd on a host, in files of its own."""

    def __init__(self, host, name=None, **more):
        self.host, self.name = host, name or host.name
        self.directory = host.new_file("nmbd")
        os.makedirs(f"{self.directory}/nmbd", 0o755)
        more = "\n    ".join(f"{key.replace('_', ' ')} = {value}" for key, value in more.items())
        self.configuration = host.write("smb.conf", CONFIGURATION.format(
            workgroup=host.workgroup, name=self.name, directory=self.directory, more=more,
            interfaces=" ".join(port.interface for port in host.ports)))
        self.process = self.start()

    @property
    def unexpected(self):
        """Where it hands over the datagrams it does not consume."""
        return f"{self.directory}/nmbd/unexpected"

    def start(self):
        self.process = Process(self.host, [
            "nmbd", "--foreground", "--no-process-group", "--debug-stdout", "--debuglevel=3",
            f"--configfile={self.configuration}"])
        return self.process

    def wait_until_it_answers(self, host):
        """Seen from another host: its names are registered a few seconds after its start."""
        found(host, f"{self.name}#20")

    def says(self, pattern):
        """Waits for words in its log."""
        return wait_until(lambda: re.search(pattern, self.process.output()),
                          f"nmbd to say {pattern!r}")

    def browse_list(self):
        """The hosts and workgroups that it knows of."""
        path = f"{self.directory}/browse.dat"
        return Process.read(path) if os.path.exists(path) else ""


def lookup_configuration(host):
    """For Samba's tools on a host."""
    if "lookup" not in host.files:
        host.files["lookup"] = host.write("smb.conf", CONFIGURATION.format(
            workgroup=host.workgroup, name="LOOKUP", directory=host.directory, more="",
            interfaces=" ".join(port.interface for port in host.ports)))
    return host.files["lookup"]


def nmblookup(host, *arguments):
    return host.run("nmblookup", f"--configfile={lookup_configuration(host)}", *arguments)


def found(host, *arguments):
    """The same of what must be found. It gives up after a quarter of a second, so it tries again.
    """
    def answer():
        result = nmblookup(host, *arguments)
        return result if result.status == 0 else None
    return wait_until(answer, f"nmblookup to find {arguments}")


def smbtorture(host, target, test):
    """One of Samba's tests against a name, from a host."""
    return host.run("smbtorture", f"--configfile={lookup_configuration(host)}", f"//{target}/ipc$",
                    "-U%", "--option=torture:timelimit=2", test)
