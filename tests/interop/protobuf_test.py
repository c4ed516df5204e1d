"""Protocol Buffers as python3-protobuf writes and reads them, against the library's codec.

Usage: protobuf_test.py HELPER PROTOC DIRECTORY PROTO...
The schemas are compiled to DIRECTORY.
"""

import importlib
import os
import random
import struct
import subprocess
import sys

from harness.skipping import skip
from harness.tally import Tally, ask, tohex, unhex

try:
    from google.protobuf.descriptor import FieldDescriptor as Field
    from google.protobuf.message import DecodeError
except ImportError:
    skip("python3-protobuf is not installed")


def compile_schemas(protoc, directory, protos):
    os.makedirs(directory, exist_ok=True)
    for proto in protos:
        subprocess.run([protoc, f"-I{os.path.dirname(proto)}", f"--python_out={directory}", proto],
                       check=True)
    sys.path.insert(0, directory)
    names = [os.path.basename(p).replace(".proto", "_pb2") for p in protos]
    return [importlib.import_module(name) for name in names]


# ---- Values ----

def rand_int(rng, low, high):
    edges = [low, high, 0, 1]
    return rng.choice(edges + [rng.randint(low, high), max(low, min(high, rng.getrandbits(7)))])


def rand_scalar(rng, field):
    kind = field.cpp_type
    if kind == Field.CPPTYPE_INT32:
        return rand_int(rng, -(2**31), 2**31 - 1)
    if kind == Field.CPPTYPE_INT64:
        return rand_int(rng, -(2**63), 2**63 - 1)
    if kind == Field.CPPTYPE_UINT32:
        return rand_int(rng, 0, 2**32 - 1)
    if kind == Field.CPPTYPE_UINT64:
        return rand_int(rng, 0, 2**64 - 1)
    if kind == Field.CPPTYPE_DOUBLE:
        return rng.choice([0.0, -1.5, 1e300, float("inf"), rng.uniform(-1, 1)])
    if kind == Field.CPPTYPE_FLOAT:
        return rng.choice([0.0, -1.5, 2.0**100, float("-inf")])
    if kind == Field.CPPTYPE_BOOL:
        return rng.random() < 0.5
    if kind == Field.CPPTYPE_ENUM:
        return rng.choice(field.enum_type.values).number
    if field.type == Field.TYPE_STRING:
        return "".join(chr(rng.choice([97, 0xE9, 0x20AC, 0x1F4EB])) for _ in range(rng.randrange(9)))
    return rng.randbytes(rng.randrange(9))


def is_map(field):
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def fill_map(rng, field, container, depth, most):
    key, value = field.message_type.fields
    for _ in range(rng.randint(0, most)):
        if value.message_type is not None:
            fill(rng, container[rand_scalar(rng, key)], depth + 1, most)
        else:
            container[rand_scalar(rng, key)] = rand_scalar(rng, value)


def fill_repeated(rng, field, container, depth, most):
    for _ in range(rng.randrange(4)):
        if field.message_type is not None:
            fill(rng, container.add(), depth + 1, most)
        else:
            container.append(rand_scalar(rng, field))


def fill(rng, message, depth=0, most=1):
    """Sets fields at random, required ones always; maps get at most that many entries."""
    message.SetInParent()
    for field in message.DESCRIPTOR.fields:
        required = field.label == Field.LABEL_REQUIRED
        if not required and (rng.random() < 0.4 or (field.message_type and depth > 4)):
            continue
        if is_map(field):
            fill_map(rng, field, getattr(message, field.name), depth, most)
        elif field.label == Field.LABEL_REPEATED:
            fill_repeated(rng, field, getattr(message, field.name), depth, most)
        elif field.message_type is not None:
            fill(rng, getattr(message, field.name), depth + 1, most)
        else:
            setattr(message, field.name, rand_scalar(rng, field))


# ---- The helper's notation ----

def show_value(field, value):
    if field.message_type is not None:
        return show(value)
    if field.type == Field.TYPE_FLOAT:
        return struct.pack(">f", value).hex()
    if field.type == Field.TYPE_DOUBLE:
        return struct.pack(">d", value).hex()
    if field.type == Field.TYPE_STRING:
        return tohex(value.encode())
    if field.type == Field.TYPE_BYTES:
        return tohex(value)
    return str(int(value))


def show_entry(field, key, value):
    """A map's entry is a message of two fields; Python writes both, zero or not."""
    text = ""
    for part, content in zip(field.message_type.fields, (key, value)):
        zero = part.message_type is None and not content
        text += "" if zero else f"{part.number}={show_value(part, content)};"
    return "{" + text + "}"


def show(message):
    text = ""
    for field, value in sorted(message.ListFields(), key=lambda pair: pair[0].number):
        if is_map(field):
            shown = [show_entry(field, k, value[k]) for k in value]
        elif field.label == Field.LABEL_REPEATED:
            shown = [show_value(field, v) for v in value]
        else:
            shown = [show_value(field, value)]
        text += "".join(f"{field.number}={s};" for s in shown)
    return "{" + text + "}"


