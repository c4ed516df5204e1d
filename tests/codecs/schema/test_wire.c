/*
 * The wire format's rules, case by case: a message is got by a loaded type and put again. Source:
 * https://protobuf.dev/programming-guides/encoding/. Google's conformance suite has many more cases
 * (tests/conformance), but needs a program that is not in every distribution.
 */
#include "pair.h"
#include "schema_types.h"

#include "wire_set.h"

/* Bytes are in hexadecimal with spaces between. */
struct wire_case {
    const char *about, *in;
    const char *out; /* NULL: BAD_MESSAGE */
};

static const struct wire_case varints[] = {
    {"int32 -1", "08 ffffffffffffffffff01", "08 ffffffffffffffffff01"},
    {"int64, the smallest", "10 80808080808080808001", "10 80808080808080808001"},
    {"uint64, the largest", "20 ffffffffffffffffff01", "20 ffffffffffffffffff01"},
    {"sint32, the smallest", "28 ffffffff0f", "28 ffffffff0f"},
    {"a number with more bytes than it needs", "08 818000", "08 01"},
    {"int32 of 33 bits is cut off", "08 8180808010", "08 01"},
    {"uint32 of 33 bits is cut off", "18 8180808010", "18 01"},
    {"sint32 of 33 bits is cut off", "28 8280808010", "28 02"},
    {"bool 2 is true", "30 02", "30 01"},
    {"bool 2^32 is true", "30 8080808010", "30 01"},
    {"the last of two numbers counts", "08 01 08 02", "08 02"},
    {"11 bytes", "08 8080808080808080808001", NULL},
    {"a number cut short", "08 80", NULL},
    {"no number", "08", NULL},
    {"a tag with more bytes than it needs", "8800 05", "08 05"},
    {"the largest field number", "faffffff0f 00", "faffffff0f 00"},
    {"field number 0", "00 00", NULL},
    {"a tag of 6 bytes", "888080808000 05", NULL},
    {"wire type 6", "0e", NULL},
    {"wire type 7", "0f", NULL},
};

static const struct wire_case lengths[] = {
    {"fixed32 cut short", "3d 000000", NULL},
    {"double cut short", "41 00000000000000", NULL},
    {"a string cut short", "4a 02 61", NULL},
    {"a length cut short", "52 80", NULL},
    {"a submessage cut short", "5a 02 08", NULL},
    {"a submessage whose field exceeds it", "5a 01 08 01", NULL},
    {"packed numbers cut short", "72 02 01", NULL},
    {"a packed number that exceeds its list", "72 01 80 01", NULL},
    {"an empty string", "4a 00", "4a 00"},
    {"an empty submessage", "5a 00", "5a 00"},
};

static const struct wire_case merges[] = {
    {"pieces of a submessage", "5a 02 0801 5a 03 120178", "5a 05 0801 120178"},
    {"the last number of the pieces counts", "5a 02 0801 5a 02 0802", "5a 02 0802"},
    {"lists of the pieces are joined", "5a 02 1801 5a 02 1802", "5a 04 1801 1802"},
    {"elements of a list are not merged", "62 02 0801 62 03 120178", "62 02 0801 62 03 120178"},
    {"a oneof has its last member", "8801 05 9201 01 61", "9201 01 61"},
    {"pieces in a oneof", "9a01 02 0801 9a01 03 120178", "9a01 05 0801 120178"},
    {"pieces before another member", "9a01 02 0801 8801 05 9a01 03 120178", "9a01 03 120178"},
    {"pieces of a map's value", "8201 0c 0a016b 12020801 1203120178",
     "8201 0a 0a016b 1205 0801 120178"},
};

static const struct wire_case lists[] = {
    {"packed, declared unpacked", "6a 02 01 02", "68 01 68 02"},
    {"unpacked, declared packed", "70 01 70 02", "72 02 01 02"},
    {"both in one message", "70 01 72 02 02 03 70 04", "72 04 01 02 03 04"},
    {"several packed parts", "72 01 01 72 00 72 01 02", "72 02 01 02"},
    {"nothing packed", "72 00", ""},
};

static const struct wire_case maps[] = {
    {"an entry", "7a 04 0801 1007", "7a 04 0801 1007"},
    {"value before key", "7a 04 1007 0801", "7a 04 0801 1007"},
    {"a missing key", "7a 02 1007", "7a 02 1007"},
    {"a missing value", "7a 02 0807", "7a 02 0807"},
    {"neither", "7a 00", "7a 00"},
    {"a missing submessage", "8201 03 0a016b", "8201 03 0a016b"},
    {"a key twice in an entry", "7a 06 0801 0802 1007", "7a 04 0802 1007"},
    {"an unknown field in an entry", "7a 06 0801 1007 1805", "7a 06 0801 1007 1805"},
};

static const struct wire_case unknowns[] = {
    {"a varint", "c00c 05", "c00c 05"},
    {"64 bits", "c10c 0102030405060708", "c10c 0102030405060708"},
    {"bytes", "c20c 02 6162", "c20c 02 6162"},
    {"32 bits", "c50c 01020304", "c50c 01020304"},
    {"in their order, behind the known ones", "c20c 00 c00c 05 0801 c00c 06",
     "0801 c20c 00 c00c 05 c00c 06"},
    {"in a submessage", "5a 05 c00c 05 0801", "5a 05 0801 c00c 05"},
    {"bytes for a number", "0a 01 61", "0a 01 61"},
    {"a number for a string", "48 05", "48 05"},
    {"32 bits for a list of numbers", "75 01020304", "75 01020304"},
    {"an extension", "a206 02 0801", "a206 02 0801"},
};

