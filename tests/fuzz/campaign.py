"""Runs the libFuzzer programs of a build, some at a time, and prints what each of them did.

Usage: campaign.py BUILD --seconds N [--seed N] [--jobs N] [--lines BUILD]

Inputs that reach something new are kept in BUILD/corpus and are where the next campaign begins;
those that crash, in BUILD/artifacts. With --seed it begins with the corpus of this folder alone
and takes the same way each time in one folder and environment, as far as the target lets it: a
shorter campaign is the beginning of a longer one. Elsewhere the way is like it, but not the same,
since paths and variables move the stack.

With --lines, a build with MAILSLOT_COVERAGE, it also counts the lines that all inputs together run,
of the files that the target is about.
"""

import argparse
import base64
import concurrent.futures
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DICTIONARIES = {"msgpack_to_json": "msgpack", "protobuf_to_json": "protobuf",
                "json_to_msgpack": "json", "json_to_protobuf": "json_protobuf",
                "nbname": "netbios", "nameservice": "netbios", "datagram": "netbios",
                "smb_mailslot": "netbios", "query": "netbios", "node": "netbios"}
ABOUT = {
    "name": r"core/name\.c",
    "config": r"core/netbios/config\.c",
    "text": r"codecs/(text|utf8)\.c",
    "msgpack": r"codecs/msgpack(_scan)?\.c",
    "protobuf": r"codecs/protobuf(_scan)?\.c",
    "schema": r"codecs/(schema/.*|arena)\.c|tools/cli/json/well_known\.c",
    "json_to_msgpack": r"tools/cli/json/(check|text|value|msgpack_in)\.c",
    "msgpack_to_json": r"tools/cli/json/(text|value|msgpack_out)\.c",
    "json_to_protobuf": r"tools/cli/(json/(check|text|value|protobuf_in|protobuf_names|protobuf_scalar)|base/decimal)\.c",
    "protobuf_to_json": r"tools/cli/json/(text|value|protobuf_out|protobuf_fields|protobuf_names)\.c",
    "queue": r"core/local/(queue(_inspect)?|lock|ring|frame)\.[ch]",
    "slotfile": r"core/local/slot(file|dir)\.c",
    "relay": r"core/relay/protocol\.c",
    "nbname": r"core/netbios/nbname\.c",
    "query": r"core/netbios/query\.c",
    "nameservice": r"core/netbios/n(ameservice|bname)\.c",
    "datagram": r"core/netbios/(datagram|nbname|smb_mailslot)\.c",
    "smb_mailslot": r"core/netbios/smb_mailslot\.c",
    "node": r"tools/mailslotd/node/node(_answer|_claim|_common|_wins)?\.c",
    "record_file": r"tools/cli/recording/(record_file|record_reader|crc32c)\.c",
    "arguments": r"tools/cli/(main|base/(options|report)|verbs/(send|listen|info|list|codecs))\.c",
}
MOST_BYTES = 4096  # of an input, unless a seed is larger
HANG_SECONDS = 30
MEMORY_MB, ALLOCATION_MB = 1024, 16


def targets():
    return sorted(os.listdir(os.path.join(HERE, "corpus")))


def program(build, target):
    return os.path.join(build, "tests", "fuzz", "fuzz_" + target)


def corpora(build, target):
    """Where new inputs go, and where the seeds are."""
    new = os.path.join(build, "corpus", target)
    os.makedirs(new, exist_ok=True)
    return [new, os.path.join(HERE, "corpus", target)]


def same_way(target, seed, scratch):
    """What makes libFuzzer take it: seeds in order, nothing read again by the clock."""
    new, seeds = os.path.join(scratch, target), os.path.join(HERE, "corpus", target)
    os.makedirs(new)
    with open(new + ".seeds", "w") as names:
        names.write(",".join(os.path.join(seeds, name) for name in sorted(os.listdir(seeds))))
    return [f"-seed={seed}", "-reload=0", f"-seed_inputs=@{new}.seeds", new]


@functools.cache
def same_addresses():
    """A command's beginning: libFuzzer learns from compared values, some of which are pointers."""
    command = ["setarch", "-R"]
    allowed = subprocess.run([*command, "true"], stderr=subprocess.DEVNULL).returncode == 0
    return command if allowed else []  # a container's rules may be against it


