"""Schemas and messages made up at random: .proto texts with everything that the Protobuf language has
for messages, and messages of whatever types come of them."""

import datetime

from harness.random_messages import RandomMessages

SCALARS = ["double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32",
           "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes"]
KEYS = [name for name in SCALARS if name not in ("double", "float", "bytes")]
WELL_KNOWN = {
    "timestamp": ["Timestamp"], "duration": ["Duration"], "field_mask": ["FieldMask"],
    "struct": ["Struct", "Value", "ListValue", "NullValue"], "empty": ["Empty"],
    "wrappers": ["DoubleValue", "FloatValue", "Int64Value", "UInt64Value", "Int32Value",
                 "UInt32Value", "BoolValue", "StringValue", "BytesValue"]}
FIELD_MAX = 2**29 - 1
DEFAULTS = {
    "double": ["1.5", "-2e300", "inf", "-inf", "nan", "0.1"], "float": ["0.1", "-inf", "3.25e38"],
    "bool": ["true", "false"], "string": [r'"caf\303\251 \"\\\n"', '"plain"', '""'],
    "bytes": [r'"\001\000\xff\\\'\"\t"', '"x"']}


# ---- Schemas ----

class Maker:
    """One .proto text. proto is 2 or 3; others are the types, of files it imports, that it may
    use: pairs of name and "message" or "enum"."""

    def __init__(self, rng, proto, package, imports=(), others=()):
        self.rng, self.proto, self.package = rng, proto, package
        self.imports = [f"google/protobuf/{name}.proto" for name in WELL_KNOWN] + list(imports)
        self.types = [(f"google.protobuf.{name}", "enum" if name == "NullValue" else "message")
                      for names in WELL_KNOWN.values() for name in names]
        if proto == 2:  # an enum of proto3 and one of proto2 must not meet
            self.types.remove(("google.protobuf.NullValue", "enum"))
        self.types += others
        self.own, self.lines = [], []

    def full(self, name):
        return f"{self.package}.{name}" if self.package else name

    def number(self, taken, low=1, high=FIELD_MAX):
        while True:
            number = self.rng.choice([self.rng.randint(low, min(high, low + 20)),
                                      self.rng.randint(low, min(high, low + 3000)), high,
                                      self.rng.randint(low, high)])
            if number not in taken and not 19000 <= number <= 19999:
                taken.add(number)
                return number

    def enum(self, name, indent):
        taken, pad = set(), "  " * indent
        self.lines.append(f"{pad}enum {name} {{")
        alias = self.rng.random() < .4
        if alias:
            self.lines.append(f"{pad}  option allow_alias = true;")
        numbers = [0] if self.proto == 3 else []
        taken.update(numbers)
        for _ in range(self.rng.randint(1, 6)):
            numbers.append(self.number(taken, *self.rng.choice([(0, 9), (-2**31, 2**31 - 1)])))
        numbers += numbers[:1] * alias
        for i, number in enumerate(numbers):
            self.lines.append(f"{pad}  {name.upper()}_{self.rng.choice('abc')}{i} = {number};")
        self.lines.append(f"{pad}}}")

    def values_of(self, enum):
        """Names of an enum's values, as they stand in the text."""
        inside, names = False, []
        for line in self.lines:
            words = line.split()
            if words[:2] == ["enum", enum]:
                inside = True
            elif inside and words[0] == "}":
                return names
            elif inside and words[0] != "option":
                names.append(words[0])
        return names

    def default(self, kind):
        if kind in DEFAULTS:
            return self.rng.choice(DEFAULTS[kind])
        if kind in SCALARS:
            bits = 64 if kind.endswith("64") else 32
            low, high = (0, 2**bits - 1) if "u" in kind or kind.startswith("f") else (
                -2**(bits - 1), 2**(bits - 1) - 1)
            return str(self.rng.choice([low, high, 7]))
        names = self.values_of(kind.split(".")[-1])
        return self.rng.choice(names) if names else None

    def kind(self):
        if self.rng.random() < .6:
            return self.rng.choice(SCALARS), "scalar"
        name, sort = self.rng.choice(self.types)
        return "." + name, sort

    def options(self, name, label, kind, sort):
        options = []
        if self.rng.random() < .15:
            options.append(f'json_name = "{self.rng.choice(["x", "@"])}{name}Json"')
        if label == "repeated" and sort != "message" and kind not in ("string", "bytes"):
            packed = self.rng.choice(["", "packed = true", "packed = false"])
            options += [packed] if packed else []
        if self.proto == 2 and label != "repeated" and sort != "message":
            default = self.default(kind) if self.rng.random() < .4 else None
            options += [f"default = {default}"] if default else []
        return f" [{', '.join(options)}]" if options else ""

    def name(self, i):
        return self.rng.choice([f"f{i}", f"some_field_{i}", f"camelCase{i}", f"odd__{i}x",
                                f"_lead_{i}", f"UPPER_{i}"])

    def field(self, i, taken, indent, oneof=False):
        kind, sort = self.kind()
        labels = ["optional ", "repeated ", "" if self.proto == 3 else "required "]
        if self.proto == 2 and sort == "message":
            labels.pop()  # so that no message must contain itself
        if kind == ".google.protobuf.NullValue":
            labels.remove("repeated ")  # Python shows [null], and does not read it
        label = "" if oneof else self.rng.choice(labels)
        name = self.name(i)
        options = self.options(name, label.strip(), kind, sort)
        self.lines.append(f"{'  ' * indent}{label}{kind} {name} = {self.number(taken)}{options};")

    def map(self, i, taken, indent):
        kind, sort = self.kind()
        if sort == "enum" and (self.proto == 2 or kind.startswith(".google")):
            kind = "int32"  # of a map, an enum begins with 0
        self.lines.append(f"{'  ' * indent}map<{self.rng.choice(KEYS)}, {kind}> map_{i} = "
                          f"{self.number(taken)};")

    def message(self, name, scope, indent=0):
        taken, pad = set(), "  " * indent
        full = f"{scope}.{name}" if scope else name
        self.types.append((full, "message"))
        self.own.append(full)
        self.lines.append(f"{pad}message {name} {{")
        if indent < 3 and self.rng.random() < .4:
            self.enum(f"{name}E", indent + 1)
            self.types.append((f"{full}.{name}E", "enum"))
        if indent < 3 and self.rng.random() < .4:
            self.message(f"{name}N", full, indent + 1)
        for i in range(self.rng.choice([0, 1, 3, 8, 20, 70])):
            chance = self.rng.random()
            if chance < .15:
                self.map(i, taken, indent + 1)
            elif chance < .25:
                self.lines.append(f"{pad}  oneof choice_{i} {{")
                for k in range(self.rng.randint(1, 4)):
                    self.field(1000 + 10 * i + k, taken, indent + 2, oneof=True)
                self.lines.append(f"{pad}  }}")
            else:
                self.field(i, taken, indent + 1)
        self.lines.append(f"{pad}}}")

    def text(self):
        head = [f'syntax = "proto{self.proto}";']
        head += [f"package {self.package};"] if self.package else []
        head += [f'import "{name}";' for name in self.imports]
        self.enum("Top", 0)
        self.types.append((self.full("Top"), "enum"))
        for i in range(self.rng.randint(1, 4)):
            self.message(f"M{i}", self.package)
        return "\n".join(head + self.lines) + "\n"


