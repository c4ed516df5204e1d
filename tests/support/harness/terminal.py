"""The tool in a terminal of tmux, as a person sees it."""

import os
import subprocess

from harness.process import start
from harness.waiting import PATIENCE, wait_until


class Terminal:
    """A terminal of tmux, with a server of its own, which does not outlive the test."""

    def __init__(self, case, command, width, height):
        self.case = case
        self.socket = os.path.join(case.directory, "tmux")
        self.env = dict(case.env, LC_ALL="C.UTF-8")
        self.env.pop("TMUX", None)
        self.server = start(self.tmux("-f", "/dev/null", "-D"), stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.env)
        case.addCleanup(self.stop)
        wait_until(lambda: os.path.exists(self.socket), "tmux")
        self.run("new-session", "-d", "-x", str(width), "-y", str(height),
                 "-e", "PS1=$ ", f"{command}; echo ended with $?; exec cat")

    def stop(self):
        self.server.terminate()
        self.server.wait(PATIENCE)

    def tmux(self, *arguments):
        return ["tmux", "-u", "-S", self.socket, *arguments]

    def run(self, *arguments):
        done = subprocess.run(self.tmux(*arguments), env=self.env, capture_output=True,
                              timeout=PATIENCE, check=True)
        return done.stdout.decode()

    def press(self, *keys):
        self.run("send-keys", *keys)

    def resize(self, width, height):
        self.run("resize-window", "-x", str(width), "-y", str(height))

    def lines(self):
        """Those of the screen; at least five."""
        lines = self.run("capture-pane", "-p").rstrip("\n").split("\n")
        return lines + [""] * (5 - len(lines))

    def shows(self, condition):
        """The lines, once they are so, and no longer being drawn: two looks agree."""
        found = []

        def look():
            before = found[:]
            found[:] = self.lines()
            return found == before and condition(found)
        try:
            wait_until(look)
        except AssertionError as failure:
            raise AssertionError("\n".join([str(failure), *found])) from failure
        return found