def run(build, target, seconds, seed, scratch):
    """Returns the program's log and whether it found nothing wrong."""
    artifacts = os.path.join(build, "artifacts")
    os.makedirs(artifacts, exist_ok=True)
    dictionary = DICTIONARIES.get(target, target) + ".dict"
    begin = same_addresses() if seed else []
    inputs = same_way(target, seed, scratch) if seed else corpora(build, target)
    done = subprocess.run(
        [*begin, program(build, target), f"-max_total_time={seconds}",
         f"-timeout={HANG_SECONDS}", f"-max_len={MOST_BYTES}",
         f"-rss_limit_mb={MEMORY_MB}", f"-malloc_limit_mb={ALLOCATION_MB}",
         "-print_final_stats=1",
         f"-dict={os.path.join(HERE, 'dictionaries', dictionary)}",
         f"-artifact_prefix={artifacts}/{target}-", *inputs],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        env={**os.environ, "TMPDIR": scratch, "UBSAN_OPTIONS": "print_stacktrace=1"})
    with open(os.path.join(build, f"fuzz_{target}.log"), "w") as log:
        log.write(done.stdout)
    return done.stdout, done.returncode == 0


# ---- What came of it ----

def last(pattern, log):
    found = re.findall(pattern, log)
    return found[-1] if found else "0"


def row(target, log, well):
    edges = int(last(r" cov: (\d+)", log))
    total = int(last(r"\((\d+) inline 8-bit counters\)", log))
    size = int(last(r" corp: (\d+)/", log))
    runs = int(last(r"number_of_executed_units:\s*(\d+)", log))
    rate = int(last(r"average_exec_per_sec:\s*(\d+)", log))
    return [target, runs, rate, f"{edges} of {total}", size, 0 if well else 1]


def print_table(rows, heads):
    widths = [max(len(str(r[i])) for r in [heads] + rows) for i in range(len(heads))]
    for cells in [heads] + rows:
        print("  ".join(str(c).ljust(w) if i == 0 else str(c).rjust(w)
                        for i, (c, w) in enumerate(zip(cells, widths))))


def print_failure(target, log):
    print(f"\n{target}: failed")
    lines = log.splitlines()
    begin = next((i for i, line in enumerate(lines)
                  if "does not hold" in line or "ERROR: " in line or "runtime error" in line),
                 max(0, len(lines) - 30))
    print("\n".join(line[:200] for line in lines[begin:begin + 30]))
    for path in re.findall(r"Test unit written to (.+)", log):
        print(f"{target}: the input is kept: {path}")
        with open(path, "rb") as unit:
            print(f"{target}: in base64: {base64.b64encode(unit.read()).decode()}")


# ---- Lines ----

def lines_run(build, fuzzed, target):
    """Lines of the target's files that all its inputs run: "90 of 100"."""
    for folder, _, names in os.walk(build):
        for name in names:
            if name.endswith(".gcda"):
                os.remove(os.path.join(folder, name))
    subprocess.run([program(build, target), *corpora(fuzzed, target)], stdout=subprocess.DEVNULL,
                   check=True)
    report = subprocess.run(["gcovr", "--root", ROOT, "--filter", ABOUT[target], "--json-summary",
                             "-", build], stdout=subprocess.PIPE, check=True)
    summary = json.loads(report.stdout)
    return f"{summary['line_covered']} of {summary['line_total']}"


# ---- All of it ----

def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)  # 0: another way each time
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--lines")
    return parser.parse_args()


def main():
    given = options()
    heads = ["target", "executions", "per second", "edges", "corpus", "crashes"]
    scratch = tempfile.mkdtemp(prefix="mailslot-fuzz-", dir="/dev/shm")
    try:
        with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
            logs = list(pool.map(lambda target: run(given.build, target, given.seconds, given.seed,
                                                    scratch), targets()))
    finally:
        shutil.rmtree(scratch)
    rows = [row(target, *log) for target, log in zip(targets(), logs)]
    if given.lines:
        heads.append("lines")
        for cells in rows:
            cells.append(lines_run(given.lines, given.build, cells[0]))
    print_table(rows, heads)
    for target, (log, well) in zip(targets(), logs):
        if not well:
            print_failure(target, log)
    sys.exit(1 if any(not well for _, well in logs) or any(r[1] == 0 for r in rows) else 0)


if __name__ == "__main__":
    main()
