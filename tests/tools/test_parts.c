/* The parts of the tool that are worth looking at alone. */
#include "base/decimal.h"
#include "base/input.h"
#include "base/report.h"
#include "test.h"
#include "json/base64.h"
#include "json/protobuf_fields.h"
#include "json/protobuf_names.h"
#include "json/text.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "trace.pb-c.h"

/* ---- Base64 ---- */

static void base64_of_every_length_decodes_to_itself(void **state) {
    (void)state;
    unsigned char data[64], decoded[sizeof data + 8];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 151 + 7);
    for (size_t len = 0; len <= sizeof data; len++) {
        struct buffer text = {0};
        size_t decoded_len;
        base64_encode(&text, data, len);
        check_int((int64_t)((len + 2) / 3 * 4), (int64_t)text.len);
        check(base64_decoded_max(text.len) <= sizeof decoded);
        check(base64_decode(text.data, text.len, decoded, &decoded_len));
        check_int((int64_t)len, (int64_t)decoded_len);
        check(memcmp(data, decoded, len) == 0);
        buffer_free(&text);
    }
}

static void base64_that_is_malformed_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "A", "AA=", "AA===", "=", "====", "AA=A", "A A=", "AAAA=", "AA*=", "AAAAA"};
    unsigned char out[16];
    size_t len;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check(!base64_decode(wrong[i], strlen(wrong[i]), out, &len));
    check(!base64_decode("AA\0A", 4, out, &len));
}

/* ---- Numbers ---- */

static void decimal_integers_are_exact(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool negative;
        uint64_t magnitude;
    } cases[] = {
        {"0", false, 0},
        {"-0", false, 0},
        {"0.000e-99999999999999999999", false, 0},
        {"0e99999999999999999999", false, 0},
        {"18446744073709551615", false, UINT64_MAX},
        {"-18446744073709551615.000", true, UINT64_MAX},
        {"1844674407370955161.5e1", false, UINT64_MAX},
        {"0.00018446744073709551615e23", false, UINT64_MAX},
        {"184467440737095516150000E-4", false, UINT64_MAX},
        {"9007199254740993.0", false, UINT64_C(9007199254740993)},
        {"1e19", false, UINT64_C(10000000000000000000)},
        {"-12", true, 12},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct integer integer;
        check(decimal_integer(cases[i].text, &integer));
        check(integer.magnitude == cases[i].magnitude);
        check(integer.negative == cases[i].negative);
    }
}

static void decimals_that_are_no_integers_of_64_bits_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"",
                                        "-",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "01",
                                        "1.",
                                        ".5",
                                        "1.5",
                                        "1e-1",
                                        "0x1",
                                        "1e",
                                        "e1",
                                        "1e+",
                                        "nan",
                                        "--1",
                                        "18446744073709551616",
                                        "1e20",
                                        "1e99999999999999999999",
                                        "1e-99999999999999999999",
                                        "18446744073709551615.1",
                                        "1844674407370955161.6e1"};
    struct integer integer;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check(!decimal_integer(wrong[i], &integer));
}

static uint64_t next_random(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state ^ *state >> 29;
}

/* Reads back the same, and no text with a digit less does. */
static void check_shortest(const char *text, double value, bool single) {
    check(strpbrk(text, ".e") != NULL);
    double again = single ? (double)strtof(text, NULL) : strtod(text, NULL);
    check(memcmp(&again, &value, sizeof value) == 0);
    int digits = 0;
    for (const char *at = text; *at && *at != 'e'; at++)
        digits += *at >= '0' && *at <= '9' && (digits || *at != '0');
    if (digits < 3)
        return; /* "1.0" has one that is there to tell it from an integer */
    char shorter[400];
    snprintf(shorter, sizeof shorter, "%.*g", digits - 2, value);
    double rounded = single ? (double)strtof(shorter, NULL) : strtod(shorter, NULL);
    check(strstr(text, ".0") || rounded != value);
}

static void floats_are_shown_by_their_shortest_text(void **state) {
    (void)state;
    uint64_t seed = 42;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&seed);
        double number;
        memcpy(&number, &bits, sizeof number);
        float half;
        memcpy(&half, &bits, sizeof half);
        struct json_object *wide = json_double(number), *narrow = json_float(half);
        if (isfinite(number))
            check_shortest(json_scalar_text(wide), number, false);
        if (isfinite(half))
            check_shortest(json_scalar_text(narrow), (double)half, true);
        json_object_put(wide);
        json_object_put(narrow);
    }
}

static void floats_are_shown_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *wide, *narrow;
    } cases[] = {{0, "0.0", "0.0"},
                 {-0.0, "-0.0", "-0.0"},
                 {1, "1.0", "1.0"},
                 {0.1, "0.1", "0.1"},
                 {-2.5, "-2.5", "-2.5"},
                 {1e30, "1e+30", "1e+30"},
                 {FLT_MAX, "3.4028234663852886e+38", "3.4028235e+38"},
                 {(double)NAN, "NaN", "NaN"},
                 {-(double)INFINITY, "-Infinity", "-Infinity"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_object *wide = json_double(cases[i].value);
        struct json_object *narrow = json_float((float)cases[i].value);
        check_text(cases[i].wide, json_scalar_text(wide));
        check_text(cases[i].narrow, json_scalar_text(narrow));
        json_object_put(wide);
        json_object_put(narrow);
    }
}

/* ---- Lines ---- */

