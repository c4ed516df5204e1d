"""--schema and MAILSLOT_SCHEMA_PATH: where schemas come from, and what becomes of those that are
wrong. What their messages look like is compared with Python's in tests/interop/schemas_test.py."""

import json
import os
import shutil
import subprocess
import unittest

from harness.tool import ERROR, USAGE, ToolTest

PROTOC = os.environ["MAILSLOT_PROTOC"]

ORDER = """syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "parts/item.proto";
message Order {
  int32 id = 1;
  google.protobuf.Timestamp at = 2;
  map<string, parts.Item> items = 3;
}
"""
ITEM = 'syntax = "proto3"; package parts; message Item { uint32 count = 1; }'
VALUE = '{"id":7,"at":"2024-02-29T12:00:00.500Z","items":{"nail":{"count":100}}}'


class SchemaTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.env.pop("MAILSLOT_SCHEMA_PATH", None)
        self.write("protos/order.proto", ORDER)
        self.write("protos/parts/item.proto", ITEM)

    def write(self, name, content):
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb" if isinstance(content, bytes) else "w") as file:
            file.write(content)
        return path

    def path(self, name):
        return os.path.join(self.directory, name)

    def compile(self, name, *options):
        out = self.path(name + ".desc")
        subprocess.run([PROTOC, "-I" + self.path("protos"), f"--descriptor_set_out={out}",
                        *options, self.path("protos/" + name)], check=True)
        return out

    def codecs(self, *arguments):
        result = self.run_tool("codecs", *arguments)
        self.assert_done(result)
        return result.out.decode().split()

    def assert_schema(self, *arguments):
        self.assertIn("protobuf:shop.Order", self.codecs(*arguments))

    def refused(self, *words, schema="protos/bad.proto"):
        for verb in (["codecs"], ["send", "x", "1"], ["listen", "x"]):
            result = self.run_tool(*verb, "--schema", self.path(schema))
            self.assert_fails(result, ERROR, *words)
            self.assertEqual(result.out, b"")


class Sources(SchemaTest):
    def test_messages_travel_by_a_proto_file(self):
        options = ["--schema", self.path("protos/order.proto"), "--codec", "protobuf:shop.Order"]
        out = self.roundtrip([VALUE], *options)
        self.assertEqual(json.loads(out), json.loads(VALUE))

    def test_messages_travel_by_a_descriptor_set(self):
        compiled = self.compile("order.proto", "--include_imports")
        out = self.roundtrip([VALUE], f"--schema={compiled}", "--codec", "protobuf:shop.Order")
        self.assertEqual(json.loads(out), json.loads(VALUE))

    def test_without_imports_a_set_has_the_well_known_types_all_the_same(self):
        self.write("protos/time.proto", ORDER.replace('import "parts/item.proto";\n', "")
                   .replace("parts.Item", "string"))
        self.assert_schema("--schema", self.compile("time.proto"))

    def test_several_schemas_may_have_imports_in_common(self):
        self.write("protos/other.proto", ORDER.replace("package shop", "package other"))
        codecs = self.codecs("--schema", self.path("protos/order.proto"), "--schema",
                             self.path("protos/other.proto"), "--schema",
                             self.path("protos/order.proto"))
        for name in ("shop.Order", "other.Order", "parts.Item"):
            self.assertEqual(codecs.count("protobuf:" + name), 1)

    def test_a_schema_may_have_a_trace_event_of_its_own(self):
        self.write("protos/trace.proto", 'syntax = "proto3"; package trace; '
                                         'message Event { bool mine = 1; }')
        out = self.roundtrip(['{"mine":true}'], "--schema", self.path("protos/trace.proto"),
                             "--codec", "protobuf:trace.Event")
        self.assertEqual(out, b'{"mine":true}\n')

    def test_names_that_look_like_something_else(self):
        for name in ("-I.proto", "@order.proto", "or der.proto", "$(touch x).proto", "a:b.proto"):
            self.write("protos/" + name, 'syntax = "proto3"; message M {}')
            for directory, given in ((self.directory, "protos/" + name),
                                     (self.path("protos"), name)):
                result = self.run_tool("codecs", "--schema=" + given, cwd=directory)
                self.assert_done(result)
                self.assertIn(b"protobuf:M\n", result.out)
        self.assertNotIn("x", os.listdir(self.directory))

    def test_proto_files_need_none_of_protoc_s_own(self):
        """protoc finds its own files beside itself or in /usr/include; a copy elsewhere does not."""
        place = self.path("bin/protoc")
        os.makedirs(os.path.dirname(place))
        shutil.copy(PROTOC, place)
        self.env["PATH"] = os.path.dirname(place)
        self.assert_schema("--schema", self.path("protos/order.proto"))


