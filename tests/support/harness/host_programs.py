"""Our own programs on a host: mailslotd and the tool."""

import base64
import json
import os

from harness.process import Process
from harness.waiting import PATIENCE, wait_until

TOOL = os.environ["MAILSLOT_TOOL"]
DAEMON = os.environ["MAILSLOT_DAEMON"]


def tool(host, *arguments, data="", env=None):
    return host.run(TOOL, *arguments, data=data, env=env)


def answered(run, *arguments, **how):
    """The result of run(), which queries a name. Its owner may answer too late, so the query is
    repeated while there is no answer; nothing was sent then."""
    def answer():
        result = run(*arguments, **how)
        return None if "no answer for the name" in f"{result.out}{result.err}" else result
    return wait_until(answer, f"an answer to {arguments}")


def send(host, name, *arguments, data=""):
    """Sends, which must succeed."""
    result = answered(tool, host, "send", name, *arguments, data=data)
    assert result.status == 0, result
    return result


def runs_mailslotd(host):
    return any(process.argv[0] == DAEMON and process.running() for process in host.processes)


def told(host, *options):
    """What `info --host` comes to, asked until the host's mailslotd answers if one runs."""
    def answer():
        result = tool(host, "info", "--host", *options)
        return result if result.status == 0 or not runs_mailslotd(host) else None
    return wait_until(answer, f"the mailslotd of {host.name} to answer")


def state(host):
    """What the host's mailslotd says of itself; None if none runs."""
    result = told(host, "--json")
    return json.loads(result.out) if result.status == 0 else None


class Daemon:
    """mailslotd on a host."""

    def __init__(self, host, *options):
        self.host, self.options = host, options
        self.process = None
        self.start()

    def start(self):
        self.process = self.host.start(DAEMON, *self.options, ends_well=True)

    def state(self):
        return state(self.host)

    def names(self):
        """The state of each of its names; none if it does not run."""
        now = self.state()
        return {name["name"]: name["state"] for name in now["names"]} if now else {}

    def wait_for_names(self, patience=PATIENCE):
        """Until every name that it claims is held."""
        def held():
            assert self.process.running(), self.process.errors()
            return set(self.names().values()) == {"held"}
        wait_until(held, f"{self.host.name} to hold its names", patience)
        return self


class Listener(Process):
    """A running `mailslot listen --meta`, in place once made; known to the host's mailslotd if one
    runs. No other may be made or end on that host meanwhile."""

    def __init__(self, host, name, *options, env=None, awaited=True):
        readers = self.readers(host) if awaited else None
        super().__init__(host, [TOOL, "listen", name, "--meta", *options], env=env, apart=True)
        self.host, self.name = host, name
        if awaited:
            wait_until(self.in_place, f"{name} on {host.name} to be read")
        if readers is not None:
            wait_until(lambda: self.readers(host) > readers, f"{host.name} to know of {name}")

    @classmethod
    def several(cls, host, names):
        """As many at once, on a host whose mailslotd runs."""
        readers = cls.readers(host) + len(names)
        made = [cls(host, name, awaited=False) for name in names]
        wait_until(lambda: cls.readers(host) == readers, f"{host.name} to know of {len(names)}")
        return made

    @staticmethod
    def readers(host):
        now = state(host)
        return now and now["counters"]["readers"]

    def in_place(self):
        assert self.running(), self.errors()
        return tool(self.host, "info", self.name).status == 0

    def lines(self):
        """How many records have been printed."""
        return self.output().count("\n")

    def records(self):
        """What has been printed, whole lines only."""
        lines = self.output().split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def wait_for(self, count):
        """At least so many records, waited for."""
        wait_until(lambda: self.lines() >= count,
                   f"{count} records in {self.name} on {self.host.name}")
        return self.records()

    def stop(self, *how):
        """Ends it, and waits until mailslotd, which must know it, has forgotten it."""
        readers = self.readers(self.host) if self.running() else None
        status = super().stop(*how)
        if readers:
            wait_until(lambda: self.readers(self.host) < readers, f"{self.name} to be forgotten")
        return status

    def count(self, value):
        """How many records have that value so far."""
        return sum(record["value"] == value for record in self.records())

    def bytes(self, count):
        """As values(), of a slot whose codec is bytes."""
        return [base64.b64decode(value["$bin"]) for value in self.values(count)]

    def every_value(self):
        return [record["value"] for record in self.records()]

    def values(self, count):
        """The values of exactly so many records, waited for."""
        records = self.wait_for(count)
        assert len(records) == count, records
        return [record["value"] for record in records]
