#include "pair.h"

#include <mailslot/msgpack.h>
#include <mailslot/text.h>

#include <stdlib.h>

static struct pair open_msgpack(void) { return pair_open(mailslot_codec_msgpack()); }

static const msgpack_object *object_in(const struct pair *pair) {
    return mailslot_record_value(pair->record);
}

static const msgpack_object *receive(struct pair *pair, const void *data, size_t len) {
    check_ok(pair_receive(pair, data, len));
    return object_in(pair);
}

/* ---- Types ---- */

struct sample {
    const char *bytes;
    size_t len;
    msgpack_object_type type;
};

/* Each in its shortest form, which is what the packer makes of it again. */
static const struct sample samples[] = {
    {"\xc0", 1, MSGPACK_OBJECT_NIL},
    {"\xc2", 1, MSGPACK_OBJECT_BOOLEAN},
    {"\xc3", 1, MSGPACK_OBJECT_BOOLEAN},
    {"\x00", 1, MSGPACK_OBJECT_POSITIVE_INTEGER},
    {"\x7f", 1, MSGPACK_OBJECT_POSITIVE_INTEGER},
    {"\xcc\x80", 2, MSGPACK_OBJECT_POSITIVE_INTEGER},
    {"\xcd\x01\x00", 3, MSGPACK_OBJECT_POSITIVE_INTEGER},
    {"\xce\x00\x01\x00\x00", 5, MSGPACK_OBJECT_POSITIVE_INTEGER},
    {"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9, MSGPACK_OBJECT_POSITIVE_INTEGER},
    {"\xff", 1, MSGPACK_OBJECT_NEGATIVE_INTEGER},
    {"\xe0", 1, MSGPACK_OBJECT_NEGATIVE_INTEGER},
    {"\xd0\x80", 2, MSGPACK_OBJECT_NEGATIVE_INTEGER},
    {"\xd1\x80\x00", 3, MSGPACK_OBJECT_NEGATIVE_INTEGER},
    {"\xd2\x80\x00\x00\x00", 5, MSGPACK_OBJECT_NEGATIVE_INTEGER},
    {"\xd3\x80\x00\x00\x00\x00\x00\x00\x00", 9, MSGPACK_OBJECT_NEGATIVE_INTEGER},
    {"\xca\x3f\x80\x00\x00", 5, MSGPACK_OBJECT_FLOAT32},
    {"\xca\x7f\x80\x00\x01", 5, MSGPACK_OBJECT_FLOAT32}, /* a signalling NaN */
    {"\xca\xff\xbf\xff\xff", 5, MSGPACK_OBJECT_FLOAT32},
    {"\xca\xff\xc0\x00\x00", 5, MSGPACK_OBJECT_FLOAT32},
    {"\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a", 9, MSGPACK_OBJECT_FLOAT64},
    {"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", 9, MSGPACK_OBJECT_FLOAT64},
    {"\xa0", 1, MSGPACK_OBJECT_STR},
    {"\xa3"
     "abc",
     4, MSGPACK_OBJECT_STR},
    {"\xa2\xff\x00", 3, MSGPACK_OBJECT_STR},
    {"\xc4\x00", 2, MSGPACK_OBJECT_BIN},
    {"\xc4\x02\x00\xff", 4, MSGPACK_OBJECT_BIN},
    {"\x90", 1, MSGPACK_OBJECT_ARRAY},
    {"\x92\x01\xc0", 3, MSGPACK_OBJECT_ARRAY},
    {"\x80", 1, MSGPACK_OBJECT_MAP},
    {"\x83\xc0\x01\x90\x02\xca\x3f\x80\x00\x00\x80", 11, MSGPACK_OBJECT_MAP},
    {"\x92\x81\xca\x3f\x80\x00\x00\xca\xff\x80\x00\x01\xca\x7f\xc0\x00\x01", 17,
     MSGPACK_OBJECT_ARRAY}, /* NaNs behind a number that is none */
    {"\x93\xa1\xca\xca\x7f\x80\x00\x01\xcb\x7f\xf0\x00\x00\x00\x00\x00\x01", 17,
     MSGPACK_OBJECT_ARRAY}, /* a NaN behind a string that looks like one */
    {"\xd4\x05\x01", 3, MSGPACK_OBJECT_EXT},
    {"\xd5\x05\x01\x02", 4, MSGPACK_OBJECT_EXT},
    {"\xd6\xff\x00\x00\x00\x01", 6, MSGPACK_OBJECT_EXT},                  /* timestamp 32 */
    {"\xd7\xff\x00\x00\x00\x04\x00\x00\x00\x01", 10, MSGPACK_OBJECT_EXT}, /* timestamp 64 */
    {"\xd8\x80"
     "0123456789abcdef",
     18, MSGPACK_OBJECT_EXT},
    {"\xc7\x00\x05", 3, MSGPACK_OBJECT_EXT},
    {"\xc7\x0c\xff"
     "\0\0\0\1"
     "\xff\xff\xff\xff\xff\xff\xff\xff",
     15, MSGPACK_OBJECT_EXT}, /* timestamp 96 */
};

static void every_type_passes_unchanged(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const msgpack_object *object = receive(&pair, samples[i].bytes, samples[i].len);
        check_int(samples[i].type, object->type);
        check_ok(mailslot_put(pair.writer, object));
        check_ok(pair_get(&pair));
        pair_check_bytes(&pair, samples[i].bytes, samples[i].len);
    }
    pair_close(&pair);
}