class Path(SchemaTest):
    def test_folders_have_schemas_and_imports(self):
        self.env["MAILSLOT_SCHEMA_PATH"] = f"/nonexistent::{self.path('protos')}:"
        self.assert_schema("--schema", "order.proto")
        self.assertIn("protobuf:parts.Item", self.codecs("--schema", "parts/item.proto"))
        os.rename(self.path("protos/order.proto"), self.path("order.proto"))
        self.assert_schema("--schema", self.path("order.proto"))
        del self.env["MAILSLOT_SCHEMA_PATH"]
        self.assert_fails(self.run_tool("codecs", "--schema", "order.proto"), ERROR, "order.proto",
                          "No such file")

    def test_a_file_beside_the_caller_comes_first(self):
        self.write("here/order.proto", 'syntax = "proto3"; message Here {}')
        self.env["MAILSLOT_SCHEMA_PATH"] = self.path("protos")
        result = self.run_tool("codecs", "--schema", "order.proto", cwd=self.path("here"))
        self.assert_done(result)
        self.assertIn(b"protobuf:Here\n", result.out)

    def test_schemas_in_it_are_loaded(self):
        compiled = self.path("item.desc")
        subprocess.run([PROTOC, "-I" + self.path("protos"), f"--descriptor_set_out={compiled}",
                        "parts/item.proto"], check=True)
        self.env["MAILSLOT_SCHEMA_PATH"] = f"{self.path('protos/order.proto')}:{compiled}"
        codecs = self.codecs()
        self.assertIn("protobuf:shop.Order", codecs)
        self.assertEqual(codecs.count("protobuf:parts.Item"), 1)
        out = self.roundtrip(['{"count":3}'], "--codec", "protobuf:parts.Item")
        self.assertEqual(out, b'{"count":3}\n')

    def test_a_schema_in_it_that_is_not_there_is_an_error(self):
        self.env["MAILSLOT_SCHEMA_PATH"] = "/nonexistent/a.proto"
        self.assert_fails(self.run_tool("codecs"), ERROR, "/nonexistent/a.proto", "No such file")
        result = self.run_tool("send", "x", "{}", "--codec", "protobuf:trace.Event")
        self.assert_fails(result, ERROR, "/nonexistent/a.proto", "No such file")

    def test_who_sends_text_does_not_wait_for_it(self):
        self.env["MAILSLOT_SCHEMA_PATH"] = "/nonexistent/a.proto"
        self.assertEqual(self.roundtrip(["text"]), b"text\n")


