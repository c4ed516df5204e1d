"""MessagePack as JSON and back, against python3-msgpack and Python's json."""

import base64
import json
import math
import random
import struct
import unittest

import msgpack

from harness.convert import from_json, to_json

SEED = 20240607


def b64(data):
    return base64.b64encode(data).decode()


class Written(unittest.TestCase):
    """JSON texts and the messages they become."""

    def check(self, cases):
        for (text, wanted), message in zip(cases, from_json("msgpack", [t for t, _ in cases])):
            self.assertEqual(message, wanted, text)

    def test_plain_values_stand_for_themselves(self):
        values = [None, True, False, 0, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32,
                  2**63 - 1, 2**63, 2**64 - 1, -1, -32, -33, -128, -129, -2**31, -2**31 - 1, -2**63,
                  1.0, -0.0, 0.1, 1e300, 5e-324, "", "a", "\u20ac\U0001f600", "x" * 300, "a\0b", [],
                  [1, [2, [3]]], {}, {"a": {"b": [None]}}, {"$a": 1, "b": 2}, {"": 0}]
        self.check([(json.dumps(value), msgpack.packb(value)) for value in values])

    def test_numbers_with_fraction_or_exponent_are_float64(self):
        self.check([(text, msgpack.packb(value)) for text, value in
                    [("1.0", 1.0), ("1e2", 100.0), ("1E+2", 100.0), ("-0.0", -0.0), ("0e0", 0.0),
                     ("-0", -0.0), ("100000000000000000000", 1e20), ("1e-400", 0.0),
                     ("-18446744073709552000", -2.0**64), ("18446744073709551616.0", 2.0**64),
                     ("1.7976931348623157e308", 1.7976931348623157e308)]])

    def test_forms(self):
        nan = struct.pack(">d", math.nan)
        self.check([
            ('{"$bin":"AP8="}', b"\xc4\x02\x00\xff"), ('{"$bin":""}', b"\xc4\x00"),
            ('{"$bin":"_-8"}', b"\xc4\x02\xff\xef"), ('{"$bin":"AB=="}', b"\xc4\x01\0"),
            ('{"$ext":[-1,"AAAAAQ=="]}', b"\xd6\xff\x00\x00\x00\x01"),
            ('{"$ext":[127,""]}', b"\xc7\x00\x7f"), ('{"$float":1.5}', b"\xca\x3f\xc0\x00\x00"),
            ('{"$float":1}', b"\xca\x3f\x80\x00\x00"),
            ('{"$float":"-Infinity"}', b"\xca\xff\x80\x00\x00"),
            ('{"$float":"0xffc00001"}', b"\xca\xff\xc0\x00\x01"),
            ('{"$float":"0x7f800001"}', b"\xca\x7f\x80\x00\x01"),  # a signalling NaN
            ('{"$double":"NaN"}', b"\xcb" + nan), ('{"$double":3}', msgpack.packb(3.0)),
            ('{"$double":"Infinity"}', msgpack.packb(math.inf)),
            ('{"$double":"0x7ff8000000000001"}', b"\xcb\x7f\xf8\0\0\0\0\0\x01"),
            ('{"$str":"/w=="}', b"\xa1\xff"),
            ('{"$map":[[1,2],[[],null]]}', b"\x82\x01\x02\x90\xc0"),
            ('{"$map":[["$bin","AA=="]]}', b"\x81\xa4$bin\xa4AA==")])

    def test_space_around_is_no_matter(self):
        self.check([(' \t{ "a" : [ 1 , 2 ] }\r ', b"\x81\xa1a\x92\x01\x02")])

    def test_nesting_of_32_passes_and_of_33_does_not(self):
        fine = ["[" * 32 + "]" * 32, "[" * 31 + "1" + "]" * 31,
                '{"$map":[[1,' * 31 + "1" + "]]}" * 31, '{"a":' * 31 + '{"$bin":""}' + "}" * 31]
        for text, message in zip(fine, from_json("msgpack", fine)):
            self.assertIsInstance(message, bytes, text)
        deep = ["[" * 33 + "]" * 33, "[" * 32 + "1" + "]" * 32,
                '{"$map":[[1,' * 32 + "1" + "]]}" * 32, "[" * 100_000, '{"a":' * 100_000]
        for text, message in zip(deep, from_json("msgpack", deep)):
            self.assertIn("nested deeper than 32", message, text[:100])


