#!/usr/bin/python3 -B
"""The program that Google's conformance runner tests: libmailslot's Protobuf codec and JSON.

The runner writes a ConformanceRequest to standard input and reads a ConformanceResponse, each after
its length in four little-endian bytes. Every payload goes through `convert`, which puts it into a
mailslot with the public API and gets it again. One `convert` runs for each type and direction.

Environment: MAILSLOT_CONVERT (the program), MAILSLOT_CONFORMANCE_PROTO (the folder with the
schemas), PYTHONPATH with conformance_pb2.
"""
import os
import struct
import subprocess
import sys
import tempfile

import conformance_pb2 as pb

SCHEMAS = {
    "protobuf_test_messages.proto3.TestAllTypesProto3": "google/protobuf/test_messages_proto3.proto",
    "protobuf_test_messages.proto2.TestAllTypesProto2": "google/protobuf/test_messages_proto2.proto",
}


class Converter:
    """One running `convert`: a line in, a line out."""

    def __init__(self, message_type, direction):
        self.directory = tempfile.TemporaryDirectory()
        schema = os.path.join(os.environ["MAILSLOT_CONFORMANCE_PROTO"], SCHEMAS[message_type])
        self.process = subprocess.Popen(
            [os.environ["MAILSLOT_CONVERT"], "protobuf:" + message_type, direction, schema],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "MAILSLOT_DIR": self.directory.name})

    def __call__(self, line):
        """Returns (answer, None) or (None, why)."""
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise EOFError("convert ended")
        answer = answer.rstrip(b"\n")
        if answer.startswith(b"error "):
            return None, answer.decode(errors="replace")
        return answer, None


CONVERTERS = {}


def convert(message_type, direction, line):
    key = message_type, direction
    if key not in CONVERTERS:
        CONVERTERS[key] = Converter(message_type, direction)
    return CONVERTERS[key](line)


def on_one_line(json):
    """The runner's JSON may span lines; a raw newline stands only between tokens of valid JSON."""
    return json.encode("utf-8", "surrogateescape").replace(b"\n", b" ").replace(b"\r", b" ")


def answer(request):
    response = pb.ConformanceResponse()
    payload = request.WhichOneof("payload")
    wanted = request.requested_output_format
    if request.message_type not in SCHEMAS and request.message_type:
        response.protobuf_payload = b""  # the runner asks for its list of known failures
        return response
    if payload not in ("protobuf_payload", "json_payload"):
        response.skipped = "only the binary format and JSON are implemented"
        return response
    if wanted not in (pb.PROTOBUF, pb.JSON):
        response.skipped = "only the binary format and JSON are implemented"
        return response
    if request.test_category == pb.JSON_IGNORE_UNKNOWN_PARSING_TEST:
        response.skipped = "unknown JSON fields are an error; nothing ignores them"
        return response
    if payload == "protobuf_payload":
        encoded, why = convert(request.message_type, "again", request.protobuf_payload.hex().encode())
    else:
        encoded, why = convert(request.message_type, "from-json", on_one_line(request.json_payload))
    if why:
        response.parse_error = why
    elif wanted == pb.PROTOBUF:
        response.protobuf_payload = bytes.fromhex(encoded.decode())
    else:
        json, why = convert(request.message_type, "to-json", encoded)
        if why:
            response.serialize_error = why
        else:
            response.json_payload = json.decode()
    return response


def read_exactly(count):
    data = sys.stdin.buffer.read(count)
    return data if len(data) == count else None


def main():
    while (head := read_exactly(4)) is not None:
        body = read_exactly(struct.unpack("<I", head)[0])
        response = answer(pb.ConformanceRequest.FromString(body)).SerializeToString()
        sys.stdout.buffer.write(struct.pack("<I", len(response)) + response)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
