#include "messages.h"
#include "pair.h"

#include <mailslot/protobuf.h>
#include <mailslot/registry.h>
#include <mailslot/text.h>

#include <stdlib.h>

/* ---- Round trips ---- */

/* Packs a message without the library, to compare with. */
static void check_packed_like(const struct pair *pair, const ProtobufCMessage *message) {
    static uint8_t packed[8192];
    check(protobuf_c_message_get_packed_size(message) <= sizeof packed);
    pair_check_bytes(pair, packed, protobuf_c_message_pack(message, packed));
}

static void every_type_passes_unchanged(void **state) {
    (void)state;
    struct pair pair = pair_open(everything_codec());
    struct sample_everything sample;
    const Test3__Everything *sent = sample_everything(&sample);
    check_ok(everything_put(pair.writer, sent));
    const Test3__Everything *got = NULL;
    check_ok(everything_get(pair.reader, pair.record, &got, MAILSLOT_NO_WAIT));
    check(got == mailslot_record_value(pair.record));
    check_packed_like(&pair, &sent->base);
    check_packed_like(&pair, &got->base);
    check(got->scalars->u64 == UINT64_MAX && got->scalars->s64 == INT64_MIN);
    check_text("\xe2\x82\xac", got->scalars->text);
    check_int(TEST3__COLOR__BELOW, got->scalars->color);
    check_int(3, (int64_t)got->lists->n_i32);
    check_int(INT32_MIN, got->lists->i32[2]);
    check_int(TEST3__CHOICE__KIND_TREE, got->choice->kind_case);
    check_text("leaf", got->choice->tree->child->name);
    check_text("value", got->maps->texts[0]->value);
    pair_close(&pair);
}

static void an_empty_message_has_no_bytes(void **state) {
    (void)state;
    struct pair pair = pair_open(everything_codec());
    const Test3__Everything empty = TEST3__EVERYTHING__INIT;
    const Test3__Everything *got = pair_pass(&pair, &empty);
    pair_check_bytes(&pair, "", 0);
    check(got->scalars == NULL && got->tree == NULL);
    pair_close(&pair);
}

/* In a submessage, a list and a map, with an unknown field, and beside 0.0, which is the default.
 */
static void minus_zero_is_put(void **state) {
    static const struct {
        const char *bytes;
        size_t len;
    } messages[] = {
        {"\x0a\x05\x15\0\0\0\x80", 7},
        {"\x0a\x0e\x09\0\0\0\0\0\0\0\x80\x15\0\0\0\x80", 16},
        {"\x0a\x0a\x18\7\xc0\x0c\5\x15\0\0\0\x80", 12},
        {"\x12\x0b\x8a\1\0\x8a\1\5\x15\0\0\0\x80", 13},
        {"\x22\x0b\x12\x09\x08\1\x12\5\x15\0\0\0\x80", 13},
    };
    (void)state;
    struct pair pair = pair_open(everything_codec());
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        check_ok(pair_receive(&pair, messages[i].bytes, messages[i].len));
        check_ok(mailslot_put(pair.writer, mailslot_record_value(pair.record)));
        check_ok(pair_get(&pair));
        pair_check_bytes(&pair, messages[i].bytes, messages[i].len);
    }
    check_ok(pair_receive(&pair, "\x0a\x05\x15\0\0\0\0", 7));
    pair_pass(&pair, mailslot_record_value(pair.record));
    pair_check_bytes(&pair, "\x0a\0", 2);
    pair_close(&pair);
}

/* The value itself is not changed. */
static void a_message_with_minus_zero_is_not_changed(void **state) {
    (void)state;
    struct pair pair = pair_open(everything_codec());
    Test3__Everything everything = TEST3__EVERYTHING__INIT;
    Test3__Scalars scalars = TEST3__SCALARS__INIT;
    scalars.f64 = -0.0;
    everything.scalars = &scalars;
    const Test3__Everything *got = pair_pass(&pair, &everything);
    check(everything.scalars == &scalars && scalars.base.n_unknown_fields == 0);
    check(got->scalars->f64 == 0 && signbit(got->scalars->f64));
    check_int(0, got->scalars->base.n_unknown_fields);
    pair_close(&pair);
}

