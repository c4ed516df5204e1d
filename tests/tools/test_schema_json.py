"""Messages of a schema as JSON and back, where schemas have what no compiled type has; the rest is
compared with Python's in tests/interop/schemas_test.py."""

import os
import unittest

from harness.tool import ERROR, ToolTest


class SchemaJsonTest(ToolTest):
    def schema(self, text, name="m.proto"):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return ["--codec", "protobuf:p.M", "--schema", path]

    def check(self, options, *pairs):
        """What is sent, and how it is shown."""
        out = self.roundtrip([text for text, _ in pairs], *options)
        self.assertEqual(out.decode().splitlines(), [shown for _, shown in pairs])

    def check_same(self, options, *texts):
        self.check(options, *((text, text) for text in texts))

    def check_refused(self, options, *pairs):
        """What is sent, and words of why it is not."""
        listener = self.listen("refused", *options)
        for text, words in pairs:
            self.assert_fails(self.run_tool("send", "refused", *options, "--", text), ERROR, words)
        self.assertEqual(listener.end().out, b"")

    def shown(self, options, *messages):
        """How messages look that come as bytes."""
        listener = self.listen("bytes", "--count", str(len(messages)), *options)
        for data in messages:
            self.assert_done(self.run_tool("send", "bytes", "--raw-file", "-", stdin=data))
        result = listener.finish()
        self.assert_done(result)
        return result.out.decode().splitlines()


class Enums(SchemaJsonTest):
    CLOSED = """syntax = "proto2"; package p;
        enum E { A = 1; LAST = 2147483647; LEAST = -2147483648; }
        message M { required E e = 1; repeated E many = 2; }"""

    def test_a_closed_enum_takes_no_number_that_was_not_declared(self):
        self.check_refused(self.schema(self.CLOSED), ('{"e":99}', "e: p.E has no value 99"),
                           ('{"e":"A","many":[1,0]}', "many[1]: p.E has no value 0"))

    def test_a_closed_enum_takes_the_numbers_that_were_declared(self):
        self.check(self.schema(self.CLOSED), ('{"e":1}', '{"e":"A"}'),
                   ('{"e":2147483647,"many":[-2147483648]}', '{"e":"LAST","many":["LEAST"]}'))

    def test_an_undeclared_number_that_comes_is_shown(self):
        self.assertEqual(self.shown(self.schema(self.CLOSED), b"\x08\x63\x10\x05"),
                         ['{"e":99,"many":[5]}'])

    def test_an_enum_is_as_open_as_the_file_that_has_it(self):
        self.schema('syntax = "proto3"; package p; enum E { A = 0; B = 1; }', "e.proto")
        self.check_same(self.schema("""syntax = "proto2"; package p; import "e.proto";
                                       message M { optional E e = 1; }"""), '{"e":99}')

    def test_null_is_null_whatever_its_number(self):
        options = self.schema("""syntax = "proto3"; package p;
                                 import "google/protobuf/struct.proto";
                                 message M { google.protobuf.NullValue n = 1;
                                             repeated google.protobuf.NullValue many = 2;
                                             map<int32, google.protobuf.NullValue> by_key = 3;
                                             google.protobuf.Value v = 4; }""")
        self.assertEqual(self.shown(options, b"\x08\x05", b"\x12\x02\x00\x07",
                                    b"\x1a\x04\x08\x01\x10\x05", b"\x22\x02\x08\x05"),
                         ['{"n":null}', '{"many":[null,null]}', '{"byKey":{"1":null}}',
                          '{"v":null}'])


class Names(SchemaJsonTest):
    def test_fields_that_would_have_one_name_have_those_of_the_schema(self):
        options = self.schema("""syntax = "proto2"; package p;
                                 message M { optional int32 foo_bar = 1; optional int32 fooBar = 2;
                                             optional int32 a_b = 3; optional int32 a__b = 4;
                                             optional int32 one_more = 5; }""")
        self.check_same(options, '{"foo_bar":1,"fooBar":2,"a_b":3,"a__b":4,"oneMore":5}')
        self.check_refused(options, ('{"aB":1}', 'p.M has no field "aB"'))

    def test_names_that_are_exchanged_are_each_one_s_own(self):
        options = self.schema("""syntax = "proto3"; package p;
                                 message M { int32 a = 1 [json_name = "b"];
                                             int32 b = 2 [json_name = "a"]; }""")
        self.check_same(options, '{"b":1,"a":2}')
        self.assertEqual(self.shown(options, b"\x08\x01\x10\x02"), ['{"b":1,"a":2}'])

    def test_a_value_without_a_name_of_its_own_is_not_lost_in_silence(self):
        options = self.schema("""syntax = "proto2"; package p;
                                 message M { optional int32 x_y = 1; optional int32 xY = 2;
                                             optional int32 z = 3 [json_name = "x_y"]; }""")
        self.assertEqual(self.shown(options, b"\x08\x01", b"\x18\x03"), ['{"x_y":1}', '{"x_y":3}'])
        listener = self.listen("lost", *options)
        self.assert_done(self.run_tool("send", "lost", "--raw-file", "-", stdin=b"\x08\x01\x18\x03"))
        result = listener.end()
        self.assertIn('z: in JSON p.M has another field of the name "x_y"', result.err)
        self.assertEqual(result.out, b"")


