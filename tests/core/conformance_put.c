/* Putting: what a message is and how large it may be: S12 to S14. */
#include "slotdir.h"
#include "slots.h"

#include <mailslot/codec.h>

#include <stdlib.h>

#define DEFAULT_LIMIT 65535

/* Bytes that differ from message to message and place to place. */
static void fill_pattern(unsigned char *bytes, size_t len, size_t seed) {
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 256 + seed * 31);
}

static void expect_pattern(mailslot *reader, size_t len, size_t seed) {
    unsigned char *expected = malloc(len + 1);
    unsigned char *got = malloc(len + 1);
    size_t got_len = 0;
    check(expected && got);
    fill_pattern(expected, len, seed);
    check_ok(mailslot_get_bytes(reader, got, len + 1, &got_len, MAILSLOT_NO_WAIT));
    check_int((int64_t)len, (int64_t)got_len);
    check(memcmp(expected, got, len) == 0);
    free(expected);
    free(got);
}

static mailslot_err put_pattern(mailslot *writer, size_t len, size_t seed) {
    unsigned char *bytes = malloc(len + 1);
    check(bytes != NULL);
    fill_pattern(bytes, len, seed);
    mailslot_err err = mailslot_put_bytes(writer, bytes, len);
    free(bytes);
    return err;
}

static void s12_each_put_is_one_message_of_its_exact_size(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    size_t batch = expects(system_holds(701, 700), NO_SUCH_BACKLOG) ? 701 : 100;
    for (size_t first = 0; first < 701; first += batch) {
        size_t end = first + batch < 701 ? first + batch : 701;
        for (size_t len = first; len < end; len++)
            check_ok(put_pattern(writer, len, len));
        check_count((int64_t)(end - first), reader);
        for (size_t len = first; len < end; len++) {
            check_int((int64_t)len, (int64_t)info_of(reader).next_size);
            expect_pattern(reader, len, len);
        }
        expect_empty(reader);
    }
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s12_messages_are_whole_across_every_place_of_the_ring(void **state) {
    (void)state;
    mailslot *reader = open_small_reader("trace", 4096, 1000);
    mailslot *writer = open_writer("trace");
    for (size_t round = 0; round < 3000; round++) {
        size_t len = round * 37 % 1001;
        check_ok(put_pattern(writer, len, round));
        check_ok(put_pattern(writer, 1000 - len, round));
        expect_pattern(reader, len, round);
        expect_pattern(reader, 1000 - len, round);
    }
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s12_messages_are_binary_safe(void **state) {
    (void)state;
    unsigned char all[256];
    unsigned char got[256];
    size_t len = 0;
    for (int i = 0; i < 256; i++)
        all[i] = (unsigned char)i;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put_bytes(writer, all, sizeof all));
    check_ok(mailslot_put_bytes(writer, "\0\0\0", 3));
    check_ok(mailslot_get_bytes(reader, got, sizeof got, &len, MAILSLOT_NO_WAIT));
    check(len == sizeof all && memcmp(all, got, len) == 0);
    check_ok(mailslot_get_bytes(reader, got, sizeof got, &len, MAILSLOT_NO_WAIT));
    check(len == 3 && memcmp("\0\0\0", got, len) == 0);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s12_a_message_of_no_bytes_counts_and_is_not_emptiness(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    bool empty = true;
    check_ok(mailslot_put_bytes(writer, NULL, 0));
    check_ok(mailslot_put(writer, ""));
    check_count(2, reader);
    check_ok(mailslot_empty(reader, &empty));
    check(!empty);
    check_int(0, (int64_t)info_of(reader).next_size);
    expect_text(reader, "");
    size_t len = 9;
    check_ok(mailslot_get_bytes(reader, NULL, 0, &len, MAILSLOT_NO_WAIT));
    check_int(0, (int64_t)len);
    expect_empty(reader);
    check(info_of(reader).next_size == MAILSLOT_NEXT_NONE);
    mailslot_close(writer);
    mailslot_close(reader);
}

/* A reader and a writer of slot trace, each with a maximum of its own; 0 for none. */
struct pair {
    mailslot *reader;
    mailslot *writer;
};

static struct pair open_pair(size_t readers_maximum, size_t writers_maximum) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.max_message = readers_maximum;
    struct pair pair = {open_with("trace", &options), NULL};
    options.direction = MAILSLOT_WRITE;
    options.max_message = writers_maximum;
    pair.writer = open_with("trace", &options);
    return pair;
}

static void close_pair(struct pair pair) {
    mailslot_close(pair.writer);
    mailslot_close(pair.reader);
}

static void check_unchanged(mailslot_info before, mailslot_info after) {
    check_int((int64_t)before.count, (int64_t)after.count);
    check_int((int64_t)before.used, (int64_t)after.used);
    check_int((int64_t)before.next_size, (int64_t)after.next_size);
    check_int((int64_t)before.refused, (int64_t)after.refused);
}

static void check_too_big(struct pair pair, size_t len, size_t limit) {
    char detail[128];
    snprintf(detail, sizeof detail, "trace: message too big: %zu bytes, limit %zu", len, limit);
    char *text = malloc(len + 1);
    check(text != NULL);
    memset(text, 'x', len);
    text[len] = '\0';
    mailslot_info before = info_of(pair.reader);
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put_bytes(pair.writer, text, len));
    check_text(detail, mailslot_detail());
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put(pair.writer, text));
    check_text(detail, mailslot_detail());
    check_unchanged(before, info_of(pair.reader));
    free(text);
}