static void proto2_knows_what_is_set(void **state) {
    (void)state;
    struct pair pair = pair_open(optional_codec());
    Test2__Optional sent = TEST2__OPTIONAL__INIT;
    const Test2__Optional *got = pair_pass(&pair, &sent);
    pair_check_bytes(&pair, "", 0);
    check(!got->has_number && got->number == 42);
    check_text("unsaid", got->text);
    check_same_bytes("\1\2", 2, got->data.data, got->data.len);
    check_int(TEST2__COLOR__GREEN, got->color);
    sent.has_number = sent.has_flag = 1;
    sent.number = 0;
    sent.text = "";
    got = pair_pass(&pair, &sent);
    pair_check_bytes(&pair, "\x08\0\x12\0\x28\0", 6);
    check(got->has_number && got->number == 0 && got->has_flag);
    check_text("", got->text);
    pair_close(&pair);
}

static void repeated_numbers_decode_packed_or_not(void **state) {
    (void)state;
    struct pair pair = pair_open(optional_codec());
    const char bytes[] = "\x38\1\x3a\2\2\3\x40\4\x42\2\5\6\x42\0";
    check_ok(pair_receive(&pair, bytes, sizeof bytes - 1));
    const Test2__Optional *got = mailslot_record_value(pair.record);
    check_int(3, (int64_t)got->n_loose);
    check_int(3, got->loose[2]);
    check_int(3, (int64_t)got->n_tight);
    check_int(6, got->tight[2]);
    pair_close(&pair);
}

static void unknown_fields_survive_a_round_trip(void **state) {
    (void)state;
    struct pair old = pair_open(old_codec());
    struct sample_everything sample;
    const Test3__Scalars *sent = sample_everything(&sample)->scalars;
    static uint8_t packed[1024];
    size_t len = test3__scalars__pack(sent, packed);
    check_ok(pair_receive(&old, packed, len));
    const Test3__Old *got = mailslot_record_value(old.record);
    check_int(sent->i32, got->i32);
    check_int(15, got->base.n_unknown_fields);
    check_ok(old_put(old.writer, got));
    check_ok(pair_get(&old));
    check_int((int64_t)len, (int64_t)mailslot_record_bytes(old.record).len);
    Test3__Scalars *again =
        test3__scalars__unpack(NULL, len, mailslot_record_bytes(old.record).data);
    check(again != NULL);
    check(again->u64 == sent->u64 && again->f64 == sent->f64 && again->i32 == sent->i32);
    check_text(sent->text, again->text);
    test3__scalars__free_unpacked(again, NULL);
    pair_close(&old);
}

static void the_last_of_a_oneof_counts(void **state) {
    (void)state;
    struct pair pair = pair_open(choice_codec());
    check_ok(pair_receive(&pair, "\x12\1x\x22\2\x1a\0\x08\7", 9));
    const Test3__Choice *got = mailslot_record_value(pair.record);
    check_int(TEST3__CHOICE__KIND_NUMBER, got->kind_case);
    check_int(7, got->number);
    pair_close(&pair);
}

static void a_field_of_the_highest_number_decodes(void **state) {
    (void)state;
    struct pair pair = pair_open(wide_codec());
    Test2__Optional second = TEST2__OPTIONAL__INIT;
    Test2__Wide sent = TEST2__WIDE__INIT;
    sent.second = &second;
    sent.has_p4 = 1;
    sent.p4 = -1;
    const Test2__Wide *got = pair_pass(&pair, &sent);
    check(got->second != NULL && got->first == NULL && got->p4 == -1);
    pair_close(&pair);
}

/* ---- Typed functions ---- */

static void the_registrys_codec_is_the_macros(void **state) {
    (void)state;
    mailslot_registry *registry = NULL;
    const mailslot_codec *codec = NULL;
    check_ok(mailslot_registry_new(&registry));
    check_ok(mailslot_registry_add_protobuf(registry, &test3__old__descriptor));
    check_ok(mailslot_registry_find(registry, "protobuf:test3.Old", &codec));
    struct pair pair = pair_open(codec);
    Test3__Old sent = TEST3__OLD__INIT;
    sent.i32 = 5;
    check_ok(old_put(pair.writer, &sent));
    const Test3__Old *got = NULL;
    check_ok(old_get(pair.reader, pair.record, &got, MAILSLOT_NO_WAIT));
    check_int(5, got->i32);
    pair_close(&pair);
    mailslot_registry_free(registry);
}