static const struct wire_case groups[] = {
    {"a group of the schema", "ab01 0805 ac01", "ab01 0805 ac01"},
    {"an empty one", "ab01 ac01", "ab01 ac01"},
    {"a repeated one", "b301 0801 b401 b301 0802 b401", "b301 0801 b401 b301 0802 b401"},
    {"one in a oneof clears nothing", "8801 05 a301 0801 a401", "8801 05 a301 0801 a401"},
    {"with a field between two", "b301 b401 0801 b301 b401", "0801 b301 b401 b301 b401"},
    {"a group that the schema lacks", "c30c 0a0161 c40c", "c30c 0a0161 c40c"},
    {"a group in a group", "ab01 c30c 0801 c40c ac01", "ab01 c30c 0801 c40c ac01"},
    {"a message set's item", "ba01 08 0b 1004 1a020801 0c", "ba01 08 0b 1004 1a020801 0c"},
    {"bytes for a group", "aa01 01 61", "aa01 01 61"},
    {"without an end", "ab01 0805", NULL},
    {"with another group's end", "ab01 0805 b401", NULL},
    {"an end alone", "ac01", NULL},
    {"an end behind its message", "5a 02 ab01 ac01", NULL},
};

static size_t bytes_of(const char *hex, unsigned char *bytes) {
    size_t digits = 0;
    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        int digit = *hex <= '9' ? *hex - '0' : *hex - 'a' + 10;
        bytes[digits / 2] = (unsigned char)(digits % 2 ? bytes[digits / 2] << 4 | digit : digit);
        digits++;
    }
    return digits / 2;
}

static void check_wire_case(struct pair *pair, const struct wire_case *one) {
    unsigned char in[64], out[64];
    size_t len = bytes_of(one->in, in);
    mailslot_err err = pair_receive(pair, in, len);
    if (err != (one->out ? MAILSLOT_OK : MAILSLOT_ERR_BAD_MESSAGE))
        fail_msg("%s: %s %s", one->about, mailslot_errname(err), mailslot_detail());
    if (!one->out)
        return;
    check_ok(mailslot_put(pair->writer, mailslot_record_value(pair->record)));
    check_ok(pair_get(pair));
    mailslot_bytes bytes = mailslot_record_bytes(pair->record);
    len = bytes_of(one->out, out);
    if (bytes.len != len || (len && memcmp(bytes.data, out, len) != 0))
        fail_msg("%s: other bytes were put", one->about);
}

static void check_wire_cases(const struct wire_case *cases, size_t count) {
    mailslot_registry *registry = new_registry();
    check_ok(mailslot_protobuf_load(registry, wire_set, sizeof wire_set));
    struct pair pair = pair_open(find(registry, "protobuf:wire.Wire"));
    for (size_t i = 0; i < count; i++)
        check_wire_case(&pair, &cases[i]);
    pair_close(&pair);
    mailslot_registry_free(registry);
}

#define WIRE_TEST(name, cases)                                                                     \
    static void name(void **state) {                                                               \
        (void)state;                                                                               \
        check_wire_cases(cases, sizeof(cases) / sizeof *(cases));                                  \
    }

WIRE_TEST(numbers_are_read_as_elsewhere, varints)
WIRE_TEST(lengths_are_checked, lengths)
WIRE_TEST(pieces_are_merged, merges)
WIRE_TEST(lists_are_read_packed_or_not, lists)
WIRE_TEST(map_entries_may_lack_parts, maps)
WIRE_TEST(unknown_fields_are_kept, unknowns)
WIRE_TEST(groups_are_kept, groups)

/* A group makes no field, but the other fields of its type are there under their names. */
static void types_have_no_fields_for_groups(void **state) {
    (void)state;
    mailslot_registry *registry = new_registry();
    check_ok(mailslot_protobuf_load(registry, wire_set, sizeof wire_set));
    const ProtobufCMessageDescriptor *type = type_of(registry, "protobuf:wire.Wire");
    check_int(20, type->n_fields);
    check(protobuf_c_message_descriptor_get_field(type, 20) == NULL);
    check(protobuf_c_message_descriptor_get_field_by_name(type, "single") == NULL);
    check_int(23, field_of(type, "set")->id);
    check_text("set", mailslot_protobuf_json_name(type, field_of(type, "set")));
    check_int(0, type_of(registry, "protobuf:wire.Wire.Set")->n_fields);
    check_int(1, type_of(registry, "protobuf:wire.Wire.Many")->n_fields);
    mailslot_registry_free(registry);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(numbers_are_read_as_elsewhere),
        slot_test(lengths_are_checked),
        slot_test(pieces_are_merged),
        slot_test(lists_are_read_packed_or_not),
        slot_test(map_entries_may_lack_parts),
        slot_test(unknown_fields_are_kept),
        slot_test(groups_are_kept),
        cmocka_unit_test(types_have_no_fields_for_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
