"""Runs a C program that answers requests, and counts checks by their subject."""

import os
import shutil
import subprocess
import sys
import tempfile

def unhex(text):
    return b"" if text == "-" else bytes.fromhex(text)


def tohex(data):
    return data.hex() or "-"


def ask(program, requests):
    """Runs program in a slot directory of its own; returns its answers, one for each request."""
    slots = tempfile.mkdtemp(prefix="mailslot-test-", dir="/dev/shm")
    try:
        done = subprocess.run([program], input="".join(r + "\n" for r in requests), text=True,
                              stdout=subprocess.PIPE, timeout=100, check=True,
                              env={**os.environ, "MAILSLOT_DIR": slots})
    finally:
        shutil.rmtree(slots)
    answers = done.stdout.splitlines()
    if len(answers) != len(requests):
        sys.exit(f"{len(requests)} requests, {len(answers)} answers")
    return answers


class Tally:
    """Checks that go on after a failure, counted by what they are about."""

    def __init__(self):
        self.counts = {}
        self.failures = 0

    def check(self, about, holds, *evidence):
        self.counts[about] = self.counts.get(about, 0) + 1
        if not holds:
            self.failures += 1
            print(f"FAILED: {about}:", *(str(e)[:400] for e in evidence), sep="\n    ")

    def same(self, about, expected, got, request=""):
        self.check(about, expected == got, f"expected {expected!r}", f"got {got!r}", request)

    def finish(self):
        for about, count in self.counts.items():
            print(f"{count:6} {about}")
        sys.exit(1 if self.failures else 0)