static void typed_calls_need_a_slot_of_their_type(void **state) {
    (void)state;
    const mailslot_codec *others[] = {mailslot_codec_text(), everything_codec()};
    const char *const names[] = {"codec is text,", "codec is protobuf:test3.Everything,"};
    for (size_t i = 0; i < 2; i++) {
        struct pair pair = pair_open(others[i]);
        const Test3__Old sent = TEST3__OLD__INIT;
        const Test3__Old *got = &sent;
        check_err(MAILSLOT_ERR_INVALID, old_put(pair.writer, &sent));
        check_detail(names[i]);
        check_detail("not protobuf:test3.Old");
        check_int(0, (int64_t)count_of(pair.reader));
        check_ok(mailslot_put_bytes(pair.writer, "", 0));
        check_err(MAILSLOT_ERR_INVALID, old_get(pair.reader, pair.record, &got, MAILSLOT_NO_WAIT));
        check_detail(names[i]);
        check(got == NULL);
        check_int(1, (int64_t)count_of(pair.reader));
        pair_close(&pair);
    }
}

static void typed_calls_refuse_null(void **state) {
    (void)state;
    struct pair pair = pair_open(old_codec());
    const Test3__Old sent = TEST3__OLD__INIT;
    const Test3__Old *got = &sent;
    check_err(MAILSLOT_ERR_INVALID, old_put(NULL, &sent));
    check_err(MAILSLOT_ERR_INVALID, old_put(pair.writer, NULL));
    check_err(MAILSLOT_ERR_INVALID, old_get(NULL, pair.record, &got, MAILSLOT_NO_WAIT));
    check(got == NULL);
    check_err(MAILSLOT_ERR_INVALID, old_get(pair.reader, NULL, &got, MAILSLOT_NO_WAIT));
    pair_close(&pair);
}

static void typed_get_gives_null_when_it_fails(void **state) {
    (void)state;
    struct pair pair = pair_open(old_codec());
    const Test3__Old sent = TEST3__OLD__INIT;
    const Test3__Old *got = &sent;
    check_err(MAILSLOT_ERR_EMPTY, old_get(pair.reader, pair.record, &got, MAILSLOT_NO_WAIT));
    check(got == NULL);
    got = &sent;
    check_ok(mailslot_put_bytes(pair.writer, "\xff", 1));
    check_err(MAILSLOT_ERR_BAD_MESSAGE, old_get(pair.reader, pair.record, &got, MAILSLOT_NO_WAIT));
    check(got == NULL);
    pair_close(&pair);
}

/* ---- Values that cannot be encoded ---- */

static void another_message_type_is_refused(void **state) {
    (void)state;
    struct pair pair = pair_open(everything_codec());
    const Test3__Old old = TEST3__OLD__INIT;
    pair_check_refused(&pair, &old, "type test3.Old, expected test3.Everything");
    Test3__Everything sent = TEST3__EVERYTHING__INIT;
    sent.tree = (Test3__Tree *)&old;
    pair_check_refused(&pair, &sent, "type test3.Old, expected test3.Tree");
    const ProtobufCMessage none = {NULL, 0, NULL};
    pair_check_refused(&pair, &none, "(none), expected test3.Everything");
    pair_close(&pair);
}

static void missing_pointers_are_refused(void **state) {
    (void)state;
    struct pair pair = pair_open(required_codec());
    Test2__Required sent = TEST2__REQUIRED__INIT;
    pair_check_refused(&pair, &sent, "test2.Required.name: pointer is NULL");
    sent.name = "n";
    pair_pass(&pair, &sent);
    sent.data.len = 1;
    pair_check_refused(&pair, &sent, "test2.Required.data: pointer is NULL");
    sent.data.len = 0;
    Test2__Required inner = TEST2__REQUIRED__INIT;
    sent.inner = &inner;
    pair_check_refused(&pair, &sent, "test2.Required.name: pointer is NULL");
    pair_close(&pair);
}