static void numbers_keep_their_values(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    check(receive(&pair, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9)->via.u64 == UINT64_MAX);
    check(receive(&pair, "\xd3\x80\0\0\0\0\0\0\0", 9)->via.i64 == INT64_MIN);
    check(receive(&pair, "\xca\x3f\xc0\0\0", 5)->via.f64 == 1.5);
    const msgpack_object *nan = receive(&pair, "\xca\xff\x80\0\1", 5);
    check(memcmp(&nan->via.f64, &(uint64_t){UINT64_C(0xfff0000020000000)}, 8) == 0);
    check(receive(&pair, "\xd3\0\0\0\0\0\0\0\5", 9)->type == MSGPACK_OBJECT_POSITIVE_INTEGER);
    pair_close(&pair);
}

/* A program's own double whose payload a float has no room for must not become an infinity. */
static void a_nan_stays_one(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    msgpack_object object = {.type = MSGPACK_OBJECT_FLOAT32};
    memcpy(&object.via.f64, &(uint64_t){UINT64_C(0xfff0000000000001)}, sizeof object.via.f64);
    pair_pass(&pair, &object);
    pair_check_bytes(&pair, "\xca\xff\xc0\0\0", 5);
    pair_close(&pair);
}

/* A header of each width for the same kind, before a body of each length class. */
struct sized {
    unsigned char first;
    unsigned width;
    unsigned type; /* bytes of ext type behind the length */
};

static void check_sized(struct pair *pair, const struct sized *sized, size_t len) {
    size_t size = 1 + sized->width + sized->type + len;
    unsigned char *bytes = calloc(1, size);
    check(bytes != NULL);
    bytes[0] = sized->first;
    for (unsigned i = 0; i < sized->width; i++)
        bytes[1 + i] = (unsigned char)(len >> (8 * (sized->width - 1 - i)));
    memset(bytes + size - len, 'b', len);
    const msgpack_object *object = receive(pair, bytes, size);
    size_t got = object->type == MSGPACK_OBJECT_EXT ? object->via.ext.size : object->via.str.size;
    check_int((int64_t)len, (int64_t)got);
    if (len > 0)
        check_err(MAILSLOT_ERR_BAD_MESSAGE, pair_receive(pair, bytes, size - 1));
    free(bytes);
}

static void bodies_of_every_length_class_decode(void **state) {
    (void)state;
    static const struct sized kinds[] = {{0xd9, 1, 0}, {0xda, 2, 0}, {0xdb, 4, 0},
                                         {0xc4, 1, 0}, {0xc5, 2, 0}, {0xc6, 4, 0},
                                         {0xc7, 1, 1}, {0xc8, 2, 1}, {0xc9, 4, 1}};
    static const size_t lengths[] = {0, 1, 31, 32, 255, 256, 60000};
    struct pair pair = open_msgpack();
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            if (kinds[k].width > 1 || lengths[i] < 256)
                check_sized(&pair, &kinds[k], lengths[i]);
    pair_close(&pair);
}