# ---- Messages ----

class Filler(RandomMessages):
    """Also of google.protobuf's own types, which may not hold just anything."""

    def timestamp(self, message):
        first = int((datetime.datetime(1, 1, 1) - datetime.datetime(1970, 1, 1)).total_seconds())
        message.seconds = self.random.choice([first, 253402300799, 0, -1, 951782400, 951868800,
                                           self.random.randint(first, 253402300799)])
        message.nanos = self.random.choice([0, 1, 999999999, 20000000, 340000,
                                         self.random.randrange(10**9)])

    def duration(self, message):
        sign = self.random.choice([1, -1])
        message.seconds = sign * self.random.choice([0, 1, 315576000000, self.random.randrange(10**6)])
        message.nanos = sign * self.random.choice([0, 1, 999999999, 500000000, 340000])
        if abs(message.seconds) == 315576000000:
            message.nanos = 0

    def mask(self, message):
        message.paths.extend(self.random.choices(["user.display_name", "photo", "a_b.c_d", "x1"],
                                              k=self.random.randrange(4)))

    def value(self, message, depth):
        kind = self.random.choice(["null", "number", "string", "bool"] + ["struct", "list"] *
                               (depth < 4))
        if kind == "null":
            message.null_value = 0
        elif kind == "number":
            message.number_value = self.random.choice([0.0, 1.0, -2.5, 1e300, 2.0**53])
        elif kind == "string":
            message.string_value = self.text()
        elif kind == "bool":
            message.bool_value = self.random.random() < .5
        elif kind == "struct":
            message.struct_value.SetInParent()
            self.struct(message.struct_value, depth + 1)
        else:
            message.list_value.SetInParent()
            self.list(message.list_value, depth + 1)

    def struct(self, message, depth):
        for _ in range(self.random.randrange(3)):
            self.value(message.fields[self.text()], depth + 1)

    def list(self, message, depth):
        for _ in range(self.random.randrange(3)):
            self.value(message.values.add(), depth + 1)

    def fill_known(self, message, depth):
        own = {"Timestamp": self.timestamp, "Duration": self.duration, "FieldMask": self.mask}
        deep = {"Struct": self.struct, "Value": self.value, "ListValue": self.list}
        name = message.DESCRIPTOR.full_name.replace("google.protobuf.", "")
        if name in own:
            own[name](message)
        elif name in deep:
            deep[name](message, depth)
        return name in own or name in deep

    def fill(self, message, depth=0):
        if message.DESCRIPTOR.full_name.startswith("google.protobuf.") and \
                self.fill_known(message, depth):
            return message
        return super().fill(message, depth)