static void missing_pointers_in_proto3_are_refused(void **state) {
    (void)state;
    struct pair pair = pair_open(everything_codec());
    Test3__Scalars scalars = TEST3__SCALARS__INIT;
    Test3__Lists lists = TEST3__LISTS__INIT;
    Test3__Choice choice = TEST3__CHOICE__INIT;
    Test3__Everything sent = TEST3__EVERYTHING__INIT;
    sent.scalars = &scalars;
    sent.lists = &lists;
    sent.choice = &choice;
    scalars.text = NULL; /* as good as "" */
    pair_pass(&pair, &sent);
    scalars.data.len = 1;
    pair_check_refused(&pair, &sent, "test3.Scalars.data: pointer is NULL");
    scalars.data.len = 0;
    lists.n_x64 = 1;
    pair_check_refused(&pair, &sent, "test3.Lists.x64: pointer is NULL");
    lists.n_x64 = 0;
    lists.n_text = 2;
    lists.text = (char *[]){"a", NULL};
    pair_check_refused(&pair, &sent, "test3.Lists.text: pointer is NULL");
    lists.n_text = 1;
    lists.n_data = 2;
    lists.data = (ProtobufCBinaryData[]){{0, NULL}, {1, NULL}};
    pair_check_refused(&pair, &sent, "test3.Lists.data: pointer is NULL");
    lists.n_data = 1;
    lists.n_scalars = 1;
    lists.scalars = (Test3__Scalars *[]){NULL};
    pair_check_refused(&pair, &sent, "test3.Lists.scalars: pointer is NULL");
    lists.n_scalars = 0;
    choice.kind_case = TEST3__CHOICE__KIND_DATA;
    choice.data = (ProtobufCBinaryData){1, NULL};
    pair_check_refused(&pair, &sent, "test3.Choice.data: pointer is NULL");
    choice.kind_case = TEST3__CHOICE__KIND_FLAG; /* what the union holds is then no pointer */
    choice.data = (ProtobufCBinaryData){1, NULL};
    pair_pass(&pair, &sent);
    pair_close(&pair);
}

static void strings_must_be_utf8(void **state) {
    (void)state;
    struct pair pair = pair_open(everything_codec());
    Test3__Scalars scalars = TEST3__SCALARS__INIT;
    Test3__Everything sent = TEST3__EVERYTHING__INIT;
    sent.scalars = &scalars;
    scalars.text = "caf\xe9";
    pair_check_refused(&pair, &sent, "test3.Scalars.text: not UTF-8");
    scalars.text = "caf\xc3\xa9";
    pair_pass(&pair, &sent);
    pair_close(&pair);
}

static void values_nest_as_deep_as_they_decode(void **state) {
    (void)state;
    static Test3__Tree trees[5000];
    struct pair pair = pair_open(tree_codec());
    for (size_t i = 0; i < 5000; i++)
        test3__tree__init(&trees[i]);
    for (size_t i = 0; i < 31; i++)
        trees[i].child = &trees[i + 1];
    pair_pass(&pair, trees);
    for (size_t i = 31; i < 4999; i++)
        trees[i].child = &trees[i + 1];
    pair_check_refused(&pair, trees, "test3.Tree: nested over 32");
    trees[0].child = trees;
    pair_check_refused(&pair, trees, "test3.Tree: nested over 32");
    pair_close(&pair);
}

/* ---- Hostile messages ---- */

struct hostile {
    const char *bytes;
    size_t len;
    const char *why;
};

/* Of test3.Everything. */
static const struct hostile hostile[] = {
    {"\x00\x00", 2, "malformed field number"},
    {"\x07", 1, "malformed field number"},
    {"\x80\x00\x00", 3, "malformed field number"},             /* number 0, the long way */
    {"\xf8\xff\xff\xff\x1f\x00", 6, "malformed field number"}, /* over 29 bits */
    {"\xf8\xff\xff\xff\xff\x0f\x00", 7, "malformed field number"},
    {"\x88", 1, "malformed field number"},
    {"\xb4\x06", 2, "end of a group that has no beginning"},
    {"\xb3\x06", 2, "unfinished group"},
    {"\xb3\x06\xac\x06", 4, "end of another group"},
    {"\xb3\x06\x0a\x05\xb4\x06", 6, "malformed length"},
    {"\xb3\x06\xb6\x06\xb4\x06", 6, "unknown wire type"},
    {"\xb6\x06", 2, "unknown wire type"},    /* there is none such */
    {"\xb7\x06", 2, "unknown wire type"},    /* nor such */
    {"\x0a\x02\x68", 3, "malformed length"}, /* more than there is */
    {"\x0a\xff\xff\xff\xff\x0f", 6, "malformed length"},
    {"\x0a\xff\xff\xff\xff\xff\x0f", 7, "malformed length"},
    {"\x0a\x80", 2, "malformed length"},
    {"\x0a\x01\x68\x01", 4, "malformed varint"}, /* begins in the submessage, ends behind it */
    {"\xb0\x06\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13, "malformed varint"},
    {"\x0a\x03\x09\x00\x00", 5, "test3.Scalars.f64: number cut short"},
    {"\x0a\x03\x15\x00\x00", 5, "test3.Scalars.f32: number cut short"},
    {"\x0a\x03\x72\x01\xff", 5,
     "test3.Scalars.text: a string with a NUL or invalid UTF-8 at byte 4"},
    {"\x0a\x05\x72\x03"
     "a\0b",
     7, "test3.Scalars.text: a string with a NUL or invalid UTF-8 at byte 5"},
    {"\x12\x05\x0a\x03\x00\x00\x00", 7, "test3.Lists.f64: malformed packed numbers"},
    {"\x12\x04\x12\x02\x00\x00", 6, "test3.Lists.f32: malformed packed numbers"},
    {"\x12\x03\x1a\x01\x80", 5, "test3.Lists.i32: malformed packed numbers"},
    {"\x12\x04\x1a\x01\x80\x01", 6, "test3.Lists.i32: malformed packed numbers"},
    {"\x12\x02\x1a\x05", 4, "test3.Lists.i32: malformed length"},
};

static void *receive_hostile(void *ctx) {
    struct pair *pair = ctx;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        check_err(MAILSLOT_ERR_BAD_MESSAGE, pair_receive(pair, hostile[i].bytes, hostile[i].len));
        check_detail(hostile[i].why);
        check(mailslot_record_value(pair->record) == NULL);
    }
    return NULL;
}