static void containers_of_every_width_decode(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    check_int(2, receive(&pair, "\xdc\0\2\1\2", 5)->via.array.size);
    check_int(2, receive(&pair, "\xdd\0\0\0\2\1\2", 7)->via.array.size);
    check_int(1, receive(&pair, "\xde\0\1\1\2", 5)->via.map.size);
    check_int(1, receive(&pair, "\xdf\0\0\0\1\1\2", 7)->via.map.size);
    check_int(0, receive(&pair, "\xdd\0\0\0\0", 5)->via.array.size);
    const msgpack_object *map = receive(&pair, "\x82\x92\1\2\3\xc4\1x\x81\4\5", 11);
    check_int(2, map->via.map.ptr[0].key.via.array.ptr[1].via.u64);
    check_int(3, map->via.map.ptr[0].val.via.u64);
    check_int(MSGPACK_OBJECT_BIN, map->via.map.ptr[1].key.type);
    check_int(5, map->via.map.ptr[1].val.via.map.ptr[0].val.via.u64);
    pair_close(&pair);
}

static void decoded_strings_point_into_the_record(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    const msgpack_object *object = receive(&pair,
                                           "\xa3"
                                           "abc",
                                           4);
    mailslot_bytes bytes = mailslot_record_bytes(pair.record);
    check(object->via.str.ptr == (const char *)bytes.data + 1);
    pair_close(&pair);
}

/* ---- Streaming ---- */

static int fill_reading(msgpack_packer *packer, void *ctx) {
    const char *host = ctx;
    msgpack_pack_map(packer, 2);
    msgpack_pack_str(packer, 1);
    msgpack_pack_str_body(packer, "h", 1);
    msgpack_pack_str(packer, strlen(host));
    msgpack_pack_str_body(packer, host, strlen(host));
    msgpack_pack_str(packer, 1);
    msgpack_pack_str_body(packer, "t", 1);
    return msgpack_pack_uint64(packer, UINT64_MAX);
}

static void a_put_can_stream(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    char host[] = "pluto";
    check_ok(mailslot_put_msgpack(pair.writer, fill_reading, host));
    check_ok(pair_get(&pair));
    const msgpack_object_kv *pairs = object_in(&pair)->via.map.ptr;
    check_same_bytes("pluto", 5, pairs[0].val.via.str.ptr, pairs[0].val.via.str.size);
    check(pairs[1].val.via.u64 == UINT64_MAX);
    pair_close(&pair);
}

struct script {
    int calls;
    int result;
    size_t len;
    const char *bytes;
    const char *why;
};

/* Writes what the script says, byte by byte, as no packer of msgpack-c would. */
static int fill_script(msgpack_packer *packer, void *ctx) {
    struct script *script = ctx;
    script->calls++;
    for (size_t i = 0; i < script->len; i++)
        packer->callback(packer->data, script->bytes + i, 1);
    return script->result;
}

static struct script bad_scripts[] = {
    {0, 7, 1, "\xc0", "fill returned 7"},
    {0, -1, 0, "", "fill returned -1"},
    {0, 0, 0, "", "cut short at byte 0: at least 1 bytes"},
    {0, 0, 2, "\x93\x01", "cut short at byte 2: at least 2 bytes"},
    {0, 0, 2, "\xda\x01", "cut short at byte 2: at least 1 bytes"},
    {0, 0, 3,
     "\xa4"
     "ab",
     "cut short at byte 3: at least 2 bytes"},
    {0, 0, 2, "\x01\x02", "ends at byte 1"},
    {0, 0, 3, "\x91\xc0\xc0", "ends at byte 2"},
    {0, 0, 2, "\x91\xc1", "byte 1 is 0xc1"},
    {0, 0, 33,
     "\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91"
     "\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\xc0",
     "nested over 32"},
};

static void a_stream_must_be_exactly_one_value(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    for (size_t i = 0; i < sizeof bad_scripts / sizeof *bad_scripts; i++) {
        struct script *script = &bad_scripts[i];
        check_err(MAILSLOT_ERR_BAD_VALUE, mailslot_put_msgpack(pair.writer, fill_script, script));
        check_detail(script->why);
        check_int(1, script->calls);
        check_int(0, (int64_t)count_of(pair.reader));
    }
    struct script whole = {0, 0, 6, "\x92\xcd\x01\x02\xa1x", ""};
    check_ok(mailslot_put_msgpack(pair.writer, fill_script, &whole));
    check_ok(pair_get(&pair));
    pair_check_bytes(&pair, whole.bytes, whole.len);
    pair_close(&pair);
}

