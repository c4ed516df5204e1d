"""Schemas loaded at run time, against python3-protobuf: for schemas made up at random and those that
lie in this source tree, messages are passed through, shown as JSON and made from JSON, and must be
what Python says they are.

Usage: schemas_test.py CONVERT PROTOC [--schemas N] [--messages N] [--seed N]
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

from harness.skipping import skip
from harness.tally import Tally

try:
    from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
except ImportError:
    skip("python3-protobuf is not installed")
from schema_maker import Filler, Maker

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WRITTEN = ["proto/trace.proto", "tests/tools/all_types.proto", "tests/tools/old_types.proto",
           "tests/codecs/test2.proto", "tests/codecs/test3.proto"]


def write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def make_schema(directory, number, rng):
    """A schema that imports another one; half of the pairs mix proto2 and proto3. An enum of proto2
    is nothing that proto3 may use, so what it imports are messages then."""
    inner = Maker(rng, rng.choice([2, 3]), rng.choice(["", "dep", "dep.deeper"]))
    write(directory, f"dep{number}.proto", inner.text())
    outer = Maker(rng, rng.choice([2, 3]), rng.choice(["", "main", "main.v1"]) or f"p{number}",
                  [f"dep{number}.proto"],
                  [(name, sort) for name, sort in inner.types
                   if name in inner.own and (sort == "message" or inner.proto == 3)])
    return write(directory, f"main{number}.proto", outer.text())


class Schema:
    """A .proto file, and Python's classes for the message types in it and in what it imports."""

    def __init__(self, protoc, path, directory):
        self.path = path
        self.compiled = os.path.join(directory, os.path.basename(path) + ".desc")
        done = subprocess.run([protoc, f"-I{os.path.dirname(path)}", "--include_imports",
                               f"--descriptor_set_out={self.compiled}", path],
                              stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        with open(self.compiled, "rb") as file:
            files = descriptor_pb2.FileDescriptorSet.FromString(file.read()).file
        pool = descriptor_pool.DescriptorPool()
        for file in files:
            pool.Add(file)
        factory = message_factory.MessageFactory(pool)
        self.classes = []
        for file in files:
            for message in pool.FindFileByName(file.name).message_types_by_name.values():
                self.add(factory, message)

    def add(self, factory, message):
        if not message.GetOptions().map_entry and message.full_name != "google.protobuf.Any":
            self.classes.append(factory.GetPrototype(message))
        for nested in message.nested_types:
            self.add(factory, nested)


class Convert:
    """The convert program with a schema."""

    def __init__(self, program, slots):
        self.program, self.slots = program, slots

    def ask(self, schema, kind, direction, lines):
        spec = "protobuf:" + kind.DESCRIPTOR.full_name
        done = subprocess.run([self.program, spec, direction, schema], text=True,
                              input="".join(line + "\n" for line in lines),
                              stdout=subprocess.PIPE, timeout=300, check=True,
                              env={**os.environ, "MAILSLOT_DIR": self.slots})
        answers = done.stdout.split("\n")[:-1]
        assert len(answers) == len(lines), (len(answers), len(lines))
        return answers


def wire(message):
    return message.SerializeToString(deterministic=True)


def same(a, b):
    """Equality of JSON values that tells 1 from true; the order of members is no matter."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def again(kind, answer):
    """What Python makes of an answer in hex."""
    return answer if answer.startswith("error") else wire(kind.FromString(bytes.fromhex(answer)))


def parse(kind, text):
    try:
        return wire(json_format.Parse(text, kind()))
    except json_format.ParseError as error:
        return str(error)


def check_class(tally, convert, schema, source, kind, messages):
    name = f"{os.path.basename(source)} {kind.DESCRIPTOR.full_name}"
    wires = [wire(message) for message in messages]
    hexes = [data.hex() for data in wires]
    for data, answer in zip(hexes, convert.ask(source, kind, "again", hexes)):
        tally.same("binary: the bytes that Python wrote come out again", data, answer, name)
    shown = convert.ask(source, kind, "to-json", hexes)
    for message, data, text in zip(messages, wires, shown):
        expected = json.loads(json_format.MessageToJson(message))
        good = not text.startswith("error") and same(json.loads(text), expected)
        tally.check("JSON: shown as Python shows it", good, name, text, expected)
        tally.same("JSON: Python reads what is shown", data, parse(kind, text), (name, text))
    styles = [{}, {"preserving_proto_field_name": True}, {"use_integers_for_enums": True}]
    texts = [json_format.MessageToJson(message, indent=None, **styles[i % len(styles)])
             for i, message in enumerate(messages)]
    for data, text, answer in zip(wires, texts, convert.ask(source, kind, "from-json", texts)):
        tally.same("JSON: what Python shows is read", data, again(kind, answer), (name, text))
    for data, text, answer in zip(wires, shown, convert.ask(source, kind, "from-json", shown)):
        tally.same("JSON: what is shown is read", data, again(kind, answer), (name, text))


def check_schema(tally, convert, schema, count, rng, well_known):
    """well_known: those of google.protobuf that were checked, which are the same everywhere."""
    filler = Filler(rng)
    for i, kind in enumerate(schema.classes):
        if kind.DESCRIPTOR.full_name in well_known:
            continue
        if kind.DESCRIPTOR.full_name.startswith("google.protobuf."):
            well_known.add(kind.DESCRIPTOR.full_name)
        # Once by way of protoc, from then on by the descriptor set: it is the slower way.
        source = schema.path if i == len(schema.classes) - 1 else schema.compiled
        messages = [kind()] + [filler.fill(kind()) for _ in range(count - 1)]
        messages = [message for message in messages if message.IsInitialized()]
        if kind.DESCRIPTOR.full_name == "google.protobuf.Value":
            messages = messages[1:]  # Python shows an empty Value as nothing at all
        if messages:
            check_class(tally, convert, schema, source, kind, messages)
            tally.check("message types", True)
    tally.check("schemas", True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("convert")
    parser.add_argument("protoc")
    parser.add_argument("--schemas", type=int, default=32)
    parser.add_argument("--messages", type=int, default=12, help="of each type")
    parser.add_argument("--seed", type=int, default=20261122)
    options = parser.parse_args()
    tally, rng = Tally(), random.Random(options.seed)
    directory = tempfile.mkdtemp(prefix="mailslot-test-", dir="/dev/shm")
    try:
        paths = [os.path.join(ROOT, name) for name in WRITTEN]
        paths += [make_schema(directory, i, rng) for i in range(options.schemas)]
        convert = Convert(options.convert, directory)
        well_known = set()
        for path in paths:
            check_schema(tally, convert, Schema(options.protoc, path, directory),
                         options.messages, rng, well_known)
    finally:
        shutil.rmtree(directory)
    tally.finish()


if __name__ == "__main__":
    main()