static void hostile_messages_are_refused(void **state) {
    (void)state;
    struct pair pair = pair_open(everything_codec());
    on_small_stack(receive_hostile, &pair);
    check_int(sizeof hostile / sizeof *hostile, (int64_t)info_of(pair.reader).bad_messages);
    pair_close(&pair);
}

/* Writes trees within trees, from the innermost out, before end; returns where they begin. */
static uint8_t *nest(uint8_t *end, uint8_t tag, size_t levels) {
    uint8_t *at = end;
    for (size_t i = 0; i < levels; i++) {
        size_t len = (size_t)(end - at);
        if (len >= 128) {
            *--at = (uint8_t)(len >> 7);
            *--at = (uint8_t)(len | 0x80);
        } else {
            *--at = (uint8_t)len;
        }
        *--at = tag;
    }
    return at;
}

static void *receive_deep(void *ctx) {
    struct pair *pair = ctx;
    uint8_t bytes[16000];
    uint8_t *end = bytes + sizeof bytes;
    const uint8_t tags[] = {0x0a, 0x12};
    for (size_t i = 0; i < sizeof tags; i++) {
        uint8_t *at = nest(end, tags[i], 31);
        check_ok(pair_receive(pair, at, (size_t)(end - at)));
        at = nest(end, tags[i], 32);
        check_err(MAILSLOT_ERR_TOO_COMPLEX, pair_receive(pair, at, (size_t)(end - at)));
        check_detail("test3.Tree: nested over 32");
        at = nest(end, tags[i], 170); /* 422 bytes or so: once the end of such a stack */
        check_err(MAILSLOT_ERR_TOO_COMPLEX, pair_receive(pair, at, (size_t)(end - at)));
        at = nest(end, tags[i], 4000);
        check_err(MAILSLOT_ERR_TOO_COMPLEX, pair_receive(pair, at, (size_t)(end - at)));
    }
    return NULL;
}

static void nesting_ends_at_32(void **state) {
    (void)state;
    struct pair pair = pair_open(tree_codec());
    on_small_stack(receive_deep, &pair);
    pair_close(&pair);
}

static void a_missing_required_field_is_bad(void **state) {
    (void)state;
    struct pair pair = pair_open(required_codec());
    check_err(MAILSLOT_ERR_BAD_MESSAGE, pair_receive(&pair, "", 0));
    check_detail("test2.Required: a required field is missing");
    check_err(MAILSLOT_ERR_BAD_MESSAGE, pair_receive(&pair, "\x08\1\x12\1n", 5));
    check_ok(pair_receive(&pair, "\x08\1\x12\1n\x1a\0", 7));
    check_err(MAILSLOT_ERR_BAD_MESSAGE, pair_receive(&pair, "\x08\1\x12\1n\x1a\0\x22\0", 9));
    pair_close(&pair);
}

static struct pair open_with_budget(const mailslot_codec *codec, size_t budget) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = codec;
    options.direction = MAILSLOT_READ;
    options.decode_budget = budget;
    options.bad_messages = MAILSLOT_BAD_REPORT;
    struct pair pair = {open_with("pair", &options), NULL, NULL};
    pair.writer = pair_open_end(codec, MAILSLOT_WRITE, 0);
    check_ok(mailslot_record_new(&pair.record));
    return pair;
}