class MinusZero(SchemaJsonTest):
    def test_it_is_kept_where_zero_is_the_default(self):
        self.check_same(self.schema("""syntax = "proto3"; package p;
                                       import "google/protobuf/wrappers.proto";
                                       message M { float f = 1; double d = 2; In in = 3;
                                                   google.protobuf.DoubleValue w = 4; }
                                       message In { double d = 536870911; }"""),
                        '{"f":-0.0,"d":-0.0,"in":{"d":-0.0}}', '{"d":-0.0}', '{"w":-0.0}',
                        '{"in":{}}')


class AnyTest(SchemaJsonTest):
    SCHEMA = """syntax = "proto3"; package p;
        import "google/protobuf/any.proto"; import "google/protobuf/struct.proto";
        import "google/protobuf/empty.proto";
        message Inner { int32 number = 1; double d = 2; google.protobuf.Any any = 3; }
        message Odd { int32 number = 1 [json_name = "@type"]; }
        message M { google.protobuf.Any any = 1; repeated google.protobuf.Any list = 2;
                    map<string, google.protobuf.Any> map = 3; }"""
    URL = "type.googleapis.com/"

    def any(self, kind, rest=""):
        return f'{{"@type":"{self.URL}{kind}"{rest}}}'

    def test_the_fields_of_the_content_stand_beside_its_type(self):
        inner = self.any("p.Inner", ',"number":7,"d":-0.0')
        nested = self.any("p.Inner", f',"any":{inner}')
        self.check_same(self.schema(self.SCHEMA), f'{{"any":{inner}}}', f'{{"any":{nested}}}',
                        f'{{"list":[{inner},{self.any("p.Inner")}]}}', f'{{"map":{{"k":{inner}}}}}',
                        f'{{"any":{self.any("p.M", f",{chr(34)}any{chr(34)}:{nested}")}}}', '{"any":{}}')

    def test_a_content_with_a_form_of_its_own_is_a_value(self):
        for kind, value in [("Duration", '"1.500s"'), ("StringValue", '"x"'), ("Value", "null"),
                            ("Value", '{"a":[1.0]}'), ("Struct", '{"a":null}'),
                            ("Timestamp", '"1972-01-01T10:00:20.021Z"'), ("FieldMask", '"a,bC"'),
                            ("Int64Value", '"5"'), ("Any", self.any("p.Inner", ',"number":1'))]:
            self.check_same(self.schema(self.SCHEMA),
                            '{"any":%s}' % self.any("google.protobuf." + kind, ',"value":' + value))

    def test_the_type_may_stand_behind_the_fields(self):
        url = self.URL + "p.Inner"
        empty = self.any("google.protobuf.Empty")
        self.check(self.schema(self.SCHEMA),
                   ('{"any":{"number":7,"@type":"%s"}}' % url,
                    '{"any":{"@type":"%s","number":7}}' % url),
                   ('{"any":%s,"value":{}}}' % empty[:-1], '{"any":%s}' % empty))

    def test_the_bytes_are_those_of_other_implementations(self):
        data = b"\x0a\x36\x0a\x2ftype.googleapis.com/google.protobuf.StringValue\x12\x03\x0a\x01x"
        text = '{"any":%s}' % self.any("google.protobuf.StringValue", ',"value":"x"')
        options = self.schema(self.SCHEMA)
        self.assertEqual(self.shown(options, data), [text])
        listener = self.listen("raw", "--format", "raw", "--count", "1", *options)
        self.assert_done(self.run_tool("send", "raw", *options, "--", text))
        self.assertEqual(listener.finish().out, data)

    def test_a_content_that_is_not_known_stays_as_it_is(self):
        self.check_same(self.schema(self.SCHEMA),
                        '{"any":{"typeUrl":"type.googleapis.com/x.Y","value":"CgF4"}}',
                        '{"any":{"typeUrl":"type.googleapis.com/p.Inner","value":"Cg=="}}',
                        '{"any":{"typeUrl":"p.Inner","value":"CAE="}}', '{"any":{"value":"CAE="}}')

    def test_a_field_called_type_is_not_lost(self):
        self.check_same(self.schema(self.SCHEMA),
                        '{"any":{"typeUrl":"type.googleapis.com/p.Odd","value":"CAE="}}')

    def test_nested_ones_are_shown(self):
        inner = self.any("p.Inner", ',"number":1')
        for _ in range(14):
            inner = self.any("p.Inner", f',"any":{inner}')
        self.check_same(self.schema(self.SCHEMA), '{"any":%s}' % inner)

    def test_what_is_refused(self):
        url = self.URL + "google.protobuf.Duration"
        self.check_refused(
            self.schema(self.SCHEMA),
            ('{"any":{"@type":"type.googleapis.com/x.Y"}}', 'any.@type: type "x.Y" is not known'),
            ('{"any":{"@type":"p.Inner"}}', "any.@type: expected a type URL such as"),
            ('{"any":{"@type":"a/p.Inner\\u0000x"}}', "any.@type: expected a type URL such as"),
            ('{"any":{"@type":7}}', "any.@type: expected a type URL such as"),
            ('{"any":{"@type":"a/p.Inner","none":1}}', 'any: p.Inner has no field "none"'),
            ('{"any":{"@type":"%s"}}' % url, 'has the members "@type" and "value"'),
            ('{"any":{"@type":"%s","value":"1s","more":1}}' % url, 'has the members "@type"'),
            ('{"any":{"@type":"%s","value":7}}' % url, "any: expected a duration such as"))


if __name__ == "__main__":
    unittest.main()
