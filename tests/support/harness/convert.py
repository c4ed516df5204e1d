"""Drives the convert program: many values in one go."""

import os
import subprocess
import tempfile

CONVERT = os.environ["MAILSLOT_CONVERT"]


def convert(spec, direction, lines):
    """One answer for each line (str or bytes)."""
    raw = [line.encode() if isinstance(line, str) else line for line in lines]
    assert not any(b"\n" in line for line in raw)
    with tempfile.TemporaryDirectory(prefix="mailslot-test-", dir="/dev/shm") as directory:
        done = subprocess.run([CONVERT, spec, direction], input=b"".join(r + b"\n" for r in raw),
                              env=dict(os.environ, MAILSLOT_DIR=directory),
                              stdout=subprocess.PIPE, timeout=240, check=True)
    answers = done.stdout.decode().split("\n")[:-1]
    assert len(answers) == len(raw), (len(answers), len(raw))
    return answers


def to_json(spec, messages):
    return convert(spec, "to-json", [message.hex() for message in messages])


def from_json(spec, texts):
    """bytes for each text, or the str "error NAME detail"."""
    return [answer if answer.startswith("error") else bytes.fromhex(answer)
            for answer in convert(spec, "from-json", texts)]
