/* What a slot counts of its life. */
#include "slotdir.h"
#include "slots.h"

#include <mailslot/codec.h>

#include <stdlib.h>

#define NAME "counted"

static void put_size(mailslot *writer, size_t len) {
    char *bytes = calloc(1, len + 1);
    check(bytes != NULL);
    check_ok(mailslot_put_bytes(writer, bytes, len));
    free(bytes);
}

static mailslot_info stat_of(const char *name) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_ok(mailslot_stat(name, &info));
    return info;
}

static void messages_and_bytes_are_counted_in_and_out(void **state) {
    (void)state;
    mailslot *reader = open_reader(NAME), *writer = open_writer(NAME), *other = open_writer(NAME);
    put_size(writer, 100);
    put_size(other, 23);
    put_size(writer, 0);
    char buf[128];
    size_t len;
    check_ok(mailslot_get_bytes(reader, buf, sizeof buf, &len, 0));
    mailslot_info info = info_of(reader), seen = stat_of(NAME);
    check_int(3, (int64_t)info.messages_in);
    check_int(123, (int64_t)info.bytes_in);
    check_int(1, (int64_t)info.messages_out);
    check_int(100, (int64_t)info.bytes_out);
    check_int(100, (int64_t)info.largest);
    check(memcmp(&info, &seen, sizeof info) == 0);
    mailslot_close(writer);
    mailslot_close(other);
    mailslot_close(reader);
}

static void sizes_fall_into_classes_by_powers_of_two(void **state) {
    (void)state;
    static const struct {
        size_t len;
        int in; /* class */
    } sizes[] = {{0, 0},   {1, 1},    {2, 2},      {3, 2},      {4, 3},
                 {511, 9}, {512, 10}, {65535, 16}, {65536, 17}, {200000, 17}};
    mailslot *reader = open_small_reader(NAME, 1 << 20, 300000), *writer = open_writer(NAME);
    uint64_t expected[MAILSLOT_SIZE_CLASSES] = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        put_size(writer, sizes[i].len);
        expected[sizes[i].in]++;
    }
    mailslot_info info = info_of(reader);
    for (int i = 0; i < MAILSLOT_SIZE_CLASSES; i++)
        check_int((int64_t)expected[i], (int64_t)info.sizes[i]);
    check_int(200000, (int64_t)info.largest);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void refused_puts_are_counted_by_why_and_are_not_in(void **state) {
    (void)state;
    mailslot *reader = open_small_reader(NAME, 4096, 1000), *writer = open_writer(NAME);
    char bytes[1001] = "";
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put_bytes(writer, bytes, 1001));
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put_bytes(writer, bytes, 1001));
    int in = 0;
    mailslot_err err;
    while (!(err = mailslot_put_bytes(writer, bytes, 1000)))
        in++;
    check_err(MAILSLOT_ERR_FULL, err);
    mailslot_info info = info_of(reader);
    check_int(2, (int64_t)info.too_big);
    check_int(1, (int64_t)info.refused);
    check_int(in, (int64_t)info.messages_in);
    check_int(0, (int64_t)info.lost);
    mailslot_close(writer);
    mailslot_close(reader);
}

static mailslot_err encode_nothing(const mailslot_codec *codec, const void *value,
                                   mailslot_sink *sink) {
    (void)codec;
    return mailslot_sink_write(sink, value, strlen(value));
}

/* What the message says it is. */
static mailslot_err decode_as_told(const mailslot_codec *codec, mailslot_scratch *scratch,
                                   mailslot_bytes bytes, const void **value) {
    (void)codec, (void)scratch;
    *value = bytes.data;
    if (strcmp(bytes.data, "bad") == 0)
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "it says so");
    if (strcmp(bytes.data, "complex") == 0)
        return mailslot_fail(MAILSLOT_ERR_TOO_COMPLEX, "it says so");
    return MAILSLOT_OK;
}

static void what_does_not_decode_is_counted_by_why_and_is_out(void **state) {
    (void)state;
    static const mailslot_codec codec = {sizeof codec, "told", NULL, encode_nothing,
                                         decode_as_told};
    static const char *const messages[] = {"bad", "good", "complex", "complex"};
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = &codec;
    options.direction = MAILSLOT_READ;
    mailslot *reader = open_with(NAME, &options), *writer = open_writer(NAME);
    mailslot_record *record;
    check_ok(mailslot_record_new(&record));
    for (int i = 0; i < 4; i++) {
        check_ok(mailslot_put(writer, messages[i]));
        (void)!mailslot_get_nowait(reader, record);
    }
    mailslot_info info = info_of(reader);
    check_int(4, (int64_t)info.messages_out);
    check_int(3, (int64_t)info.bad_messages);
    check_int(2, (int64_t)info.too_complex);
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void a_new_reader_begins_to_count_anew(void **state) {
    (void)state;
    mailslot *reader = open_reader(NAME), *writer = open_writer(NAME);
    put_size(writer, 10);
    mailslot_close(writer);
    mailslot_close(reader);
    reader = open_reader(NAME);
    check_int(0, (int64_t)info_of(reader).messages_in);
    mailslot_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(messages_and_bytes_are_counted_in_and_out),
        slot_test(sizes_fall_into_classes_by_powers_of_two),
        slot_test(refused_puts_are_counted_by_why_and_are_not_in),
        slot_test(what_does_not_decode_is_counted_by_why_and_is_out),
        slot_test(a_new_reader_begins_to_count_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
