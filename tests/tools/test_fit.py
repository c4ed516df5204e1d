"""mailslot fit: sizes against messages that really have them, and limits against slots that really
have them."""

import json
import os
import unittest

from harness.tool import DONE, ERROR, NO_SLOT, TOO_BIG, USAGE, ToolTest

HEAD = """syntax = "proto%d";
package p;
import "mailslot/size.proto";
import "google/protobuf/wrappers.proto";
"""

# A field of every type, with the number N, and its largest value in JSON.
FIELDS = [("double a", "1.5"), ("float a", "1.5"), ("int32 a", "-1"), ("int64 a", '"-1"'),
          ("uint32 a", "4294967295"), ("uint64 a", '"18446744073709551615"'),
          ("sint32 a", "-2147483648"), ("sint64 a", '"-9223372036854775808"'),
          ("fixed32 a", "1"), ("fixed64 a", '"1"'), ("sfixed32 a", "1"), ("sfixed64 a", '"1"'),
          ("bool a", "true"), ("Small a", '"LAST"'), ("Negative a", '"LEAST"'),
          ("string a = N [(mailslot.size).max_length = 300]", f'"{"x" * 300}"'),
          ("optional string a = N [(mailslot.size).max_length = 0]", '""'),
          ("bytes a = N [(mailslot.size) = {max_length: 3}]", '"AAAA"'),
          ("repeated sint32 a = N [(mailslot.size).max_count = 3]",
           "[-2147483648,1234567890,-1234567890]"),
          ("repeated int32 a = N [(mailslot.size).max_count = 3, packed = false]", "[-1,-1,-1]"),
          ("repeated bool a = N [(mailslot.size).max_count = 128]", str([True] * 128).lower()),
          ("repeated fixed64 a = N [(mailslot.size).max_count = 0]", "[]"),
          ("repeated string a = N [(mailslot.size) = {max_count: 2 max_length: 5}]",
           '["12345","12345"]'),
          ("map<string, bytes> a = N [(mailslot.size) = "
           "{max_count: 2 max_key_length: 4 max_length: 3}]", '{"keyA":"AAAA","keyB":"AAAA"}'),
          ("map<int32, Inner> a = N [(mailslot.size).max_count = 2]",
           '{"-1":{"b":4294967295},"-2":{"b":4294967295}}'),
          ("google.protobuf.StringValue a = N [(mailslot.size).max_length = 200]",
           f'"{"x" * 200}"'),
          ("google.protobuf.BytesValue a = N [(mailslot.size).max_length = 1]", '"AA=="'),
          ("repeated google.protobuf.BytesValue a = N [(mailslot.size) = "
           "{max_count: 2 max_length: 3}]", '["AAAA","AAAA"]'),
          ("map<bool, google.protobuf.StringValue> a = N [(mailslot.size) = "
           "{max_count: 2 max_length: 5}]", '{"true":"12345","false":"12345"}'),
          ("google.protobuf.UInt32Value a", "4294967295"),
          ("Inner a", '{"b":4294967295}'),
          ("repeated Inner a = N [(mailslot.size).max_count = 2]",
           '[{"b":4294967295},{"b":4294967295}]')]
TYPES = """enum Small { ZERO = 0; LAST = 300; }
enum Negative { NONE = 0; LEAST = -1; }
message Inner { uint32 b = 1; }
"""


class FitTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.env.pop("MAILSLOT_SCHEMA_PATH", None)
        self.schema = os.path.join(self.directory, "p.proto")

    def write(self, text, proto=3):
        with open(self.schema, "w", encoding="utf-8") as file:
            file.write(HEAD % proto + text)

    def run_fit(self, kind, *options):
        return self.run_tool("fit", "--schema", self.schema, "--type", kind, *options)

    def fit(self, kind, *options):
        result = self.run_fit(kind, "--json", *options)
        self.assertIn(result.status, (DONE, TOO_BIG), result)
        answer = json.loads(result.out)
        self.assertEqual(answer["fits"], result.status == DONE)
        self.assertEqual(result.err, "")
        answer["fields"] = {field.pop("name"): field for field in answer["fields"]}
        return answer

    def sizes(self, kind):
        answer = self.fit(kind)
        return answer["smallest"], answer["typical"], answer["worst"]

    def size_of(self, kind, value):
        out = self.roundtrip([value], "--schema", self.schema, "--codec", "protobuf:" + kind,
                             listen=["--meta"])
        return json.loads(out)["size"]


class Sizes(FitTest):
    def test_the_worst_case_of_every_field_is_one_that_occurs(self):
        for number in (1, 16, 536870911):
            lines = []
            for i, (field, _) in enumerate(FIELDS):
                field = field if "= N" in field else field + " = N"
                lines.append(f"message M{i} {{ {field.replace('= N', f'= {number}')}; }}")
            self.write(TYPES + "\n".join(lines))
            for i, (field, value) in enumerate(FIELDS):
                text = f'{{"a":{value}}}'
                size = self.size_of(f"p.M{i}", text)
                self.assertEqual(self.sizes(f"p.M{i}")[2], size, (field, number))
                self.assertEqual(self.fit(f"p.M{i}")["fields"]["a"]["worst"], size, field)

    def test_fields_add_up_but_for_those_of_a_oneof(self):
        self.write("""message M { uint32 a = 1; bool b = 2;
                      oneof o { bool c = 3; double d = 4; uint32 e = 5; }
                      oneof q { bool f = 6; fixed32 g = 7; } }""")
        answer = self.fit("p.M")
        worst = {name: field["worst"] for name, field in answer["fields"].items()}
        self.assertEqual(worst, {"a": 6, "b": 2, "c": 2, "d": 9, "e": 6, "f": 2, "g": 5})
        self.assertEqual(answer["worst"], 6 + 2 + 9 + 5)
        self.assertEqual(answer["worst"], self.size_of("p.M", '{"a":4294967295,"b":true,"d":1,"g":1}'))

    def test_only_what_is_required_is_in_the_smallest(self):
        self.write("""message In { required bool x = 1; optional string y = 2; }
                      message M { required int32 a = 1; required string b = 2; required In c = 3;
                                  optional int32 d = 4; repeated int32 e = 5; required E f = 6; }
                      enum E { LEAST = -1; LARGE = 300; }""", proto=2)
        self.assertEqual(self.sizes("p.M")[0],
                         self.size_of("p.M", '{"a":0,"b":"","c":{"x":false},"f":"LARGE"}'))
        fields = self.fit("p.M")["fields"]
        self.assertEqual([field["smallest"] for field in fields.values()], [2, 2, 4, 0, 0, 3])

    def test_what_is_typical(self):
        self.write("""message M { int64 a = 1; string b = 2; repeated string c = 3;
            string d = 4 [(mailslot.size) = {max_length: 21}];
            string e = 5 [(mailslot.size) = {max_length: 20 typical_length: 7}];
            repeated bool f = 6 [(mailslot.size).max_count = 7];
            repeated bool g = 7 [(mailslot.size).typical_count = 5];
            map<string, string> h = 8 [(mailslot.size).typical_key_length = 3,
                                       (mailslot.size).typical_length = 4,
                                       (mailslot.size).typical_count = 1];
            bool i = 9; M j = 10; repeated M k = 11; }""")
        typical = [field["typical"] for field in self.fit("p.M")["fields"].values()]
        self.assertEqual(typical, [3, 18, 36, 13, 9, 2 + 4, 2 + 5, 2 + 5 + 6, 2, 0, 0])
        self.assertEqual(self.sizes("p.M")[1], sum(typical))

    def test_without_a_hint_there_is_no_bound(self):
        self.write("message M { string a = 1; bool b = 2; repeated bool c = 3; In d = 4; }"
                   "message In { bytes x = 1; }")
        result = self.run_fit("p.M")
        self.assertEqual((result.status, result.err), (TOO_BIG, ""))
        lines = result.out.decode().splitlines()
        self.assertEqual(lines[0].split(), ["a", "0", "18", "unbounded"])
        self.assertEqual(lines[1].split(), ["b", "0", "2", "2"])
        self.assertEqual(lines[4].split(), ["p.M", "0", "44", "unbounded"])
        self.assertEqual(lines[5:], ["limit 424: does not fit, no bound for a, c, d"])
        answer = self.fit("p.M")
        self.assertEqual((answer["worst"], answer["fields"]["b"]["worst"]), (None, 2))

    def test_messages_that_contain_themselves_do_so_32_levels_deep(self):
        self.write("message M { fixed32 a = 1; M b = 2; }")
        value = '{"a":1,"b":' * 31 + '{"a":1}' + "}" * 31
        self.assertEqual(self.sizes("p.M"), (0, 5, self.size_of("p.M", value)))
        self.write("message M { repeated M b = 1 [(mailslot.size).max_count = 3]; }")
        self.assertGreater(self.sizes("p.M")[2], 3**31)

    def test_a_message_that_must_contain_itself_is_none(self):
        self.write("message M { required M a = 1; }"
                   "message N { optional M a = 1; optional bool b = 2; }", proto=2)
        self.assertEqual(self.fit("p.M")["smallest"], None)
        self.assertEqual(self.sizes("p.N")[2], 2)

    def test_numbers_beyond_all_memory_are_no_bound(self):
        self.write("message M { repeated A a = 1 [(mailslot.size).max_count = 4294967295]; }"
                   "message A { repeated B a = 1 [(mailslot.size).max_count = 4294967295]; }"
                   "message B { repeated string a = 1 [(mailslot.size) = "
                   "{max_count: 4294967295 max_length: 4294967295}]; }")
        self.assertEqual(self.sizes("p.M")[2], None)

    def test_what_is_typical_of_wrappers(self):
        self.write("""message M { google.protobuf.StringValue a = 1;
            google.protobuf.StringValue b = 2 [(mailslot.size) = {max_length: 21}];
            google.protobuf.BytesValue c = 3 [(mailslot.size) = {typical_length: 7}]; }""")
        answer = self.fit("p.M")
        typical = [field["typical"] for field in answer["fields"].values()]
        self.assertEqual(typical, [4 + 16, 4 + 11, 4 + 7])
        self.assertEqual((answer["smallest"], answer["worst"]), (0, None))

    def test_a_hint_of_what_a_field_has_not(self):
        for field, hint, what in [("int32 a", "max_length", "length"),
                                  ("Inner a", "typical_length", "length"),
                                  ("google.protobuf.Int32Value a", "max_length", "length"),
                                  ("map<string, bool> a", "max_length", "length"),
                                  ("string a", "max_count", "count"),
                                  ("repeated string a", "max_key_length", "key length"),
                                  ("map<int32, string> a", "typical_key_length", "key length")]:
            self.write(f"{TYPES} message In {{ {field} = 1 [(mailslot.size).{hint} = 5]; }}"
                       "message M { In in = 1; }")
            self.assert_fails(self.run_fit("p.M"), ERROR,
                              f"p.In.a: (mailslot.size) gives a {what}, which a field of this type does not have")

    def test_an_option_of_that_number_that_is_not_ours(self):
        for kind, value in (("string", '"text"'), ("int32", "5"), ("bytes", '"\\010"')):
            with open(self.schema, "w", encoding="utf-8") as file:
                file.write('syntax = "proto2"; package p; import "google/protobuf/descriptor.proto";'
                           f"extend google.protobuf.FieldOptions {{ optional {kind} o = 50424; }}"
                           f"message M {{ optional string a = 1 [(o) = {value}]; }}")
            self.assertEqual(self.sizes("p.M")[2], None, kind)


