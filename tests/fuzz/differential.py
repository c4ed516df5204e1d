"""What the differential tests share: inputs from a corpus and mutants of them, for a while.

Usage: differential_WHAT.py HELPER [PROTOC DIRECTORY PROTO...] [--seconds N] [--seed N]
"""

import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", folder) for folder in ("support", "interop")]

BATCH = 1000
INTERESTING = [0, 1, 0x7F, 0x80, 0xFF]


def options(arguments):
    """What is left of the arguments, and the options by name."""
    rest, named = [], {"--seconds": 5.0, "--seed": time.time_ns() % 2**32}
    while arguments:
        argument = arguments.pop(0)
        if argument in named:
            named[argument] = type(named[argument])(arguments.pop(0))
        else:
            rest.append(argument)
    return rest, named["--seconds"], named["--seed"]


def corpus(name):
    folder = os.path.join(HERE, "corpus", name)
    seeds = []
    for entry in sorted(os.listdir(folder)):
        with open(os.path.join(folder, entry), "rb") as file:
            seeds.append(file.read())
    return seeds


# ---- Mutants ----

def flip(rng, data, _):
    at = rng.randrange(len(data))
    data[at] ^= 1 << rng.randrange(8)


def replace(rng, data, _):
    data[rng.randrange(len(data))] = rng.choice(INTERESTING + [rng.randrange(256)])


def step(rng, data, _):
    at = rng.randrange(len(data))
    data[at] = (data[at] + rng.choice([-1, 1])) % 256


def erase(rng, data, _):
    at = rng.randrange(len(data))
    del data[at:at + rng.choice([1, 1, 2, 5, 20])]


def repeat(rng, data, _):
    at = rng.randrange(len(data))
    part = data[at:at + rng.choice([1, 2, 4, 10])]
    data[at:at] = part * rng.choice([1, 2, 40])


def insert(rng, data, _):
    data[rng.randrange(len(data)):0] = bytes([rng.choice(INTERESTING), rng.randrange(256)])


def splice(rng, data, seeds):
    other = rng.choice(seeds)
    begin = rng.randrange(len(other) + 1)
    at = rng.randrange(len(data))
    data[at:at + rng.choice([0, len(data)])] = other[begin:begin + 50]


def mutant(rng, seeds):
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.choice([0, 1, 1, 2, 3, 6])):
        if data:
            rng.choice([flip, replace, step, erase, repeat, insert, splice])(rng, data, seeds)
    return bytes(data[:4000])


def batches(seeds, seconds, seed):
    """The seeds, then mutants of them until the time is over."""
    print(f"{len(seeds)} seeds, {seconds:g} seconds, --seed {seed}")
    rng = random.Random(seed)
    end = time.monotonic() + seconds
    yield list(seeds)
    while time.monotonic() < end:
        yield [mutant(rng, seeds) for _ in range(BATCH)]
