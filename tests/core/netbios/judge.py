"""What the judges have in common: packets of ours in a directory, and how to leave a test out."""

import shutil
import subprocess
import sys
import tempfile


def need(program):
    """The program's path; without it the test is skipped."""
    path = shutil.which(program)
    if not path:
        print(f"SKIPPED: no {program}")
        sys.exit(77)
    return path


def with_packets(judge):
    """Calls judge with a directory of packets, made by the program named on the command line."""
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([sys.argv[1], directory], check=True)
        sys.exit(judge(directory))


def run(command):
    """The program's exit status and what it said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False)
    return done.returncode, done.stdout