class Limits(FitTest):
    def setUp(self):
        super().setUp()
        self.write("""message Fits { string a = 1 [(mailslot.size).max_length = 421]; }
                      message Not { string a = 1 [(mailslot.size).max_length = 422]; }
                      message Usual { string a = 1 [(mailslot.size).max_length = 65531]; }
                   """)

    def check_exact(self, kind, *listen):
        """The worst case is what the slot takes, and a byte more is not."""
        worst = self.fit(kind)["worst"]
        listener = self.listen("exact", *listen)
        self.assertEqual(self.fit(kind, "--slot", "exact")["limit"], worst)
        data = b"x" * worst
        self.assert_done(self.run_tool("send", "exact", "--file", "-", stdin=data))
        result = self.run_tool("send", "exact", "--file", "-", stdin=data + b"x")
        self.assert_fails(result, TOO_BIG, str(worst))
        listener.end()

    def test_424_bytes_reach_other_computers(self):
        result = self.run_fit("p.Fits")
        self.assertEqual((result.status, result.err), (DONE, ""))
        self.assertEqual(result.out.decode().splitlines()[-1], "limit 424: fits, with 0 bytes left")
        result = self.run_fit("p.Not")
        self.assertEqual((result.status, result.err), (TOO_BIG, ""))
        self.assertEqual(result.out.decode().splitlines()[-1],
                         "limit 424: does not fit, by 1 bytes")

    def test_a_slot_has_the_limit_it_says(self):
        self.check_exact("p.Fits", "--max", "424")

    def test_a_slot_without_a_maximum_has_the_usual_one(self):
        self.check_exact("p.Usual")

    def test_a_slot_on_other_computers_has_the_limit_of_its_name(self):
        self.env.update(MAILSLOT_CONFIG="/dev/null", MAILSLOT_NAME="SELF", MAILSLOT_WORKGROUP="LAB")
        for path, limit in (("x", 424), ("eightXXX", 424), ("nineXXXXX", 423), (r"a\b\c", 424),
                            ("p" * 246, 186)):
            for computer in ("HOST", "LAB", "*"):
                name = rf"\\{computer}\mailslot\{path}"
                self.assertEqual(self.fit("p.Fits", "--slot", name)["limit"], limit, name)
        result = self.run_fit("p.Fits", "--slot", r"\\*\mailslot\nineXXXXX")
        self.assertEqual((result.status, result.err), (TOO_BIG, ""))
        self.assertEqual(result.out.decode().splitlines()[-1],
                         "limit 423: does not fit, by 1 bytes")

    def test_a_name_that_is_none_is_told_whole(self):
        for name in (r"\\HOST\x", r"\\10.0.0.1\mailslot\x", r"\\*\mailslot\\" + "p" * 247):
            self.assert_fails(self.run_fit("p.Fits", "--slot", name), ERROR, f"mailslot: {name}: ")

    def test_no_slot(self):
        self.assert_fails(self.run_fit("p.Fits", "--slot", "nobody"), NO_SLOT, "nobody")

    def test_usage(self):
        self.assert_fails(self.run_tool("fit"), USAGE, "--type is missing")
        self.assert_fails(self.run_fit("p.Nope"), USAGE, 'no codec "protobuf:p.Nope"')
        self.assert_fails(self.run_fit("p.Fits", "more"), USAGE, '"more"')
        self.assert_fails(self.run_tool("fit", "--type", "x", "--schema", "/nonexistent"), ERROR,
                          "/nonexistent")

    def test_what_is_built_in_has_no_hints(self):
        result = self.run_tool("fit", "--type", "trace.Event")
        self.assertEqual(result.status, TOO_BIG, result)
        self.assertIn(b"no bound for host, process, message, attributes", result.out)


if __name__ == "__main__":
    unittest.main()