/* A message, and what it is when it is put again. */
struct again {
    const char *bytes;
    size_t len;
    const char *put;
    size_t put_len;
};

#define SAME(bytes)                                                                                \
    { bytes, sizeof bytes - 1, bytes, sizeof bytes - 1 }
#define AGAIN(bytes, put)                                                                          \
    { bytes, sizeof bytes - 1, put, sizeof put - 1 }

static void check_again(const mailslot_codec *codec, const struct again *cases, size_t count) {
    struct pair pair = pair_open(codec);
    for (size_t i = 0; i < count; i++) {
        check_ok(pair_receive(&pair, cases[i].bytes, cases[i].len));
        check_ok(mailslot_put(pair.writer, mailslot_record_value(pair.record)));
        check_ok(pair_get(&pair));
        pair_check_bytes(&pair, cases[i].put, cases[i].put_len);
    }
    pair_close(&pair);
}

static void unexpected_wire_types_are_unknown_fields(void **state) {
    static const struct again cases[] = {
        SAME("\x08\x01"),                                     /* scalars as a varint */
        SAME("\x0a\x02\x0a\x00"),                             /* scalars.f64 as bytes */
        SAME("\x0a\x06\x6a\x04\x01\x01\x01\x01"),             /* scalars.flag as packed numbers */
        SAME("\x0a\x09\x19\x01\x02\x03\x04\x05\x06\x07\x08"), /* scalars.i32 as 64 bits */
        SAME("\x1a\x04\x08\x05\x20\x01"), /* choice.number, then tree as a varint */
        AGAIN("\x08\x01\x0a\x02\x18\x07", "\x0a\x02\x18\x07\x08\x01"),
    };
    (void)state;
    check_again(everything_codec(), cases, sizeof cases / sizeof *cases);
}

static void groups_are_unknown_fields(void **state) {
    static const struct again cases[] = {
        SAME("\xb3\x06\xb4\x06"),                         /* empty, of an unknown number */
        SAME("\xa3\x06\x08\x01\xa4\x06"),                 /* with a field */
        SAME("\x0b\x12\x01g\x0c"),                        /* of the number of scalars */
        SAME("\xb3\x06\xab\x06\xac\x06\xb4\x06"),         /* nested */
        SAME("\x0a\x04\xa3\x06\xa4\x06"),                 /* in a submessage */
        SAME("\xb8\x06\x01\xb3\x06\xb4\x06\xb8\x06\x02"), /* among other unknown ones */
    };
    (void)state;
    check_again(everything_codec(), cases, sizeof cases / sizeof *cases);
}

static void pieces_of_a_submessage_are_merged(void **state) {
    static const struct again cases[] = {
        AGAIN("\x0a\x02\x18\x01\x0a\x02\x20\x02", "\x0a\x04\x18\x01\x20\x02"),
        AGAIN("\x0a\x02\x18\x01\x0a\x02\x18\x00", "\x0a\x00"), /* the last number counts */
        AGAIN("\x0a\x00\x0a\x00\x0a\x00", "\x0a\x00"),
        AGAIN("\x0a\x03\xb8\x06\x01\x0a\x03\xb8\x06\x02", "\x0a\x06\xb8\x06\x01\xb8\x06\x02"),
        /* pieces in pieces: tree.child */
        AGAIN("\x2a\x04\x0a\x02\x12\x00\x2a\x05\x0a\x03\x1a\x01n",
              "\x2a\x07\x0a\x05\x12\x00\x1a\x01n"),
        /* with a field of another one between them */
        AGAIN("\x0a\x02\x18\x01\x2a\x00\x0a\x02\x20\x02", "\x0a\x04\x18\x01\x20\x02\x2a\x00"),
        /* the value of a map */
        AGAIN("\x22\x0c\x12\x0a\x08\x01\x12\x02\x18\x01\x12\x02\x20\x02",
              "\x22\x0a\x12\x08\x08\x01\x12\x04\x18\x01\x20\x02"),
    };
    (void)state;
    check_again(everything_codec(), cases, sizeof cases / sizeof *cases);
}