class Refused(unittest.TestCase):
    def check(self, cases):
        for (text, word), message in zip(cases, from_json("msgpack", [t for t, _ in cases])):
            self.assertTrue(str(message).startswith("error BAD_VALUE convert: "), (text, message))
            self.assertIn(word, message, text)

    def test_what_is_no_json(self):
        self.check([
            ("", "empty"), ("  ", "empty"), ("1 2", "text after the value at offset 2"),
            ('"a" b', "text after"), ("{} x", "text after"), ("[1]]", "text after"),
            ("NaN", "expected a value at offset 0"), ("Infinity", "expected"), ("nul", "expected"),
            ("-Infinity", "digit"), ("True", "expected"), ("01", "leading zero"), ("-01", "zero"),
            ("1.", "digit"), (".5", "expected"), ("+1", "expected"), ("1.e3", "digit"),
            ("1e", "digit"), ("1e+", "digit"), ("-", "digit"), ("0x10", "after"), ("1_0", "after"),
            ("'a'", "expected"), ("{'a':1}", "double quotes"), ("{a:1}", "double quotes"),
            ('{"a" 1}', "expected ':'"), ('{"a":1,}', "double quotes"), ("[1,]", "expected"),
            ("[1 2]", "',' or ']'"), ('{"a":1 "b":2}', "',' or '}'"), ("[", "expected"),
            ('["a', "unterminated"), ("// x", "expected"), ("/**/1", "expected"), ("1//", "after"),
            ('"\\x"', "escape"), ('"\\', "escape"), ('"\\u12', "hex"), ('"\\u12g4"', "hex"),
            ('"a\tb"', "control"), ('"a\0b"', "control"), ("1\0", "after"), ("\0", "expected"),
            (b'"\xff"', "invalid UTF-8 at offset 1"), (b'"\xc0\x80"', "UTF-8"),
            (b'"\xed\xa0\x80"', "UTF-8"), (b'"\xf4\x90\x80\x80"', "UTF-8"),
            (b'"\xe2\x82"', "UTF-8"),
            (b"\xef\xbb\xbf1", "expected"), ('"\\ud800"', "surrogate"), ('"\\udc00"', "surrogate"),
            ('"\\ud800\\u0041"', "surrogate"), ('"\\ud800x"', "surrogate")])

    def test_what_would_not_arrive_as_it_was_written(self):
        self.check([
            ("18446744073709551616", "18446744073709551616 is neither an int64 nor a uint64"),
            ('{"a":[-9223372036854775809]}', "a[0]: number out of range: -9223372036854775809 is"),
            ("1" + "0" * 400, "..."), ("1e400", "1e400 is not a double"), ("-1e400", "double"),
            ('{"a":1,"a":1}', 'duplicate member "a"'), ('{"a":1,"b":{"c":0,"\\u0063":0}}', '"c"'),
            ('{"a\\u0000b":1}', "NUL"), ('{"$map":[[1,{"x":1,"x":2}]]}', 'duplicate member "x"')])

    def test_forms_that_are_none(self):
        self.check([
            ('{"$what":1}', '$map'), ('{"$bin":1}', "$bin"), ('{"$bin":"A"}', "Base64"),
            ('{"$double":"NaN\\u0000"}', "number"), ('{"$float":"0x7fc00001\\u0000"}', "number"),
            ('{"$bin":"AA=A"}', "Base64"), ('{"$bin":"A A="}', "B"),
            ('{"$bin":"AA==="}', "Base64"), ('{"$bin":"AAA=="}', "Base64"), ('{"$str":null}', "Ba"),
            ('{"$ext":[128,""]}', "-128 to 127"), ('{"$ext":[-129,""]}', "-128 to 127"),
            ('{"$ext":["1",""]}', "-128 to 127"), ('{"$ext":[1]}', "[type"), ('{"$ext":"AA"}', "["),
            ('{"$ext":[18446744073709551615,""]}', "-128 to 127"),
            ('{"$float":1e39}', "range"), ('{"$float":"1"}', "number"), ('{"$double":true}', "num"),
            ('{"$double":"nan"}', "number"), ('{"$double":"0x3ff0000000000000"}', "NaN"),
            ('{"$double":"0x7ff8"}', "NaN"), ('{"$float":"0x7fc0000"}', "NaN"),
            ('{"$map":{}}', "[[key,value],...]"), ('{"$map":[1]}', "$map[0]: expected [key,value]"),
            ('{"$map":[[1,2],[1,2,3]]}', "$map[1]"),
            ('{"a":[0,{"b":{"$bin":"?"}}]}', "a[1].b.$bin: expected a Base64 string")])


