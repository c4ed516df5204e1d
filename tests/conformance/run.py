#!/usr/bin/python3 -B
"""Runs Google's Protobuf conformance suite against libmailslot and prints a table by category.

Usage: run.py PREFIX CONVERT
PREFIX is what build_runner made, CONVERT the program tools_convert. Exit status 0 if no test failed,
required or recommended.
"""
import collections
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COUNTS = re.compile(r"(\d+) successes, (\d+) skipped, (\d+) expected failures, "
                    r"(\d+) unexpected failures")


def run_suite(prefix, convert, output):
    """Runs the suite; returns what the runner printed."""
    subprocess.run(["protoc", f"-I{prefix}/proto", f"--python_out={output}",
                    f"{prefix}/proto/conformance.proto"], check=True)
    environment = {**os.environ, "MAILSLOT_CONVERT": convert, "PYTHONPATH": output,
                   "MAILSLOT_CONFORMANCE_PROTO": f"{prefix}/proto"}
    done = subprocess.run(
        [f"{prefix}/conformance_test_runner", "--enforce_recommended", "--output_dir", output,
         os.path.join(HERE, "testee.py")],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", timeout=1800)
    return done.stdout


def names_in(path):
    if not os.path.exists(path):
        return []
    with open(path) as lines:
        return [line.split("#")[0].strip() for line in lines if line.strip()]


def category(name):
    """Required.Proto3.JsonInput.SomeTest.ProtobufOutput -> Required.Proto3.JsonInput"""
    return ".".join(name.split(".")[:3])


def main():
    prefix, convert = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    with tempfile.TemporaryDirectory() as output:
        log = run_suite(prefix, convert, output)
        failed = names_in(os.path.join(output, "failing_tests.txt"))
    counts = [tuple(map(int, found)) for found in COUNTS.findall(log)]
    if not counts:
        print(log[-3000:])
        print("conformance: the runner did not finish")
        return 1
    passed, skipped = sum(c[0] for c in counts), sum(c[1] for c in counts)
    by_category = collections.Counter(map(category, failed))
    for name, count in sorted(by_category.items()):
        print(f"conformance: {name}: {count} failed")
    for name in failed:
        print(f"    {name}")
    print(f"conformance: {passed} pass, {len(failed)} fail, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
