"""Protobuf messages as JSON and back, against python3-protobuf's json_format."""

import json
import math
import random
import unittest

from google.protobuf import json_format

import all_types_pb2
import old_types_pb2
import trace_pb2
from harness.convert import from_json, to_json
from harness.random_messages import RandomMessages

SEED = 20240607
TYPES = {"protobuf:all.Types": all_types_pb2.Types, "protobuf:old.Record": old_types_pb2.Record,
         "protobuf:trace.Event": trace_pb2.Event}


class Messages(RandomMessages):
    def __init__(self, seed):
        super().__init__(random.Random(seed))

    def floating(self, single):
        """JSON has but one NaN."""
        return math.nan if self.random.random() < .1 else super().floating(single)

    def many(self, kind, count):
        return [self.fill(kind()) for _ in range(count)]


def same(a, b):
    """Equality of JSON values in which NaN equals itself; the order of members is no matter."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def as_python_shows(message):
    return json.loads(json_format.MessageToJson(message))


class AgainstPython(unittest.TestCase):
    def test_messages_come_out_as_python_shows_them(self):
        for spec, kind in TYPES.items():
            messages = Messages(SEED).many(kind, 1000)
            texts = to_json(spec, [message.SerializeToString() for message in messages])
            for message, text in zip(messages, texts):
                self.assertTrue(same(json.loads(text), as_python_shows(message)),
                                (spec, text, as_python_shows(message)))

    def test_python_reads_what_comes_out(self):
        for spec, kind in TYPES.items():
            messages = Messages(SEED + 1).many(kind, 500)
            texts = to_json(spec, [message.SerializeToString() for message in messages])
            for message, text in zip(messages, texts):
                again = json_format.Parse(text, kind())
                self.assertEqual(again.SerializeToString(deterministic=True),
                                 message.SerializeToString(deterministic=True), (spec, text))

    def test_what_python_writes_becomes_the_message(self):
        for spec, kind in TYPES.items():
            messages = Messages(SEED + 2).many(kind, 1000)
            styles = [{}, {"preserving_proto_field_name": True}, {"use_integers_for_enums": True},
                      {"indent": 0}]
            texts = [json_format.MessageToJson(message, **styles[i % len(styles)])
                     .replace("\n", " ") for i, message in enumerate(messages)]
            for message, text, data in zip(messages, texts, from_json(spec, texts)):
                self.assertIsInstance(data, bytes, (spec, text, data))
                self.assertEqual(kind.FromString(data).SerializeToString(deterministic=True),
                                 message.SerializeToString(deterministic=True), (spec, text))

    def test_what_comes_out_goes_back_in(self):
        for spec, kind in TYPES.items():
            messages = Messages(SEED + 3).many(kind, 500)
            texts = to_json(spec, [message.SerializeToString() for message in messages])
            self.assertEqual(to_json(spec, from_json(spec, texts)), texts)


class Written(unittest.TestCase):
    def check(self, cases, spec="protobuf:all.Types"):
        """Pairs of a text and the members of the message it becomes."""
        kind = TYPES[spec]
        for (text, members), data in zip(cases, from_json(spec, [text for text, _ in cases])):
            self.assertIsInstance(data, bytes, (text, data))
            self.assertEqual(kind.FromString(data), kind(**members), text)

    def test_integers_in_every_spelling(self):
        self.check([(text, {"an_int64": value}) for text, value in [
            ('{"anInt64":12}', 12), ('{"anInt64":"12"}', 12), ('{"an_int64":"-12"}', -12),
            ('{"anInt64":1e3}', 1000), ('{"anInt64":1.0}', 1), ('{"anInt64":1.50e1}', 15),
            ('{"anInt64":"1e3"}', 1000), ('{"anInt64":100e-2}', 1), ('{"anInt64":0e99}', 0),
            ('{"anInt64":-0.0}', 0), ('{"anInt64":-0}', 0), ('{"anInt64":"-0"}', 0),
            ('{"anInt64":1000000000000000000000e-3}', 10**18), ('{"anInt64":9007199254740993.0}', 9007199254740993),
            ('{"anInt64":9.223372036854775807e18}', 2**63 - 1),
            ('{"anInt64":-9223372036854775808}', -2**63), ('{"anInt64":"-9223372036854775808"}',
                                                           -2**63)]])
        self.check([('{"aUint64":18446744073709551615}', {"a_uint64": 2**64 - 1}),
                    ('{"aFixed64":"18446744073709551615"}', {"a_fixed64": 2**64 - 1}),
                    ('{"aUint32":4294967295}', {"a_uint32": 2**32 - 1}),
                    ('{"aSint32":-2147483648}', {"a_sint32": -2**31})])

    def test_floats_in_every_spelling(self):
        self.check([('{"aDouble":1}', {"a_double": 1.0}), ('{"aDouble":"1.5"}', {"a_double": 1.5}),
                    ('{"aDouble":"Infinity"}', {"a_double": math.inf}),
                    ('{"aFloat":"-Infinity"}', {"a_float": -math.inf}),
                    ('{"aFloat":3.4028234663852886e38}', {"a_float": 3.4028234663852886e38}),
                    # Just above the middle of two floats: by way of double it would go down.
                    ('{"aFloat":1.00000005960464477550}', {"a_float": 1.0000001192092896}),
                    ('{"aDouble":100000000000000000000}', {"a_double": 1e20}),
                    ('{"aDouble":-18446744073709551617}', {"a_double": -2.0**64}),
                    ('{"aFloat":100000000000000000000}', {"a_float": 1.0000000200408773e20}),
                    ('{"doubles":[1,36893488147419103232,-0,2]}', {"doubles": [1, 2.0**65, -.0, 2]}),
                    ('{"aDouble":1e-400}', {})])

    def test_minus_zero_without_a_fraction_is_minus_zero(self):
        texts = ['{"aFloat":-0,"aDouble":-0}', '{"doubles":[-0]}', '{"int32Map":{"1":-0}}']
        self.assertEqual(to_json("protobuf:all.Types", from_json("protobuf:all.Types", texts)),
                         [text.replace("-0", "-0.0") for text in texts])

    def test_base64_in_both_alphabets(self):
        self.check([(f'{{"someBytes":"{text}"}}', {"some_bytes": data}) for text, data in [
            ("-_", b"\xfb"), ("-_8", b"\xfb\xff"), ("+/8=", b"\xfb\xff"), ("AB==", b"\x00")]])

    def test_minus_zero_is_not_the_default(self):
        for text in ('{"aFloat":-0.0,"aDouble":-0.0}', '{"chosenDouble":-0.0}', '{"doubles":[-0.0]}',
                     '{"int32Map":{"1":-0.0},"uint64Map":{"2":-0.0}}'):
            data, = from_json("protobuf:all.Types", [text])
            self.assertEqual(to_json("protobuf:all.Types", [data]), [text])
            sent, wanted = all_types_pb2.Types.FromString(data), all_types_pb2.Types()
            self.assertEqual(sent.SerializeToString(deterministic=True), json_format.Parse(
                text, wanted).SerializeToString(deterministic=True), text)

    def test_bytes_in_every_spelling(self):
        self.check([('{"someBytes":"%s"}' % text, {"some_bytes": b"\xfb\xff"}) for text in
                    ("+/8=", "-_8=", "+/8", "-_8")])

    def test_null_is_absent(self):
        self.check([('{"anInt32":null,"aNode":null,"nodes":null,"stringMap":null,"chosenInt":null,'
                     '"chosenBool":true}', {"chosen_bool": True})])

    def test_names_of_both_kinds(self):
        self.check([('{"oddName1x":1,"Leading":2}', {"odd__name_1x": 1, "_leading": 2}),
                    ('{"odd__name_1x":1,"_leading":2}', {"odd__name_1x": 1, "_leading": 2})])

    def test_members_of_a_oneof_at_their_default_are_set(self):
        self.check([('{"chosenInt":0}', {"chosen_int": 0}), ('{"chosenNode":{}}',
                                                             {"chosen_node": {}})])
        self.assertEqual(to_json("protobuf:all.Types",
                                 [all_types_pb2.Types(chosen_string="").SerializeToString()]),
                         ['{"chosenString":""}'])

    def test_what_looks_like_an_entry_but_is_no_map(self):
        self.check([('{"entries":[{"key":"k","value":1}]}',
                     {"entries": [{"key": "k", "value": 1}]})])

    def test_proto2_presence_and_aliases(self):
        self.check([('{"id":1}', {"id": 1}), ('{"id":0,"name":"nobody","level":"TOP"}',
                                              {"id": 0, "name": "nobody", "level": 2}),
                    ('{"id":1,"flag":false,"raw":""}', {"id": 1, "flag": False, "raw": b""})],
                   "protobuf:old.Record")
        texts = to_json("protobuf:old.Record", [
            old_types_pb2.Record(id=0).SerializeToString(),
            old_types_pb2.Record(id=1, name="nobody", big=7, level=2).SerializeToString()])
        self.assertEqual(texts, ['{"id":0}', '{"id":1,"name":"nobody","level":"HIGH","big":"7"}'])

    def test_the_last_of_map_entries_with_one_key_counts(self):
        entry = b"\xca\x02\x06\x0a\x01k\x12\x01"  # field 41
        self.assertEqual(to_json("protobuf:all.Types", [entry + b"a" + entry + b"b"]),
                         ['{"stringMap":{"k":"b"}}'])

    def test_unknown_fields_are_not_shown(self):
        self.assertEqual(to_json("protobuf:trace.Event", [b"\x10\x02\x9a\x06\x01x"]),
                         ['{"severity":"SEVERITY_INFO"}'])

    def test_nesting_of_32_passes_and_of_33_does_not(self):
        fine = ['{"child":' * 31 + "{}" + "}" * 31, '{"children":[' * 31 + "{}" + "]}" * 31]
        messages = from_json("protobuf:all.Node", fine)
        self.assertEqual(to_json("protobuf:all.Node", messages), fine)
        deep = ['{"child":' * 32 + "{}" + "}" * 32, '{"children":[' * 32 + "{}" + "]}" * 32,
                '{"byName":{"x":' * 16 + "{}" + "}}" * 16]
        for answer in from_json("protobuf:all.Node", deep):
            self.assertIn("nested deeper than 32 messages", answer)


class Refused(unittest.TestCase):
    def check(self, cases, spec="protobuf:all.Types"):
        for (text, word), answer in zip(cases, from_json(spec, [text for text, _ in cases])):
            self.assertTrue(str(answer).startswith("error BAD_VALUE convert: "), (text, answer))
            self.assertIn(word, answer, text)

    def test_values_out_of_range_or_of_the_wrong_type(self):
        self.check([
            ('{"anInt32":2147483648}', "an_int32: "),
            ('{"anInt32":-2147483649}', "32-bit"), ('{"aUint32":-1}', "unsigned"),
            ('{"aUint32":4294967296}', "32-bit"), ('{"anInt64":9223372036854775808}', "64-bit"),
            ('{"anInt64":"9223372036854775808"}', "64"), ('{"aUint64":"-1"}', "unsigned"),
            ('{"aUint64":18446744073709551616}', "got 18446744073709551616"),
            ('{"anInt32":1.5}', "got 1.5"),
            ('{"anInt32":1e-1}', "1e-1"), ('{"anInt32":1e99999999999999999999}', "double"),
            ('{"anInt32":"1e99999999999999999999"}', "32"), ('{"anInt32":"1 "}', "32"),
            ('{"anInt32":""}', "32"), ('{"anInt32":"0x1"}', "32"), ('{"anInt32":true}', "got true"),
            ('{"anInt32":[1]}', "got [1]"), ('{"anInt32":{}}', "32"),
            ('{"anInt32":"1\\u0000"}', "32"),
            ('{"aFloat":3.5e38}', "float"), ('{"aDouble":"1e400"}', "double"),
            ('{"aDouble":"nan"}', "double"), ('{"aDouble":""}', "double"),
            ('{"aDouble":" 1"}', "double"),
            ('{"aDouble":"0x1p3"}', "double"), ('{"aBool":1}', "true or false"),
            ('{"aBool":"true"}', "true or false"), ('{"aString":1}', "expected a string"),
            ('{"aString":"a\\u0000"}', "NUL"), ('{"someBytes":"a"}', "Base64"),
            ('{"someBytes":[1]}', "Base64"), ('{"aColor":"BLUE"}', 'no value "BLUE"'),
            ('{"aColor":2147483648}', "32"), ('{"aColor":"0"}', '"0"'), ('{"aNode":1}', "object"),
            ('{"int32s":1}', "an array"), ('{"int32s":[1,null]}', "int32s[1]"),
            ('{"int32s":{"0":1}}', "array"), ('{"stringMap":[]}', "object"), ("1", "an object"),
            ("[]", "an object"), ("null", "an object"),
            ('{"nodes":[{},{"child":{"number":"x"}}]}', "nodes[1].child.number: "),
            ('{"boolMap":{"TRUE":{}}}', "bool_map.TRUE: "),
            ('{"int32Map":{"1.0":1}}', "integer"), ('{"int32Map":{"01":1}}', "integer"),
            ('{"int32Map":{"-0":1}}', "integer"), ('{"int32Map":{"2147483648":1}}', "32-bit"),
            ('{"int32Map":{"":1}}', "integer"), ('{"stringMap":{"a":null}}', "string_map.a"),
            ('{"sint64Map":{"1":2}}', "Base64")])

    def test_fields_unknown_doubled_or_excluding_each_other(self):
        self.check([
            ('{"nope":1}', 'all.Types has no field "nope"'), ('{"AnInt32":1}', '"AnInt32"'),
            ('{"aNode":{"nope":null}}', 'a_node: all.Node has no field "nope"'),
            ('{"anInt32":1,"an_int32":1}', '"an_int32" is given twice'),
            ('{"anInt32":null,"an_int32":1}', "twice"), ('{"anInt32":1,"anInt32":2}', "duplicate"),
            ('{"chosenInt":1,"chosenBool":true}', '"chosen_int" of the same oneof'),
            ('{"chosenNode":{},"chosenInt":0}', "same oneof")])

    def test_a_required_field_that_is_missing(self):
        self.check([("{}", 'required field "id" is missing'), ('{"id":null}', '"id"'),
                    ('{"id":1,"inner":{}}', 'inner: required field "id"')], "protobuf:old.Record")

    def test_what_is_no_json(self):
        self.check([("", "empty"), ("{} {}", "text after the value"), ("{'aBool':true}", "quotes"),
                    ('{"aDouble":NaN}', "expected"), ('{"anInt32":01}', "zero")])


if __name__ == "__main__":
    unittest.main()
