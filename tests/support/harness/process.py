"""Programs that run to their end, and programs that go on running on a host."""

import ctypes
import os
import signal
import subprocess

from harness.waiting import PATIENCE


PR_SET_PDEATHSIG = 1  # of sys/prctl.h
libc = ctypes.CDLL(None)


def start(argv, **how):
    """subprocess.Popen() of a program that the kernel kills when the thread that started it ends, and
    so when the test is killed."""
    return subprocess.Popen(argv, preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
                            **how)


def run(*argv, text=""):
    """Runs a program that must succeed; returns what it prints."""
    done = subprocess.run(argv, input=text, text=True, capture_output=True, timeout=PATIENCE)
    if done.returncode:
        raise AssertionError(f"{argv}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Result:
    """How a program has ended, and what it has printed: text or bytes."""

    def __init__(self, status, out, err, argv=()):
        self.argv, self.status, self.out, self.err = argv, status, out, err

    def __repr__(self):
        return f"{self.argv}: status {self.status}, out {self.out!r}, err {self.err!r}"


class Process:
    """A program that runs on a host. What it prints goes to a file, or to two with apart. With
    ends_well it must end with status 0 when the network is closed."""

    def __init__(self, host, argv, env=None, apart=False, ends_well=False):
        self.argv, self.ends_well = argv, ends_well
        self.log = host.new_file(os.path.basename(argv[0]) + ".log")
        self.out = host.new_file("out") if apart else self.log
        with open(self.out, "ab") as out, open(self.log, "ab") as log:
            self.popen = subprocess.Popen(host.inside(argv), env=env or host.env, stdout=out,
                                          stderr=log, stdin=subprocess.DEVNULL,
                                          start_new_session=True)
        self.pid = self.popen.pid
        host.processes.append(self)

    @staticmethod
    def read(path):
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def last_line(self):
        """The last whole line it has printed, which is not of the longest; none yet is empty."""
        with open(self.out, "rb") as file:
            file.seek(max(0, os.path.getsize(self.out) - 4096))
            return file.read().decode().rpartition("\n")[0].rpartition("\n")[2]

    def output(self):
        return self.read(self.out)

    def errors(self):
        return self.read(self.log)

    def running(self):
        return self.popen.poll() is None

    def send_signal(self, number):
        self.popen.send_signal(number)

    def wait(self):
        return self.popen.wait(PATIENCE)

    def stop(self, number=signal.SIGTERM):
        """Ends it if it still runs; returns its status."""
        if self.running():
            self.send_signal(number)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.argv} did not end by signal {number}") from None

    def kill(self):
        self.popen.kill()
        self.wait()

    def end_well(self):
        """Stops it if it is of those that must end with status 0 then, and still runs."""
        if self.ends_well and self.running():
            status = self.stop()
            assert status == 0, f"{self.argv}: status {status}\n{self.errors()}"

    def resident(self):
        """Bytes of memory it holds."""
        for line in self.read(f"/proc/{self.pid}/status").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"{self.argv} has no memory")