/* However a pipe cuts them, lines come out whole. */
static void lines_do_not_depend_on_how_they_arrive(void **state) {
    (void)state;
    static const char input[] = "one\n\nthree\0three\nlast";
    int ends[2];
    check_int(0, pipe(ends));
    struct lines lines = {.fd = ends[0]};
    static const struct {
        const char *text;
        size_t len;
    } wanted[] = {{"one", 3}, {"", 0}, {"three\0three", 11}, {"last", 4}};
    size_t sent = 0, got = 0;
    for (; sent < sizeof input - 1; sent++) {
        check_int(1, write(ends[1], input + sent, 1));
        if (input[sent] != '\n')
            continue;
        const char *text;
        size_t len;
        check_int(LINE_READ, lines_next(&lines, &text, &len));
        check_int((int64_t)wanted[got].len, (int64_t)len);
        check(memcmp(text, wanted[got].text, len + 1) == 0);
        check_int((int64_t)++got, (int64_t)lines.number);
    }
    close(ends[1]);
    const char *text;
    size_t len;
    check_int(LINE_READ, lines_next(&lines, &text, &len));
    check_text(wanted[got].text, text);
    check_int(LINE_END, lines_next(&lines, &text, &len));
    check_int(LINE_END, lines_next(&lines, &text, &len));
    close(ends[0]);
    buffer_free(&lines.buffer);
}

/* ---- Others ---- */

static void every_error_has_the_documented_status(void **state) {
    (void)state;
    check_int(STATUS_DONE, status_of(MAILSLOT_OK));
    check_int(STATUS_FEWER, status_of(MAILSLOT_ERR_EMPTY));
    check_int(STATUS_TOO_BIG, status_of(MAILSLOT_ERR_TOO_BIG));
    check_int(STATUS_NO_SLOT, status_of(MAILSLOT_ERR_NOT_FOUND));
    check_int(STATUS_NO_SLOT, status_of(MAILSLOT_ERR_GONE));
    check_int(STATUS_USAGE, status_of(MAILSLOT_ERR_INVALID));
    check_int(STATUS_ERROR, status_of(MAILSLOT_ERR_IN_USE));
    check_int(STATUS_ERROR, status_of(MAILSLOT_ERR_BAD_VALUE));
    check_int(STATUS_ERROR, status_of(MAILSLOT_ERR_OS));
}

static const ProtobufCFieldDescriptor *event_field(const char *name) {
    struct protobuf_names names = {.type = &trace__event__descriptor};
    const ProtobufCFieldDescriptor *field = protobuf_names_field(&names, name);
    protobuf_names_free(&names);
    return field;
}

/* The first names are looked for among the fields, later ones in an index. */
static void names_are_found_alike_however_many_are_asked_for(void **state) {
    (void)state;
    static const ProtobufCFieldDescriptor fields[] = {
        {.name = "some_field", .id = 1},
        {.name = "someField", .id = 2},
        {.name = "other_", .id = 3},
        {.name = "a1_b", .id = 4},
    };
    static const unsigned sorted[] = {3, 2, 1, 0};
    static const ProtobufCMessageDescriptor type = {
        .n_fields = 4, .fields = fields, .fields_sorted_by_name = sorted};
    static const struct {
        const char *name;
        int field;
    } asked[] = {{"someField", 1}, {"some_field", 0}, {"other", 2}, {"other_", 2},
                 {"a1B", 3},       {"a1_b", 3},       {"A1B", -1},  {"", -1}};
    struct protobuf_names names = {.type = &type};
    for (size_t round = 0; round < 4; round++) {
        for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
            check(protobuf_names_field(&names, asked[i].name) ==
                  (asked[i].field < 0 ? NULL : &fields[asked[i].field]));
        check_text("some_field", protobuf_names_json(&names, &fields[0]));
        check_text("someField", protobuf_names_json(&names, &fields[1]));
        check_text("other", protobuf_names_json(&names, &fields[2]));
        check_text("a1B", protobuf_names_json(&names, &fields[3]));
    }
    protobuf_names_free(&names);
}

static void maps_are_told_from_repeated_messages(void **state) {
    (void)state;
    const ProtobufCMessageDescriptor *event = &trace__event__descriptor;
    check(protobuf_is_map(event, event_field("attributes")));
    check(!protobuf_is_map(event, event_field("message")));
    check(event_field("Message") == NULL);
    /* The same entry under another name is somebody's own message. */
    ProtobufCFieldDescriptor other = *event_field("attributes");
    other.name = "others";
    check(!protobuf_is_map(event, &other));
}

static void an_arena_hands_out_zeroed_aligned_memory(void **state) {
    (void)state;
    struct arena arena = {0};
    for (size_t size = 0; size < 20000; size = size * 2 + 1) {
        unsigned char *memory = arena_alloc(&arena, size);
        check((uintptr_t)memory % _Alignof(max_align_t) == 0);
        for (size_t i = 0; i < size; i++)
            check(memory[i] == 0);
        memset(memory, 0xFF, size);
    }
    check_text("copy", arena_copy(&arena, "copyright", 4));
    arena_free(&arena);
    check(arena.blocks == NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_of_every_length_decodes_to_itself),
        cmocka_unit_test(base64_that_is_malformed_is_refused),
        cmocka_unit_test(decimal_integers_are_exact),
        cmocka_unit_test(decimals_that_are_no_integers_of_64_bits_are_refused),
        cmocka_unit_test(floats_are_shown_by_their_shortest_text),
        cmocka_unit_test(floats_are_shown_as_people_write_them),
        cmocka_unit_test(lines_do_not_depend_on_how_they_arrive),
        cmocka_unit_test(every_error_has_the_documented_status),
        cmocka_unit_test(names_are_found_alike_however_many_are_asked_for),
        cmocka_unit_test(maps_are_told_from_repeated_messages),
        cmocka_unit_test(an_arena_hands_out_zeroed_aligned_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
