#!/usr/bin/python3
"""Runs mailslot_bench for a moment: everything arrives intact, the table and the JSON are whole,
and each planted fault is noticed. No figure is judged."""

import json
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

DRAW = pathlib.Path(__file__).with_name("draw.py")

FAULTS = {"torn": "torn 1", "short": "torn 1", "lost": "lost 1", "repeated": "repeated 1",
          "swapped": "repeated 2"}


def run(*arguments):
    return subprocess.run([sys.argv[1], *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=100)


def check(condition, what, result):
    if not condition:
        sys.exit(f"{what}\n{result.args}: {result.returncode}\n{result.stdout}{result.stderr}")


def check_cell(cell, result):
    check(cell["wrong"] == 0 and cell["failed"] == 0, f"{cell} is not intact", result)
    if cell["measured"]:
        check(cell["messages"] > 0, f"{cell} has no messages", result)
        for value in cell["values"].values():
            check(value["min"] > 0 and len(value["rounds"]) == 1, f"{cell} has no values", result)


def check_measured(cells, result):
    measured = {(cell["peer"], cell["cell"]) for cell in cells if cell["measured"]}
    expected = {(peer, cell["cell"]) for peer in ("mailslot", "unix", "pipe") for cell in cells}
    expected |= {("floor", cell["cell"]) for cell in cells if cell["writers"] == 1}
    check(measured >= expected, f"missing: {expected - measured}", result)


def check_cost(cost, result):
    check(cost["wrong"] == 0 and cost["failed"] == 0, f"{cost} is not intact", result)
    if cost["way"] == "slots-10000" and not cost["measured"]:
        check(cost["reason"], "no reason for a missing cost", result)  # /dev/shm may be too small
        return
    check(cost["messages"] > 0, f"{cost} has no messages", result)
    for name in ("put_ns", "get_ns"):
        check(cost["values"][name]["min"] > 0, f"{cost} has no {name}", result)
    allocations = cost["values"].get("allocations_per_message")  # sanitizers: not counted
    if allocations and cost["way"] != "packed-malloc":
        check(allocations["max"] == 0, f"{cost} allocates", result)
    elif allocations:
        check(allocations["min"] > 0, f"{cost}: allocations are not counted", result)


def check_picture(figures, result):
    """The picture is whole XML that names every peer measured and the machine."""
    with tempfile.NamedTemporaryFile(suffix=".svg") as file:
        draw = subprocess.run([sys.executable, DRAW, figures, file.name], stderr=subprocess.PIPE,
                              text=True, timeout=20)
        check(draw.returncode == 0, f"no picture: {draw.stderr}", result)
        root = xml.etree.ElementTree.parse(file.name).getroot()
    words = " ".join(text for text in root.itertext())
    check(root.tag.endswith("svg") and "mailslot" in words and "AF_UNIX" in words and
          "UTC" in words, f"the picture says only: {words}", result)


def check_costs(figures, result):
    check(len(figures["costs"]) == 11, "costs are missing", result)
    for cost in figures["costs"]:
        check_cost(cost, result)
    check({ratio["way"] for ratio in figures["cost_ratios"]} >= {"typed", "msgpack", "slots-100"},
          "ratios of costs are missing", result)
    calls = figures["system_calls"]
    check(calls["measured"] or calls["reason"], "system calls are missing", result)


def messages_are_intact():
    with tempfile.NamedTemporaryFile() as file:
        result = run("--smoke", "--json", file.name)
        check(result.returncode == 0, "messages were wrong", result)
        figures = json.load(open(file.name, encoding="utf-8"))
        check_picture(file.name, result)
    cells = figures["cells"]
    check(len({cell["cell"] for cell in cells}) == 7, "cells are missing", result)
    for cell in cells:
        check_cell(cell, result)
    check_measured(cells, result)
    check_costs(figures, result)
    for words in ("Million messages a second", "Burst of 10,000", "Latency one way", "Ratios of",
                  "What a call costs", "Opening, us", "System calls per message",
                  "arrived and were checked"):
        check(words in result.stdout, f"no '{words}' in the table", result)
    check(max(map(len, result.stdout.splitlines())) <= 100, "a line is too long", result)


def faults_are_noticed():
    for fault, count in FAULTS.items():
        result = run("--smoke", "--peers", "mailslot", "--cells", "rate-64-1,burst-64,paced-64",
                     "--plant", fault)
        check(result.returncode == 1, f"{fault} went unnoticed", result)
        wrong = [line for line in result.stdout.splitlines() if line.startswith("WRONG")]
        check(len(wrong) == 3, f"{fault} should be wrong in three cells", result)
        check(all(count in line for line in wrong), f"{fault} was taken for another", result)


def faults_in_costs_are_noticed():
    result = run("--smoke", "--peers", "mailslot", "--cells", "rate-64-1", "--costs",
                 "--plant", "lost")
    check(result.returncode == 1, "wrong sequence numbers went unnoticed", result)
    wrong = [line for line in result.stdout.splitlines() if line.startswith("WRONG: costs")]
    check(len(wrong) >= 10, "each cost should have a wrong message", result)


def mistakes_are_usage_errors():
    for arguments in (["--nonsense"], ["--seconds", "none"], ["--rounds", "0"], ["extra"],
                      ["--peers", "nobody"], ["--cells", "none"], ["--plant", "nothing"]):
        result = run(*arguments)
        check(result.returncode == 2 and result.stderr, "should be a usage error", result)
    check(run("--help").returncode == 0, "no help", run("--help"))


messages_are_intact()
faults_are_noticed()
faults_in_costs_are_noticed()
mistakes_are_usage_errors()