static void a_stream_needs_a_slot_of_its_codec(void **state) {
    (void)state;
    struct pair pair = pair_open(mailslot_codec_text());
    struct script script = {0, 0, 1, "\xc0", ""};
    check_err(MAILSLOT_ERR_INVALID, mailslot_put_msgpack(pair.writer, fill_script, &script));
    check_detail("text");
    check_detail("msgpack");
    check_int(0, script.calls);
    check_int(0, (int64_t)count_of(pair.reader));
    check_err(MAILSLOT_ERR_INVALID, mailslot_put_msgpack(NULL, fill_script, &script));
    check_err(MAILSLOT_ERR_INVALID, mailslot_put_msgpack(pair.writer, NULL, NULL));
    pair_close(&pair);
}

/* ---- Values that cannot be encoded ---- */

static void nest(msgpack_object *objects, size_t count) {
    for (size_t i = 0; i + 1 < count; i++) {
        objects[i].type = MSGPACK_OBJECT_ARRAY;
        objects[i].via.array.size = 1;
        objects[i].via.array.ptr = &objects[i + 1];
    }
    objects[count - 1].type = MSGPACK_OBJECT_NIL;
}

static void values_nest_as_deep_as_they_decode(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    static msgpack_object objects[5000];
    nest(objects, 32);
    pair_pass(&pair, objects);
    nest(objects, 33);
    pair_check_refused(&pair, objects, "nested over 32");
    nest(objects, 5000);
    pair_check_refused(&pair, objects, "nested over 32");
    msgpack_object_kv kv = {objects[4999], objects[0]};
    msgpack_object map = {MSGPACK_OBJECT_MAP, {.map = {1, &kv}}};
    pair_check_refused(&pair, &map, "nested over 32");
    pair_close(&pair);
}

static void broken_objects_are_refused(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    msgpack_object objects[] = {
        {(msgpack_object_type)0x63, {0}},
        {MSGPACK_OBJECT_STR, {.str = {3, NULL}}},
        {MSGPACK_OBJECT_BIN, {.bin = {3, NULL}}},
        {MSGPACK_OBJECT_EXT, {.ext = {1, 3, NULL}}},
        {MSGPACK_OBJECT_ARRAY, {.array = {3, NULL}}},
        {MSGPACK_OBJECT_MAP, {.map = {3, NULL}}},
    };
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        pair_check_refused(&pair, &objects[i], "MessagePack");
        msgpack_object array = {MSGPACK_OBJECT_ARRAY, {.array = {1, &objects[i]}}};
        pair_check_refused(&pair, &array, "MessagePack");
    }
    pair_close(&pair);
}

/* ---- Hostile messages ---- */

struct hostile {
    const char *bytes;
    size_t len;
    mailslot_err err;
    const char *why;
};

static const struct hostile hostile[] = {
    {"\xdd\x0f\xff\xff\xff", 5, MAILSLOT_ERR_TOO_COMPLEX, "budget"}, /* once 8 GiB of malloc */
    {"\xdd\xff\xff\xff\xff", 5, MAILSLOT_ERR_TOO_COMPLEX, "budget"},
    {"\xdf\xff\xff\xff\xff", 5, MAILSLOT_ERR_TOO_COMPLEX, "budget"},
    {"\xdf\x80\x00\x00\x00\xc0", 6, MAILSLOT_ERR_TOO_COMPLEX, "budget"}, /* 2^32 elements */
    {"\x91\xdd\x0f\xff\xff\xff", 6, MAILSLOT_ERR_TOO_COMPLEX, "budget"},
    {"", 0, MAILSLOT_ERR_BAD_MESSAGE, "cut short at byte 0: at least 1 bytes"},
    {"\xc1", 1, MAILSLOT_ERR_BAD_MESSAGE, "byte 0 is 0xc1"},
    {"\x92\x01", 2, MAILSLOT_ERR_BAD_MESSAGE, "cut short at byte 1: at least 2 bytes"},
    {"\xdc\x01\x00", 3, MAILSLOT_ERR_BAD_MESSAGE, ": at least 256 bytes are missing"},
    {"\xdb\xff\xff\xff\xff", 5, MAILSLOT_ERR_BAD_MESSAGE,
     ": at least 4294967295 bytes are missing"},
    {"\xc9\xff\xff\xff\xff\x01", 6, MAILSLOT_ERR_BAD_MESSAGE,
     ": at least 4294967296 bytes are missing"},
    {"\xc6\x00\x00\x00\x02x", 6, MAILSLOT_ERR_BAD_MESSAGE, ": at least 2 bytes are missing"},
    {"\xcf\x00", 2, MAILSLOT_ERR_BAD_MESSAGE, ": at least 8 bytes are missing"},
    {"\xd8\x00", 2, MAILSLOT_ERR_BAD_MESSAGE, ": at least 17 bytes are missing"},
    {"\xdd\x00\x00", 3, MAILSLOT_ERR_BAD_MESSAGE, ": at least 4 bytes are missing"},
    {"\x01\x02", 2, MAILSLOT_ERR_BAD_MESSAGE, "ends at byte 1"},
    {"\x90\x90", 2, MAILSLOT_ERR_BAD_MESSAGE, "ends at byte 1"},
};