static void pieces_in_a_oneof_are_merged_since_another_member(void **state) {
    static const struct again cases[] = {
        AGAIN("\x1a\x09\x22\x03\x1a\x01n\x22\x02\x12\x00", "\x1a\x07\x22\x05\x12\x00\x1a\x01n"),
        AGAIN("\x1a\x0b\x22\x03\x1a\x01n\x08\x05\x22\x02\x12\x00", "\x1a\x04\x22\x02\x12\x00"),
        AGAIN("\x1a\x06\x22\x00\x22\x00\x08\x05", "\x1a\x02\x08\x05"),
        AGAIN("\x1a\x08\x22\x00\x08\x05\x22\x00\x22\x00", "\x1a\x02\x22\x00"),
    };
    (void)state;
    check_again(everything_codec(), cases, sizeof cases / sizeof *cases);
}

static void pieces_are_merged_beyond_64_fields(void **state) {
    static const struct again cases[] = {
        AGAIN("\xc2\x3e\0\xfa\xff\xff\xff\x0f\0\xc2\x3e\0", "\xc2\x3e\0\xfa\xff\xff\xff\x0f\0"),
    };
    (void)state;
    check_again(wide_codec(), cases, 1);
}

static void groups_nest_as_deep_as_messages(void **state) {
    char bytes[2 * 32];
    (void)state;
    struct pair pair = pair_open(everything_codec());
    for (size_t depth = 31; depth <= 32; depth++) {
        memset(bytes, 0x33, depth);
        memset(bytes + depth, 0x34, depth);
        mailslot_err err = pair_receive(&pair, bytes, 2 * depth);
        check_err(depth == 31 ? MAILSLOT_OK : MAILSLOT_ERR_TOO_COMPLEX, err);
    }
    pair_close(&pair);
}

/* A rewritten message costs more of the budget than a regular one, and no more than that. */
static void the_budget_binds_a_rewritten_message(void **state) {
    char bytes[424];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i += 2)
        memcpy(bytes + i, "\x0a", 2);
    struct pair pair = open_with_budget(everything_codec(), 1024);
    check_err(MAILSLOT_ERR_TOO_COMPLEX, pair_receive(&pair, bytes, sizeof bytes));
    check_detail("budget of 1024");
    pair_close(&pair);
}

/* 212 empty trees of 2 bytes each become 20 KB and more. */
static void the_budget_binds_what_a_message_becomes(void **state) {
    (void)state;
    char bytes[424];
    for (size_t i = 0; i < sizeof bytes; i += 2)
        memcpy(bytes + i, "\x12", 2);
    struct pair pair = open_with_budget(tree_codec(), 8192);
    check_err(MAILSLOT_ERR_TOO_COMPLEX, pair_receive(&pair, bytes, sizeof bytes));
    check_detail("budget of 8192");
    check_ok(pair_receive(&pair, bytes, 20));
    pair_close(&pair);
    pair = open_with_budget(tree_codec(), 0);
    check_ok(pair_receive(&pair, bytes, sizeof bytes));
    const Test3__Tree *tree = mailslot_record_value(pair.record);
    check_int(212, (int64_t)tree->n_children);
    pair_close(&pair);
}

static void any_budget_is_kept_cleanly(void **state) {
    (void)state;
    struct sample_everything sample;
    static uint8_t packed[8192];
    size_t len = protobuf_c_message_pack(&sample_everything(&sample)->base, packed);
    bool enough = false;
    for (size_t budget = 1; budget < 16384; budget += 97) {
        struct pair pair = open_with_budget(everything_codec(), budget);
        mailslot_err err = pair_receive(&pair, packed, len);
        check(err == MAILSLOT_ERR_TOO_COMPLEX || err == MAILSLOT_OK);
        check(!enough || err == MAILSLOT_OK);
        enough = err == MAILSLOT_OK;
        pair_close(&pair);
    }
    check(enough);
}

static void a_message_cut_anywhere_does_no_harm(void **state) {
    (void)state;
    struct pair pair = pair_open(everything_codec());
    struct sample_everything sample;
    static uint8_t packed[8192];
    size_t len = protobuf_c_message_pack(&sample_everything(&sample)->base, packed);
    int whole = 0;
    for (size_t cut = 0; cut < len; cut++)
        whole += pair_receive(&pair, packed, cut) == MAILSLOT_OK;
    check_int(5, whole); /* before each of its five fields */
    pair_close(&pair);
}