static void check_limit(size_t readers_maximum, size_t writers_maximum, size_t limit) {
    struct pair pair = open_pair(readers_maximum, writers_maximum);
    size_t told = 0;
    check_ok(mailslot_limit(pair.writer, &told));
    check_int((int64_t)limit, (int64_t)told);
    check_too_big(pair, limit + 1, limit);
    check_ok(put_pattern(pair.writer, limit, 1));
    check_too_big(pair, limit + 1, limit);
    check_too_big(pair, 2 * limit + 100000, limit);
    check_ok(put_pattern(pair.writer, limit, 2));
    expect_pattern(pair.reader, limit, 1);
    expect_pattern(pair.reader, limit, 2);
    expect_empty(pair.reader);
    close_pair(pair);
}

static void s13_message_of_exactly_the_maximum_passes_one_more_is_too_big(void **state) {
    (void)state;
    check_limit(424, 424, 424);
    check_limit(1, 1, 1);
}

static void s13_the_readers_maximum_alone_binds_its_writers(void **state) {
    (void)state;
    check_limit(424, 0, 424);
    check_limit(424, 60000, 424);
}

static void s13_the_writers_own_maximum_alone_binds_it(void **state) {
    (void)state;
    check_limit(0, 424, 424);
    check_limit(60000, 424, 424);
}

static void s13_a_writer_by_first_use_learns_the_readers_maximum_too(void **state) {
    (void)state;
    mailslot *reader = open_small_reader("trace", 0, 424);
    struct pair pair = {reader, NULL};
    check_ok(mailslot_open(&pair.writer, "trace", NULL));
    check_ok(mailslot_put(pair.writer, "first use"));
    check_too_big(pair, 425, 424);
    check_ok(put_pattern(pair.writer, 424, 1));
    close_pair(pair);
}

static void s13_asking_for_the_limit_makes_a_writer_and_puts_nothing(void **state) {
    (void)state;
    mailslot *slot = NULL;
    size_t limit = 0;
    check_ok(mailslot_open(&slot, "trace", NULL));
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_limit(slot, &limit));
    mailslot *reader = open_small_reader("trace", 0, 424);
    check_ok(mailslot_limit(slot, &limit));
    check_int(424, (int64_t)limit);
    check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_count(slot, &limit));
    check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_limit(reader, &limit));
    expect_empty(reader);
    mailslot_close(slot);
    mailslot_close(reader);
}

static mailslot_err encode_twice(const mailslot_codec *codec, const void *value,
                                 mailslot_sink *sink) {
    (void)codec;
    mailslot_err err = mailslot_sink_write(sink, value, strlen(value));
    return err ? err : mailslot_sink_write(sink, value, strlen(value));
}

static mailslot_err encode_by_reserving(const mailslot_codec *codec, const void *value,
                                        mailslot_sink *sink) {
    (void)codec;
    for (const char *c = value; *c; c++) {
        void *space = NULL;
        mailslot_err err = mailslot_sink_reserve(sink, 2, &space);
        if (err)
            return err;
        if (space)
            memset(space, *c, 2);
    }
    return MAILSLOT_OK;
}

static mailslot_err decode_nothing(const mailslot_codec *codec, mailslot_scratch *scratch,
                                   mailslot_bytes bytes, const void **value) {
    (void)codec, (void)scratch;
    *value = bytes.data;
    return MAILSLOT_OK;
}

static void check_encoded_limit(const mailslot_codec *codec) {
    mailslot *reader = open_small_reader("trace", 0, 424);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.codec = codec;
    mailslot *writer = open_with("trace", &options);
    char value[1000] = "";
    memset(value, 'v', 213);
    size_t size = 0;
    check_ok(mailslot_encoded_size(writer, value, &size));
    check_int(426, (int64_t)size);
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put(writer, value));
    check_text("trace: message too big: 426 bytes, limit 424", mailslot_detail());
    memset(value, 'v', 999);
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put(writer, value));
    check_text("trace: message too big: 1998 bytes, limit 424", mailslot_detail());
    expect_empty(reader);
    value[212] = '\0';
    check_ok(mailslot_put(writer, value));
    check_int(424, (int64_t)info_of(reader).next_size);
    mailslot_close(writer);
    mailslot_close(reader);
}

/* Needs three times as much room as the value has bytes, and gives the rest back. */
static mailslot_err encode_wastefully(const mailslot_codec *codec, const void *value,
                                      mailslot_sink *sink) {
    (void)codec;
    size_t len = strlen(value);
    void *space = NULL;
    mailslot_err err = mailslot_sink_reserve(sink, 3 * len, &space);
    if (space)
        memcpy(space, value, len);
    if (!err)
        mailslot_sink_return(sink, 2 * len);
    return err;
}

