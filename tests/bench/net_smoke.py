#!/usr/bin/python3
"""Runs mailslot_netbench for a moment: everything arrives intact, the table is whole, each planted
fault is noticed, and what cannot run says why. No figure is judged."""

import re
import subprocess
import sys

FIGURES = ("mailslotd, to", "bare relay", "bare pair", "mailslot_put_bytes", "sendto of",
           "encoding the", "decoding the", "mailslotd's resident", "delivered", "malformed")
AIMS = {"mailslotd to bare relay": 2, "put to sendto": 2, "encoding to sendto": 2,
        "decoding to sendto": 2, "mailslotd's memory after the storm": 1}
NO_ADDRESS = "this computer has no address but the loopback's"


def run(*arguments):
    return subprocess.run([sys.argv[1], *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=100)


def check(condition, what, result):
    if not condition:
        sys.exit(f"{what}\n{result.args}: {result.returncode}\n{result.stdout}{result.stderr}")


def smoke(*arguments):
    return run("--smoke", "--mailslotd", sys.argv[2], *arguments)


def line_of(words, result):
    lines = [line for line in result.stdout.splitlines() if line.startswith(words)]
    check(lines, f"no '{words}' in the table", result)
    return lines


def messages_are_intact():
    result = smoke()
    check(result.returncode == 0, "messages were wrong", result)
    has_address = NO_ADDRESS not in result.stdout
    for words in FIGURES:
        figures = re.findall(r"\d\S* \(\S+-\S+\)", line_of(words, result)[0])
        sends = words in ("mailslot_put_bytes", "sendto of", "encoding the", "decoding the")
        check(figures or (sends and not has_address), f"no figures of '{words}'", result)
    for words, count in AIMS.items():
        judged = [line for line in line_of(words, result)
                  if re.search(r": (not )?met$", line) or not has_address]
        check(len(judged) >= count, f"aims of '{words}' are not judged", result)
    check("arrived and were checked" in result.stdout, "no sum", result)
    check(max(map(len, result.stdout.splitlines())) <= 100, "a line is too long", result)


def faults_are_noticed():
    for fault in ("torn", "lost", "repeated"):
        result = smoke("--plant", fault)
        check(result.returncode == 1, f"{fault} went unnoticed", result)
        wrong = [line for line in result.stdout.splitlines() if line.startswith("WRONG")]
        expected = 2 if NO_ADDRESS in result.stdout else 4
        check(len(wrong) == expected and not any(": 0 messages" in line for line in wrong),
              f"{fault} should be wrong in {expected} cells", result)


def what_cannot_run_says_why():
    result = run("--smoke", "--mailslotd", "/nonexistent/mailslotd")
    check(result.returncode == 0, "a program that is missing is no failure", result)
    check(result.stdout.count("not measured: no mailslotd") == 3, "no reason given", result)
    result = run("--smoke", "--mailslotd", "/bin/false")
    check(result.returncode == 1 and "mailslotd ended" in result.stdout,
          "a program that fails is a failure", result)


def mistakes_are_usage_errors():
    for arguments in (["--nonsense"], ["--seconds", "none"], ["--rounds", "0"],
                      ["--rounds", "1.5"], ["extra"], ["--plant", "nothing"]):
        result = run(*arguments)
        check(result.returncode == 2 and result.stderr, "should be a usage error", result)
    check(run("--help").returncode == 0, "no help", run("--help"))


messages_are_intact()
faults_are_noticed()
what_cannot_run_says_why()
mistakes_are_usage_errors()