/* Whatever decodes can be put again. */
static void *receive_damaged(void *ctx) {
    struct pair *pair = ctx;
    struct sample_everything sample;
    static uint8_t packed[8192];
    size_t len = protobuf_c_message_pack(&sample_everything(&sample)->base, packed);
    srand(1);
    int decoded = 0;
    for (int round = 0; round < 50000; round++) {
        uint8_t bytes[sizeof packed];
        memcpy(bytes, packed, len);
        for (int flips = rand() % 4; flips >= 0; flips--)
            bytes[(size_t)rand() % len] = (uint8_t)rand();
        if (pair_receive(pair, bytes, len) != MAILSLOT_OK)
            continue;
        decoded++;
        check_ok(mailslot_put(pair->writer, mailslot_record_value(pair->record)));
        check_ok(pair_get(pair));
    }
    check(decoded > 1000);
    return NULL;
}

static void damaged_messages_do_no_harm(void **state) {
    (void)state;
    struct pair pair = pair_open(everything_codec());
    on_small_stack(receive_damaged, &pair);
    pair_close(&pair);
}

/* ---- Every codec's duties ---- */

static void s13_the_limit_holds(void **state) {
    (void)state;
    char text[424];
    memset(text, 'x', sizeof text);
    Test3__Tree fits = TEST3__TREE__INIT;
    Test3__Tree too_big = TEST3__TREE__INIT;
    text[422] = '\0';
    too_big.name = text;
    fits.name = text + 1;
    check_limit(tree_codec(), &fits, &too_big);
}

static void s29_what_is_not_of_the_type_is_taken_and_counted(void **state) {
    (void)state;
    const Test3__Tree good = TEST3__TREE__INIT;
    check_undecodable(tree_codec(), "\x0a\5", 2, MAILSLOT_ERR_BAD_MESSAGE, "test3.Tree.child",
                      &good);
}

/* ---- trace.Event ---- */

static void a_typical_event_fits_424_bytes(void **state) {
    (void)state;
    struct pair pair = pair_open_max(event_codec(), 424);
    struct sample_event sample;
    const Trace__Event *sent = sample_event(&sample);
    check_ok(event_put(pair.writer, sent));
    const Trace__Event *got = NULL;
    check_ok(event_get(pair.reader, pair.record, &got, MAILSLOT_NO_WAIT));
    check_packed_like(&pair, &got->base);
    check_int((int64_t)sent->timestamp, (int64_t)got->timestamp);
    check_text("user", got->attributes[0]->key);
    check_text(sent->message, got->message);
    check(mailslot_record_bytes(pair.record).len < 250);
    pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(every_type_passes_unchanged),
        slot_test(an_empty_message_has_no_bytes),
        slot_test(minus_zero_is_put),
        slot_test(a_message_with_minus_zero_is_not_changed),
        slot_test(proto2_knows_what_is_set),
        slot_test(repeated_numbers_decode_packed_or_not),
        slot_test(unknown_fields_survive_a_round_trip),
        slot_test(the_last_of_a_oneof_counts),
        slot_test(a_field_of_the_highest_number_decodes),
        slot_test(the_registrys_codec_is_the_macros),
        slot_test(typed_calls_need_a_slot_of_their_type),
        slot_test(typed_calls_refuse_null),
        slot_test(typed_get_gives_null_when_it_fails),
        slot_test(another_message_type_is_refused),
        slot_test(missing_pointers_are_refused),
        slot_test(missing_pointers_in_proto3_are_refused),
        slot_test(strings_must_be_utf8),
        slot_test(values_nest_as_deep_as_they_decode),
        slot_test(hostile_messages_are_refused),
        slot_test(nesting_ends_at_32),
        slot_test(unexpected_wire_types_are_unknown_fields),
        slot_test(groups_are_unknown_fields),
        slot_test(pieces_of_a_submessage_are_merged),
        slot_test(pieces_in_a_oneof_are_merged_since_another_member),
        slot_test(pieces_are_merged_beyond_64_fields),
        slot_test(groups_nest_as_deep_as_messages),
        slot_test(the_budget_binds_a_rewritten_message),
        slot_test(a_missing_required_field_is_bad),
        slot_test(the_budget_binds_what_a_message_becomes),
        slot_test(any_budget_is_kept_cleanly),
        slot_test(a_message_cut_anywhere_does_no_harm),
        slot_test(damaged_messages_do_no_harm),
        slot_test(s13_the_limit_holds),
        slot_test(s29_what_is_not_of_the_type_is_taken_and_counted),
        slot_test(a_typical_event_fits_424_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