class Refused(SchemaTest):
    def test_a_file_that_is_not_there(self):
        self.refused("bad.proto", "No such file")
        self.refused("bad.desc", "No such file", schema="protos/bad.desc")
        self.refused("protos", schema="protos")

    def test_what_protoc_refuses_is_told_in_its_words(self):
        self.write("protos/bad.proto", 'syntax = "proto3";\nmessage M { nope a = 1; int32 b = 0; }')
        self.refused("protoc refuses it: bad.proto:2:", '"nope" is not defined', "; bad.proto:2:")

    def test_an_import_that_is_not_there(self):
        self.write("protos/bad.proto", 'syntax = "proto3"; import "gone.proto"; message M {}')
        self.refused("gone.proto", "not found")

    def test_a_very_long_complaint_is_cut(self):
        fields = " ".join(f"nope{i} f{i} = {i + 1};" for i in range(500))
        self.write("protos/bad.proto", f'syntax = "proto3"; message M {{ {fields} }}')
        self.refused("protoc refuses it: bad.proto:1:")

    def test_without_protoc_it_says_what_to_do(self):
        self.env["PATH"] = "/nonexistent"
        self.refused("order.proto", "protoc", "not installed", "protobuf-compiler",
                     "descriptor set", schema="protos/order.proto")

    def test_a_file_that_is_no_descriptor_set(self):
        self.write("protos/bad.desc", b"\x7fELF\0\0")
        self.refused("bad.desc", "not a descriptor set", schema="protos/bad.desc")
        compiled = self.compile("order.proto", "--include_imports")
        with open(compiled, "rb") as file:
            content = file.read()
        self.write("protos/cut.desc", content[:-1])
        self.refused("cut.desc", "not a descriptor set", schema="protos/cut.desc")

    def test_groups_are_loaded_and_make_no_field(self):
        self.write("protos/group.proto", 'syntax = "proto2"; package p; message M { '
                                         'optional group Inner = 1 { optional int32 a = 1; } }')
        listed = self.run_tool("codecs", "--schema", self.path("protos/group.proto"))
        self.assert_done(listed)
        self.assertIn(b"protobuf:p.M\n", listed.out)
        refused = self.run_tool("send", "x", "--codec", "protobuf:p.M", "--schema",
                                self.path("protos/group.proto"), '{"inner":{"a":1}}')
        self.assertNotEqual(refused.status, 0)

    def test_an_import_that_a_set_lacks_is_named(self):
        self.refused("order.proto: shop.Order.ItemsEntry.value: the type parts.Item is in neither",
                     schema=os.path.basename(self.compile("order.proto")))

    def test_two_types_of_one_name(self):
        self.write("protos/bad.proto", ORDER.replace("int32 id", "int64 id"))
        result = self.run_tool("codecs", "--schema", self.path("protos/order.proto"),
                               "--schema", self.path("protos/bad.proto"))
        self.assert_fails(result, ERROR, "bad.proto", 'already has a codec "protobuf:shop.Order"')

    def test_usage(self):
        self.assert_fails(self.run_tool("codecs", "--schema"), USAGE, "--schema needs a value")
        self.assert_fails(self.run_tool("codecs", *["--schema=x"] * 65), USAGE,
                          "--schema is given more than 64 times")
        result = self.run_tool("send", "x", "1", "--codec", "protobuf:shop.Nope", "--schema",
                               self.path("protos/order.proto"))
        self.assert_fails(result, USAGE, 'no codec "protobuf:shop.Nope"', "protobuf:shop.Order")