def parts_of(field, value):
    """The messages in a field."""
    if is_map(field):
        return value.values() if field.message_type.fields[1].message_type else []
    if field.message_type is None:
        return []
    return value if field.label == Field.LABEL_REPEATED else [value]


def any_map(message, holds):
    """Whether holds(map) for any map in the message, however deep."""
    return any((is_map(field) and holds(value))
               or any(any_map(part, holds) for part in parts_of(field, value))
               for field, value in message.ListFields())


def one_order(message):
    """Whether no map has two entries, whose order on the wire would be anybody's choice."""
    return not any_map(message, lambda entries: len(entries) > 1)


def one_form(message):
    """Whether no map has a zero in an entry, which Python writes out and protobuf-c leaves out."""
    zero = (0, False, "", b"")
    return not any_map(message, lambda entries: any(
        key in zero or entries[key] in zero for key in entries))


# ---- Checks ----

def check_messages(tally, helper, kind, rounds):
    """Python writes, the library reads and means the same, and writes what Python reads."""
    rng = random.Random(1)
    spec = "protobuf:" + kind.DESCRIPTOR.full_name
    messages = [kind() for _ in range(rounds)]
    for i, message in enumerate(messages):
        fill(rng, message, most=1 if i % 2 else 4)
    wires = [message.SerializeToString() for message in messages]
    answers = ask(helper, [f"{spec} {tohex(wire)}" for wire in wires])
    for message, wire, answer in zip(messages, wires, answers):
        check_one(tally, spec, kind, message, wire, answer)


def check_one(tally, spec, kind, message, wire, answer):
    about = f"{spec}: Python to C and back"
    tally.check(about, answer.startswith("ok "), answer, wire.hex())
    if not answer.startswith("ok "):
        return
    again, shown = answer[3:].split(" ", 1)
    tally.same(about, message, kind.FromString(unhex(again)), wire.hex())
    if one_order(message):
        tally.same(f"{spec}: same meaning", show(message), shown, wire.hex())
        if one_form(message):
            tally.same(f"{spec}: same bytes", tohex(wire), again)


def check_samples(tally, helper, test3, trace):
    """What C made, as Python understands it."""
    specs = ["protobuf:test3.Everything", "protobuf:trace.Event"]
    answers = ask(helper, ["sample " + spec for spec in specs])
    sample = test3.Everything.FromString(unhex(answers[0][3:]))
    about = "messages made in C"
    tally.same(about, 2**64 - 1, sample.scalars.u64)
    tally.same(about, -(2**63), sample.scalars.s64)
    tally.same(about, -(2**31), sample.scalars.sx32)
    tally.same(about, "\u20ac", sample.scalars.text)
    tally.same(about, b"\0\xff\0", sample.scalars.data)
    tally.same(about, test3.BELOW, sample.scalars.color)
    tally.same(about, [0, 1, -(2**31)], list(sample.lists.loose))
    tally.same(about, [0.0, float("-inf")], list(sample.lists.f64))
    tally.same(about, "tree", sample.choice.WhichOneof("kind"))
    tally.same(about, {"key": "value"}, dict(sample.maps.texts))
    event = trace.Event.FromString(unhex(answers[1][3:]))
    tally.same(about, 1763823600123456789, event.timestamp)
    tally.same(about, trace.SEVERITY_WARNING, event.severity)
    tally.same(about, "52044", event.attributes["port"])


def check_unknown(tally, helper, test3):
    """A reader with an old schema loses nothing that it does not know."""
    rng = random.Random(2)
    messages = [test3.Scalars() for _ in range(100)]
    for message in messages:
        fill(rng, message)
    wires = [tohex(message.SerializeToString()) for message in messages]
    answers = ask(helper, [f"protobuf:test3.Old {wire}" for wire in wires])
    for message, answer in zip(messages, answers):
        again = test3.Scalars.FromString(unhex(answer[3:].split(" ")[0]))
        tally.same("unknown fields survive", message, again, answer)


def check_refusals(tally, helper, kind):
    """What Python refuses to read, the library refuses too."""
    wrong = ["07", "0aff", "7201ff", "7203eda080", "0a", "09 00", "08", "78", "0e00",
             "b0 06 ffffffffffffffffffff01"]
    requests = ["protobuf:test3.Scalars " + w.replace(" ", "") for w in wrong]
    for request, answer in zip(requests, ask(helper, requests)):
        try:
            kind.FromString(unhex(request.split(" ")[1]))
            refused = False
        except DecodeError:
            refused = True
        tally.check("refused by both", refused and answer.startswith("err "), request, answer)


def main():
    helper, protoc, directory, *protos = sys.argv[1:]
    test2, test3, trace = compile_schemas(protoc, directory, protos)
    tally = Tally()
    for kind in (test3.Everything, test2.Required, test2.Optional, test2.Wide, trace.Event):
        check_messages(tally, helper, kind, 200)
    check_samples(tally, helper, test3, trace)
    check_unknown(tally, helper, test3)
    check_refusals(tally, helper, test3.Scalars)
    tally.finish()


if __name__ == "__main__":
    main()
