"""Tells how much of each room's source the tests ran, and names what they did not.

usage: coverage_report.py GCOVR.json LEAST ROOM...

Prints lines and branches of every file below each ROOM and every line that never ran, with its
function. Exit status 1 if fewer than LEAST percent of a room's lines ran.
"""

import json
import sys


def percent(run, of):
    return 100.0 * run / of if of else 100.0


def count(file):
    """(lines run, lines, branches taken, branches) of a file."""
    lines = [line for line in file["lines"] if not line["gcovr/noncode"]]
    branches = [branch for line in lines for branch in line["branches"]]
    return (sum(line["count"] > 0 for line in lines), len(lines),
            sum(branch["count"] > 0 for branch in branches), len(branches))


def print_counts(name, counts):
    lines_run, lines, taken, branches = counts
    print(f"{name:34} {lines_run:5} of {lines:5} lines {percent(lines_run, lines):6.1f} %"
          f" {taken:5} of {branches:5} branches {percent(taken, branches):6.1f} %")


def uncovered(file):
    """(line number, function, text) of each line that never ran."""
    starts = sorted((function["lineno"], function["name"]) for function in file["functions"])
    with open(file["file"], encoding="utf-8") as source:
        texts = source.read().split("\n")
    for line in file["lines"]:
        if line["count"] == 0 and not line["gcovr/noncode"]:
            number = line["line_number"]
            inside = [name for start, name in starts if start <= number]
            yield number, inside[-1] if inside else "", texts[number - 1].strip()


def report(room, files):
    """Prints the room's table; returns how many percent of its lines ran."""
    total = [0, 0, 0, 0]
    for file in files:
        counts = count(file)
        print_counts(file["file"], counts)
        total = [a + b for a, b in zip(total, counts)]
    print_counts(room + "/", total)
    return percent(total[0], total[1])


def main():
    least = float(sys.argv[2])
    with open(sys.argv[1], encoding="utf-8") as source:
        files = sorted(json.load(source)["files"], key=lambda file: file["file"])
    rooms = {room: [file for file in files if file["file"].startswith(room + "/")]
             for room in sys.argv[3:]}
    reached = {room: report(room, files) for room, files in rooms.items()}
    print("never run:")
    for file in (file for room in rooms.values() for file in room):
        for number, function, text in uncovered(file):
            print(f"  {file['file']}:{number}: {function}: {text}")
    for room, files in rooms.items():
        if not files or reached[room] < least:
            print(f"{room}/: {reached[room]:.1f} % of {len(files)} files, less than {least:g} %")
    return any(not rooms[room] or reached[room] < least for room in rooms)


if __name__ == "__main__":
    sys.exit(main())