class WellKnown(SchemaTest):
    """JSON that Python does not make, and what is refused; the rest is compared with it."""

    def setUp(self):
        super().setUp()
        names = [("Timestamp", "timestamp"), ("Duration", "duration"), ("FieldMask", "field_mask"),
                 ("Value", "struct"), ("Int32Value", "wrappers"), ("Any", "any")]
        lines = ['syntax = "proto3"; package p;']
        lines += [f'import "google/protobuf/{file}.proto";' for _, file in names]
        fields = [f"google.protobuf.{name} {name.lower()} = {i};"
                  for i, (name, _) in enumerate(names, 1)]
        lines.append(f"message M {{ {' '.join(fields)} repeated google.protobuf.Value values = 9; }}")
        self.options = ["--codec", "protobuf:p.M", "--schema",
                        self.write("protos/m.proto", "\n".join(lines))]

    def check(self, *pairs):
        out = self.roundtrip([text for text, _ in pairs], *self.options)
        self.assertEqual(out.decode().splitlines(), [shown for _, shown in pairs])

    def check_refused(self, *texts):
        listener = self.listen("refused", *self.options)
        for text in texts:
            result = self.run_tool("send", "refused", *self.options, "--", text)
            self.assert_fails(result, ERROR, text[2:text.index('"', 2)])
        self.assertEqual(listener.end().out, b"")

    def test_times(self):
        self.check(*((f'{{"timestamp":"{text}"}}', f'{{"timestamp":"{shown}"}}') for text, shown in [
            ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
            ("2024-03-01T01:00:00+01:30", "2024-02-29T23:30:00Z"),
            ("1969-12-31T18:00:00.1-06:00", "1970-01-01T00:00:00.100Z"),
            ("0001-01-01T00:00:00.000000001Z", "0001-01-01T00:00:00.000000001Z"),
            ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z")]))
        self.check_refused(*(f'{{"timestamp":{text}}}' for text in [
            '"2023-02-29T00:00:00Z"', '"2024-13-01T00:00:00Z"', '"2024-00-01T00:00:00Z"',
            '"2024-01-01T24:00:00Z"', '"2024-01-01T00:60:00Z"', '"2024-01-01T00:00:60Z"',
            '"2024-01-01 00:00:00Z"', '"2024-01-01T00:00:00"', '"2024-01-01T00:00:00z"',
            '"2024-01-01T00:00:00.Z"', '"2024-01-01T00:00:00.0000000001Z"',
            '"2024-1-01T00:00:00Z"', '"2024-01-01T00:00:00Z "', '"2024-01-01T00:00:00+24:00"',
            '"0000-01-01T00:00:00Z"', '"0001-01-01T00:00:00+00:01"',
            '"9999-12-31T23:59:59-00:01"', '""', "5", "{}"]))

    def test_durations(self):
        self.check(*((f'{{"duration":"{text}"}}', f'{{"duration":"{shown}"}}') for text, shown in [
            ("0s", "0s"), ("-0.5s", "-0.500s"), ("1.00034s", "1.000340s"), ("00s", "0s"),
            ("315576000000s", "315576000000s"), ("-315576000000.000000001s",) * 2]))
        self.check_refused(*(f'{{"duration":{text}}}' for text in [
            '"1"', '"s"', '".5s"', '"1.s"', '"1.0000000001s"', '"+1s"', '"--1s"', '"1 s"', '" 1s"',
            '"315576000001s"', '"9999999999999s"', '"1s "', "1", '"1e3s"']))

    def test_masks(self):
        self.check(('{"fieldmask":""}', '{"fieldmask":""}'),
                   ('{"fieldmask":"a,bC.dE"}', '{"fieldmask":"a,bC.dE"}'))
        self.check_refused('{"fieldmask":"a_b"}', '{"fieldmask":["a"]}', '{"fieldmask":1}')

    def test_values(self):
        self.check(('{"value":null}', '{"value":null}'), ('{"value":1}', '{"value":1.0}'),
                   ('{"values":[null,{"a":[]},"x",true]}', '{"values":[null,{"a":[]},"x",true]}'),
                   ('{"values":null,"int32value":null}', "{}"))
        self.check_refused('{"int32value":"x"}', '{"int32value":{"value":1}}', '{"values":{}}')

    def test_a_value_nested_too_deep(self):
        self.check_refused('{"value":' + "[" * 16 + "]" * 16 + "}")

    def test_an_any_is_shown_as_it_is(self):
        self.check(('{"any":{"typeUrl":"x/p.M","value":"AAE="}}',) * 2)

    def test_what_has_no_form_is_told(self):
        """By bytes: seconds and nanoseconds out of range, a path, a number that JSON lacks."""
        listener = self.listen("formless", *self.options)
        for data in (b"\x0a\x02\x10\x7f", b"\x0a\x06\x10\x80\x94\xeb\xdc\x03",
                     b"\x12\x0d\x08\x01\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
                     b"\x1a\x03\x0a\x01A", b"\x22\x09\x11\0\0\0\0\0\0\xf0\x7f"):
            self.assert_done(self.run_tool("send", "formless", "--raw-file", "-", stdin=data))
        result = listener.end()
        lines = result.err.splitlines()
        self.assertEqual(result.out, b'{"timestamp":"1970-01-01T00:00:00.000000127Z"}\n')
        self.assertEqual(len(lines), 4, lines)
        for line, words in zip(lines, ("timestamp: 0 s and 1000000000 ns", "duration: 1 s and -1 ns",
                                       "fieldmask: a path", "value: NaN and infinity")):
            self.assertIn(words, line)


if __name__ == "__main__":
    unittest.main()