static void *receive_hostile(void *ctx) {
    struct pair *pair = ctx;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        check_err(hostile[i].err, pair_receive(pair, hostile[i].bytes, hostile[i].len));
        check_detail(hostile[i].why);
        check(mailslot_record_value(pair->record) == NULL);
    }
    return NULL;
}

static void hostile_messages_are_refused(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    on_small_stack(receive_hostile, &pair);
    check_int(sizeof hostile / sizeof *hostile, (int64_t)info_of(pair.reader).bad_messages);
    pair_close(&pair);
}

static void *receive_deep(void *ctx) {
    struct pair *pair = ctx;
    static unsigned char bytes[60000];
    const unsigned char openings[] = {0x91, 0x81};
    for (size_t i = 0; i < sizeof openings; i++) {
        memset(bytes, openings[i], sizeof bytes);
        check_err(MAILSLOT_ERR_TOO_COMPLEX, pair_receive(pair, bytes, sizeof bytes));
        check_detail("nested over 32");
    }
    memset(bytes, 0x91, 32);
    bytes[31] = 0xc0;
    check_ok(pair_receive(pair, bytes, 32));
    bytes[31] = 0x90;
    check_ok(pair_receive(pair, bytes, 32));
    memset(bytes, 0x91, 32);
    bytes[32] = 0xc0;
    check_err(MAILSLOT_ERR_TOO_COMPLEX, pair_receive(pair, bytes, 33));
    return NULL;
}

static void nesting_ends_at_32(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    on_small_stack(receive_deep, &pair);
    pair_close(&pair);
}

static void siblings_are_not_depth(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    unsigned char bytes[3 + 2 * 300] = {0xdc, 300 >> 8, 300 & 0xff};
    for (size_t i = 0; i < 300; i++)
        bytes[3 + 2 * i] = 0x91;
    const msgpack_object *object = receive(&pair, bytes, sizeof bytes);
    check_int(300, object->via.array.size);
    check_int(0, object->via.array.ptr[299].via.array.ptr[0].via.u64);
    pair_close(&pair);
}

static void a_message_cut_anywhere_is_bad(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    static const char whole[] = "\x85\xa1"
                                "a\x93\x01\xcd\x01\x02\xcb\x3f\xb9\x99\x99\x99\x99\x99"
                                "\x9a\xc4\x02xy\xd6\xff\0\0\0\1\xc0\xd9\x03xyz\x02\xdf\0\0\0\1\1\2"
                                "\x90\xc7\x02\x07xy";
    check_ok(pair_receive(&pair, whole, sizeof whole - 1));
    for (size_t len = 0; len < sizeof whole - 1; len++)
        check_err(MAILSLOT_ERR_BAD_MESSAGE, pair_receive(&pair, whole, len));
    pair_close(&pair);
}

static void the_budget_binds_what_a_message_becomes(void **state) {
    (void)state;
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = mailslot_codec_msgpack();
    options.direction = MAILSLOT_READ;
    options.decode_budget = 11 * sizeof(msgpack_object) + 8; /* a multiple of 16 */
    options.bad_messages = MAILSLOT_BAD_REPORT;
    struct pair pair = {open_with("pair", &options), NULL, NULL};
    pair.writer = pair_open_end(mailslot_codec_msgpack(), MAILSLOT_WRITE, 0);
    check_ok(mailslot_record_new(&pair.record));
    check_ok(pair_receive(&pair, "\x9a\0\0\0\0\0\0\0\0\0\0", 11));
    check_err(MAILSLOT_ERR_TOO_COMPLEX, pair_receive(&pair, "\x9b\0\0\0\0\0\0\0\0\0\0\0", 12));
    check_detail("budget");
    check_ok(pair_receive(&pair, "\x9a\0\0\0\0\0\0\0\0\0\0", 11));
    pair_close(&pair);
}