class Messages:
    """Random messages in the one encoding that msgpack-c gives them, so that bytes compare."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.packer = msgpack.Packer(autoreset=True)

    def str_of(self, data):
        n = len(data)
        head = (bytes([0xA0 | n]) if n < 32 else struct.pack(">BB", 0xD9, n) if n < 256
                else struct.pack(">BH", 0xDA, n))
        return head + data

    def text(self):
        alphabet = ["a", "$", "\0", "\x1f", '"', "\\", "/", "\u007f", "\u00e9", "\u2028",
                    "\U0001f600"]
        size = self.random.choice([0, 1, 2, 3, 31, 32, 40, 255, 256])
        return "".join(self.random.choices(alphabet, k=size)).encode()

    def number(self):
        bits = self.random.randrange(65)
        return self.packer.pack(self.random.randrange(2**bits) if self.random.random() < .5
                                else -self.random.randrange(1, 2**min(bits, 63) + 1))

    def float64(self):
        special = [math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1.0, 1e22, 1e23, 0.1, 2.0**64]
        if self.random.random() < .5:
            return self.packer.pack(self.random.choice(special))
        bits = self.random.getrandbits(64)
        return b"\xcb" + struct.pack(">Q", bits)

    def float32(self):
        bits = self.random.choice([self.random.getrandbits(32), 0, 0x80000000, 1, 0x7F7FFFFF,
                                   0x7F800001, 0xFFBFFFFF, 0x7FC00000])
        return b"\xca" + struct.pack(">I", bits)

    def ext(self):
        data = self.random.randbytes(self.random.choice([0, 1, 2, 3, 4, 8, 12, 16, 17, 300]))
        packer = msgpack.Packer(autoreset=False)
        packer.pack_ext_type(self.random.randrange(-128, 128), data)
        return packer.bytes()

    def container(self, depth):
        size = self.random.choice([0, 1, 1, 2, 3, 16])
        if self.random.random() < .4:
            return self.packer.pack_array_header(size) + b"".join(
                self.value(depth + 1) for _ in range(size))
        keys = self.random.choice([lambda: self.value(depth + 1), lambda: self.str_of(self.text()),
                                   lambda: self.str_of(b"%d" % self.random.randrange(10**6))])
        return self.packer.pack_map_header(size) + b"".join(
            keys() + self.value(depth + 1) for _ in range(size))

    def value(self, depth=0):
        kinds = [lambda: self.packer.pack(self.random.choice([None, True, False])), self.number,
                 self.float64, self.float32, lambda: self.str_of(self.text()),
                 lambda: self.str_of(self.random.randbytes(self.random.randrange(50))),
                 lambda: self.packer.pack(self.random.randbytes(self.random.randrange(300))),
                 self.ext]
        if depth < 4:
            kinds += [lambda: self.container(depth)] * (12 if depth == 0 else 4)
        return self.random.choice(kinds)()


class RoundTrip(unittest.TestCase):
    def check(self, messages):
        texts = to_json("msgpack", messages)
        for message, text in zip(messages, texts):
            self.assertFalse(text.startswith("error"), (text, message))
            json.loads(text)
        for message, text, again in zip(messages, texts, from_json("msgpack", texts)):
            self.assertEqual(again, message, (SEED, text))

    def test_every_message_prints_as_json_that_sends_back_as_it(self):
        source = Messages(SEED)
        messages = [source.value() for _ in range(4000)]
        self.check([m for m in messages if len(m) <= 65535])

    def test_every_kind_of_every_size_class(self):
        source = Messages(SEED)
        self.check([source.str_of(b"a" * n) for n in (0, 31, 32, 255, 256, 60000)]
                   + [msgpack.packb(b"\0" * n) for n in (0, 255, 256, 60000)]
                   + [msgpack.packb([None] * n) for n in (0, 15, 16, 20000)]
                   + [msgpack.packb({str(i): i for i in range(n)}) for n in (0, 15, 16, 3000)]
                   + [msgpack.packb(msgpack.ExtType(5, b"e" * n))
                      for n in (0, 1, 2, 4, 8, 16, 17, 255, 256, 60000)])

    def test_the_deepest_nesting_that_decodes(self):
        self.check([b"\x91" * 31 + b"\x01", b"\x91" * 31 + b"\x90", b"\x81\x01" * 31 + b"\x80",
                    b"\x81\xa4$map" * 31 + b"\xc4\x00"])

    def test_a_map_that_looks_like_a_form_is_still_a_map(self):
        value = {"$bin": "AA==", }
        self.assertEqual(to_json("msgpack", [msgpack.packb(value)]), ['{"$map":[["$bin","AA=="]]}'])
        self.check([msgpack.packb({key: "AA=="}) for key in ("$bin", "$", "$map", "$x")])


class AgainstPythonsJson(unittest.TestCase):
    """What Python's json reads without its own extensions, we read, and nothing else."""

    PIECES = ["{", "}", "[", "]", ",", ":", '"', '"a"', '"b"', "1", "0", "-", ".", "e", "+", "5",
              " ", "true", "null", "nul", "\\", "\\u00e9", "\\ud83d\\ude00", "\\u", "\u00e9", "NaN",
              '{"a":1}', "[1]", "1.5", "-2e3", "\t", "/", "'"]

    def strictly(self, text):
        def refuse(_):
            raise ValueError

        def no_duplicates(pairs):
            if len({key for key, _ in pairs}) != len(pairs):
                raise ValueError
            return dict(pairs)

        def finite(number):
            return float(number) if math.isfinite(float(number)) else refuse(number)

        def integer(number):
            return -0.0 if number == "-0" else int(number)

        value = json.loads(text, parse_constant=refuse, parse_float=finite, parse_int=integer,
                           object_pairs_hook=no_duplicates)
        msgpack.packb(value).decode("latin-1")  # lone surrogates and too large integers
        return value

    def texts(self):
        chance = random.Random(SEED)
        for _ in range(8000):
            yield "".join(chance.choices(self.PIECES, k=chance.randrange(1, 8)))
        whole = '{"a":[1,-2.5e3,true,null,"x\\n\\u00e9"],"b":{"c":"","d":{}}}'
        for _ in range(4000):
            at = chance.randrange(len(whole))
            yield whole[:at] + chance.choice(["", *self.PIECES]) + whole[at + chance.randrange(2):]

    def test_both_read_the_same(self):
        texts = list(self.texts())
        accepted = 0
        for text, message in zip(texts, from_json("msgpack", texts)):
            try:
                value = self.strictly(text)
            except (ValueError, OverflowError):
                self.assertIsInstance(message, str, text)
                continue
            self.assertEqual(message, msgpack.packb(value), text)
            accepted += 1
        self.assertGreater(accepted, 500)


if __name__ == "__main__":
    unittest.main()