static void s13_what_a_codec_never_wrote_is_too_big_not_sent(void **state) {
    (void)state;
    const mailslot_codec codec = {sizeof codec, "wasteful", NULL, encode_wastefully,
                                  decode_nothing};
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.codec = &codec;
    mailslot *reader = open_small_reader("trace", 0, 20);
    for (int round = 0; round < 2;
         round++) { /* a fresh sink, and one with an older message in it */
        mailslot *writer = open_with("trace", &options);
        if (round == 1) {
            check_ok(mailslot_put(writer, "abcdef"));
            expect_text(reader, "abcdef");
        }
        size_t size = 0;
        check_ok(mailslot_encoded_size(writer, "0123456789", &size));
        check_int(10, (int64_t)size);
        check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put(writer, "0123456789"));
        check_detail("trace: message too big: codec wasteful");
        expect_empty(reader);
        check_ok(mailslot_put(writer, "abcdef"));
        expect_text(reader, "abcdef");
        mailslot_close(writer);
    }
    mailslot_close(reader);
}

static void s13_the_size_of_the_encoded_bytes_decides(void **state) {
    (void)state;
    mailslot_codec codec = {sizeof codec, "twice", NULL, encode_twice, decode_nothing};
    check_encoded_limit(&codec);
    codec.encode = encode_by_reserving;
    check_encoded_limit(&codec);
}

static void s14_without_a_maximum_65535_bytes_pass_and_one_more_is_too_big(void **state) {
    (void)state;
    check_limit(0, 0, DEFAULT_LIMIT);
    struct pair pair = open_pair(0, 0);
    check_int(0, (int64_t)info_of(pair.reader).max_message);
    mailslot_info seen = MAILSLOT_INFO_INIT;
    check_ok(mailslot_stat("trace", &seen));
    check_int(0, (int64_t)seen.max_message);
    close_pair(pair);
}

static void s14_a_larger_maximum_holds_if_it_is_explicit(void **state) {
    (void)state;
    needs(system_carries(1000000), NO_SUCH_MESSAGE);
    check_limit(1000000, 1000000, 1000000);
    struct pair pair = open_pair(1000000, 1000000);
    check_int(1000000, (int64_t)info_of(pair.reader).max_message);
    close_pair(pair);
}

static void s14_a_writers_larger_maximum_does_not_lift_the_readers_default(void **state) {
    (void)state;
    check_limit(0, 1000000, DEFAULT_LIMIT);
}

static void s14_a_maximum_that_the_capacity_cannot_hold_is_invalid(void **state) {
    (void)state;
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.capacity = 65536;
    options.max_message = 65537;
    mailslot *slot = NULL;
    check_err(MAILSLOT_ERR_INVALID, mailslot_open(&slot, "trace", &options));
    options.max_message = 65536 - 7; /* no room for what every message takes besides */
    check_err(MAILSLOT_ERR_INVALID, mailslot_open(&slot, "trace", &options));
    check_int(0, slotdir_files());
    options.direction = MAILSLOT_AUTO; /* where only reading can fail */
    check_ok(mailslot_open(&slot, "trace", &options));
    check_err(MAILSLOT_ERR_INVALID, mailslot_count(slot, &(size_t){0}));
    mailslot_close(slot);
    check_int(0, slotdir_files());

    options.direction = MAILSLOT_READ;
    options.max_message = 65536 - 1024;
    mailslot *reader = open_with("trace", &options);
    mailslot_options writers = options;
    writers.direction = MAILSLOT_WRITE;
    mailslot *writer = open_with("trace", &writers);
    for (size_t round = 0; round < 5; round++) {
        check_ok(put_pattern(writer, options.max_message, round));
        expect_pattern(reader, options.max_message, round);
        check_ok(mailslot_put(writer, "so that the next one lies elsewhere"));
        check_int(1, (int64_t)drain(reader));
    }
    mailslot_close(writer);
    mailslot_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s12_each_put_is_one_message_of_its_exact_size),
        slot_test(s12_messages_are_whole_across_every_place_of_the_ring),
        slot_test(s12_messages_are_binary_safe),
        slot_test(s12_a_message_of_no_bytes_counts_and_is_not_emptiness),
        slot_test(s13_message_of_exactly_the_maximum_passes_one_more_is_too_big),
        slot_test(s13_the_readers_maximum_alone_binds_its_writers),
        slot_test(s13_the_writers_own_maximum_alone_binds_it),
        slot_test(s13_a_writer_by_first_use_learns_the_readers_maximum_too),
        slot_test(s13_asking_for_the_limit_makes_a_writer_and_puts_nothing),
        slot_test(s13_what_a_codec_never_wrote_is_too_big_not_sent),
        slot_test(s13_the_size_of_the_encoded_bytes_decides),
        slot_test(s14_without_a_maximum_65535_bytes_pass_and_one_more_is_too_big),
        slot_test(s14_a_larger_maximum_holds_if_it_is_explicit),
        slot_test(s14_a_writers_larger_maximum_does_not_lift_the_readers_default),
        slot_test(s14_a_maximum_that_the_capacity_cannot_hold_is_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