/* Whatever decodes can be put, and decodes to as much again. */
static void *receive_random(void *ctx) {
    struct pair *pair = ctx;
    static const unsigned char likely[] = {0x80, 0x82, 0x91, 0x93, 0xa1, 0xc0, 0xc4, 0xc7,
                                           0xcb, 0xd4, 0xd9, 0xdc, 0xdd, 0xde, 0xdf, 0x00};
    srand(1);
    int decoded = 0;
    for (int round = 0; round < 100000; round++) {
        unsigned char bytes[40];
        size_t len = (size_t)rand() % sizeof bytes;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (unsigned char)(rand() % 3 ? likely[rand() % 16] : rand() % 256);
        if (pair_receive(pair, bytes, len) != MAILSLOT_OK)
            continue;
        decoded++;
        check_ok(mailslot_put(pair->writer, object_in(pair)));
        check_ok(pair_get(pair));
    }
    check(decoded > 1000);
    return NULL;
}

static void random_messages_do_no_harm(void **state) {
    (void)state;
    struct pair pair = open_msgpack();
    on_small_stack(receive_random, &pair);
    pair_close(&pair);
}

/* ---- Every codec's duties ---- */

static void s13_the_limit_holds(void **state) {
    (void)state;
    static const char body[422];
    const msgpack_object fits = {MSGPACK_OBJECT_BIN, {.bin = {421, body}}};
    const msgpack_object too_big = {MSGPACK_OBJECT_BIN, {.bin = {422, body}}};
    check_limit(mailslot_codec_msgpack(), &fits, &too_big);
}

static int fill_bin(msgpack_packer *packer, void *ctx) {
    static const char body[422];
    size_t len = *(const size_t *)ctx;
    msgpack_pack_bin(packer, len);
    return msgpack_pack_bin_body(packer, body, len);
}

static void s13_the_limit_holds_for_streams(void **state) {
    (void)state;
    struct pair pair = pair_open_max(mailslot_codec_msgpack(), 424);
    size_t len = 422;
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put_msgpack(pair.writer, fill_bin, &len));
    check_detail("425");
    check_detail("424");
    check_int(0, (int64_t)count_of(pair.reader));
    len = 421;
    check_ok(mailslot_put_msgpack(pair.writer, fill_bin, &len));
    check_ok(pair_get(&pair));
    check_int(424, (int64_t)mailslot_record_bytes(pair.record).len);
    pair_close(&pair);
}

static void s29_what_is_not_msgpack_is_taken_and_counted(void **state) {
    (void)state;
    const msgpack_object nil = {MSGPACK_OBJECT_NIL, {0}};
    check_undecodable(mailslot_codec_msgpack(), "\xc1", 1, MAILSLOT_ERR_BAD_MESSAGE, "c1", &nil);
    check_undecodable(mailslot_codec_msgpack(), "\xdd\x0f\xff\xff\xff", 5, MAILSLOT_ERR_TOO_COMPLEX,
                      "budget", &nil);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(every_type_passes_unchanged),
        slot_test(numbers_keep_their_values),
        slot_test(a_nan_stays_one),
        slot_test(bodies_of_every_length_class_decode),
        slot_test(containers_of_every_width_decode),
        slot_test(decoded_strings_point_into_the_record),
        slot_test(a_put_can_stream),
        slot_test(a_stream_must_be_exactly_one_value),
        slot_test(a_stream_needs_a_slot_of_its_codec),
        slot_test(values_nest_as_deep_as_they_decode),
        slot_test(broken_objects_are_refused),
        slot_test(hostile_messages_are_refused),
        slot_test(nesting_ends_at_32),
        slot_test(siblings_are_not_depth),
        slot_test(a_message_cut_anywhere_is_bad),
        slot_test(the_budget_binds_what_a_message_becomes),
        slot_test(random_messages_do_no_harm),
        slot_test(s13_the_limit_holds),
        slot_test(s13_the_limit_holds_for_streams),
        slot_test(s29_what_is_not_msgpack_is_taken_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
