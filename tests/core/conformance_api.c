/* What the header promises beyond the numbered behaviours: options, codecs, arguments. */
#include "slotdir.h"
#include "slots.h"

#include <mailslot/codec.h>

#include <limits.h>
#include <stdlib.h>

static mailslot_err open_and_close(const mailslot_options *options) {
    mailslot *slot = NULL;
    mailslot_err err = mailslot_open(&slot, "trace", options);
    check((slot == NULL) == (err != MAILSLOT_OK));
    if (err)
        check_detail("trace: ");
    mailslot_close(slot);
    return err;
}

/* ---- Options ----------------------------------------------------------------------------------
 */

#define check_option(expected, member, number)                                                     \
    do {                                                                                           \
        mailslot_options options = MAILSLOT_OPTIONS_INIT;                                          \
        options.member = (number);                                                                 \
        check_err(expected, open_and_close(&options));                                             \
        options.direction = options.direction ? options.direction : MAILSLOT_READ;                 \
        check_err(expected, open_and_close(&options));                                             \
    } while (0)

static void options_out_of_range_are_invalid(void **state) {
    (void)state;
    check_option(MAILSLOT_ERR_INVALID, size, 0);
    check_option(MAILSLOT_ERR_INVALID, size, sizeof(size_t));
    check_option(MAILSLOT_ERR_INVALID, direction, (mailslot_direction)3);
    check_option(MAILSLOT_ERR_INVALID, direction, (mailslot_direction)100);
    check_option(MAILSLOT_ERR_INVALID, timeout_ms, MAILSLOT_SLOT_TIMEOUT);
    check_option(MAILSLOT_ERR_INVALID, timeout_ms, -3);
    check_option(MAILSLOT_ERR_INVALID, timeout_ms, INT_MIN);
    check_option(MAILSLOT_ERR_INVALID, put_timeout_ms, MAILSLOT_SLOT_TIMEOUT);
    check_option(MAILSLOT_ERR_INVALID, put_timeout_ms, INT_MIN);
    check_option(MAILSLOT_ERR_INVALID, access, (mailslot_access)3);
    check_option(MAILSLOT_ERR_INVALID, bad_messages, (mailslot_bad)2);
    check_option(MAILSLOT_ERR_INVALID, capacity, 1);
    check_option(MAILSLOT_ERR_INVALID, capacity, 4095);
    check_option(MAILSLOT_ERR_INVALID, capacity, ((size_t)8 << 30) + 1);
    check_option(MAILSLOT_ERR_INVALID, capacity, SIZE_MAX);
    check_int(0, slotdir_files());
}

static void options_at_the_ends_of_their_ranges_are_accepted(void **state) {
    (void)state;
    check_option(MAILSLOT_OK, size, sizeof(mailslot_options));
    check_option(MAILSLOT_OK, timeout_ms, MAILSLOT_NO_WAIT);
    check_option(MAILSLOT_OK, timeout_ms, MAILSLOT_FOREVER);
    check_option(MAILSLOT_OK, timeout_ms, INT_MAX);
    check_option(MAILSLOT_OK, put_timeout_ms, MAILSLOT_FOREVER);
    check_option(MAILSLOT_OK, put_timeout_ms, INT_MAX);
    check_option(MAILSLOT_OK, capacity, 4096);
    check_option(MAILSLOT_OK, capacity, (size_t)8 << 30);
    check_option(MAILSLOT_OK, max_message, 1);
    check_option(MAILSLOT_OK, max_message, (size_t)15 << 20);
    check_option(MAILSLOT_OK, decode_budget, 1);
}

static void options_of_a_later_version_are_accepted(void **state) {
    (void)state;
    struct {
        mailslot_options options;
        void *grown;
    } later = {MAILSLOT_OPTIONS_INIT, NULL};
    later.options.size = sizeof later;
    check_ok(open_and_close(&later.options));
}

static void options_of_the_first_version_get_the_default_of_what_it_lacked(void **state) {
    (void)state;
    mailslot_options first = MAILSLOT_OPTIONS_INIT;
    first.size = offsetof(mailslot_options, bad_messages);
    first.bad_messages = (mailslot_bad)77; /* not a member of it: memory of something else */
    check_ok(open_and_close(&first));
    first.size++;
    check_err(MAILSLOT_ERR_INVALID, open_and_close(&first));
}

static void options_are_copied_and_null_means_every_default(void **state) {
    (void)state;
    mailslot *slot = NULL;
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.max_message = 10;
    check_ok(mailslot_open(&slot, "trace", &options));
    memset(&options, 0xff, sizeof options);
    check_count(0, slot);
    check_int(10, (int64_t)info_of(slot).max_message);
    mailslot_close(slot);

    check_ok(mailslot_open(&slot, "trace", NULL));
    check_count(0, slot);
    mailslot_info info = info_of(slot);
    check_int(0, (int64_t)info.max_message);
    if (expects(system_tells_capacity(), NO_CAPACITY))
        check_int(16 << 20, (int64_t)info.capacity);
    check_int(MAILSLOT_FOREVER, info.timeout_ms);
    check_text("text", mailslot_slot_codec(slot)->name);
    mailslot_close(slot);
}

static mailslot_err refuse_value(const mailslot_codec *codec, const void *value,
                                 mailslot_sink *sink) {
    (void)codec, (void)value, (void)sink;
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "year %d is not in this calendar", 1582);
}

static mailslot_err decode_nothing(const mailslot_codec *codec, mailslot_scratch *scratch,
                                   mailslot_bytes bytes, const void **value) {
    (void)codec, (void)scratch;
    *value = bytes.data;
    return MAILSLOT_OK;
}

static void codecs_that_are_none_are_invalid(void **state) {
    (void)state;
    mailslot_codec codec = {sizeof codec, "odd", NULL, refuse_value, decode_nothing};
    check_option(MAILSLOT_OK, codec, &codec);
    codec.encode = NULL;
    check_option(MAILSLOT_ERR_INVALID, codec, &codec);
    codec = (mailslot_codec){sizeof codec, "odd", NULL, refuse_value, NULL};
    check_option(MAILSLOT_ERR_INVALID, codec, &codec);
    codec = (mailslot_codec){0, "odd", NULL, refuse_value, decode_nothing};
    check_option(MAILSLOT_ERR_INVALID, codec, &codec);
}

static void a_value_the_codec_refuses_is_bad_and_nothing_is_queued(void **state) {
    (void)state;
    mailslot_codec codec = {sizeof codec, "odd", NULL, refuse_value, decode_nothing};
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = &codec;
    options.direction = MAILSLOT_WRITE;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_with("trace", &options);
    size_t len = 0;
    check_err(MAILSLOT_ERR_BAD_VALUE, mailslot_put(writer, "x"));
    check_detail("trace: ");
    check_detail("year 1582 is not in this calendar");
    check_err(MAILSLOT_ERR_BAD_VALUE, mailslot_encoded_size(writer, "x", &len));
    expect_empty(reader);
    check_ok(mailslot_put_as(writer, mailslot_slot_codec(reader), "as text"));
    check_ok(mailslot_put_bytes(writer, "past the codec", 14));
    expect_text(reader, "as text");
    expect_text(reader, "past the codec");
    mailslot_close(writer);
    mailslot_close(reader);
}

static void encoded_size_measures_without_limit_and_sends_nothing(void **state) {
    (void)state;
    mailslot *reader = open_small_reader("trace", 0, 10);
    mailslot *writer = open_writer("trace");
    static char text[100001];
    memset(text, 'x', sizeof text - 1);
    size_t len = 0;
    check_ok(mailslot_encoded_size(writer, text, &len));
    check_int(100000, (int64_t)len);
    check_ok(mailslot_encoded_size(reader, "four", &len));
    check_int(4, (int64_t)len);
    expect_empty(reader);
    mailslot_close(writer);
    mailslot_close(reader);
}

/* ---- Null pointers ----------------------------------------------------------------------------
 */

static mailslot_err never_called(void *ctx, const mailslot_record *record) {
    (void)ctx, (void)record;
    check(false);
    return MAILSLOT_OK;
}

static void no_slot_is_invalid(void **state) {
    (void)state;
    mailslot_record *record = NULL;
    mailslot_info info = MAILSLOT_INFO_INIT;
    mailslot_handle handle;
    size_t size = 0;
    bool answer = false;
    check_ok(mailslot_record_new(&record));
    check_err(MAILSLOT_ERR_INVALID, mailslot_open(NULL, "trace", NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_put(NULL, "x"));
    check_err(MAILSLOT_ERR_INVALID, mailslot_put_bytes(NULL, "x", 1));
    check_err(MAILSLOT_ERR_INVALID, mailslot_get(NULL, record, 0));
    check_err(MAILSLOT_ERR_INVALID, mailslot_get_nowait(NULL, record));
    check_err(MAILSLOT_ERR_INVALID, mailslot_get_bytes(NULL, NULL, 0, &size, 0));
    check_err(MAILSLOT_ERR_INVALID, mailslot_each(NULL, never_called, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_info_get(NULL, &info));
    check_err(MAILSLOT_ERR_INVALID, mailslot_count(NULL, &size));
    check_err(MAILSLOT_ERR_INVALID, mailslot_empty(NULL, &answer));
    check_err(MAILSLOT_ERR_INVALID, mailslot_full(NULL, &answer));
    check_err(MAILSLOT_ERR_INVALID, mailslot_set_timeout(NULL, 0));
    check_err(MAILSLOT_ERR_INVALID, mailslot_waitable(NULL, &handle));
    check_err(MAILSLOT_ERR_INVALID, mailslot_limit(NULL, &size));
    check_err(MAILSLOT_ERR_INVALID, mailslot_encoded_size(NULL, "x", &size));
    mailslot_close_scoped(&(mailslot *){NULL});
    mailslot_record_free(record);
}

static void nowhere_to_read_from_or_store_to_is_invalid(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    mailslot *slot = reader;
    size_t size = 0;
    check_err(MAILSLOT_ERR_INVALID, mailslot_open(&slot, NULL, NULL));
    check(slot == NULL);
    check_err(MAILSLOT_ERR_INVALID, mailslot_put(writer, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_put_bytes(writer, NULL, 1));
    check_ok(mailslot_put(writer, "stays"));
    check_err(MAILSLOT_ERR_INVALID, mailslot_get(reader, NULL, 0));
    check_err(MAILSLOT_ERR_INVALID, mailslot_get_nowait(reader, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_get_bytes(reader, NULL, 10, &size, 0));
    check_err(MAILSLOT_ERR_INVALID, mailslot_get_bytes(reader, &size, sizeof size, NULL, 0));
    check_err(MAILSLOT_ERR_INVALID, mailslot_each(reader, NULL, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_info_get(reader, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_count(reader, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_empty(reader, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_full(reader, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_waitable(reader, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_limit(writer, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_encoded_size(writer, "x", NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_encoded_size(writer, NULL, &size));
    check_count(1, reader);
    expect_text(reader, "stays");
    mailslot_close(writer);
    mailslot_close(reader);
}

static void no_pointer_to_stat_list_or_make_a_record_is_invalid(void **state) {
    (void)state;
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_err(MAILSLOT_ERR_INVALID, mailslot_stat(NULL, &info));
    check_err(MAILSLOT_ERR_INVALID, mailslot_stat("trace", NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_list(NULL, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_record_new(NULL));
    mailslot_record_free(NULL);
}

static void invalid_arguments_do_not_decide_the_direction(void **state) {
    (void)state;
    mailslot *slot = NULL;
    check_ok(mailslot_open(&slot, "trace", NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_get(slot, NULL, 0));
    check_err(MAILSLOT_ERR_INVALID, mailslot_count(slot, NULL));
    check_err(MAILSLOT_ERR_INVALID, mailslot_put(slot, NULL));
    check_int(0, slotdir_files());
    mailslot_close(slot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(options_out_of_range_are_invalid),
        slot_test(options_at_the_ends_of_their_ranges_are_accepted),
        slot_test(options_of_a_later_version_are_accepted),
        slot_test(options_of_the_first_version_get_the_default_of_what_it_lacked),
        slot_test(options_are_copied_and_null_means_every_default),
        slot_test(codecs_that_are_none_are_invalid),
        slot_test(a_value_the_codec_refuses_is_bad_and_nothing_is_queued),
        slot_test(encoded_size_measures_without_limit_and_sends_nothing),
        slot_test(no_slot_is_invalid),
        slot_test(nowhere_to_read_from_or_store_to_is_invalid),
        slot_test(no_pointer_to_stat_list_or_make_a_record_is_invalid),
        slot_test(invalid_arguments_do_not_decide_the_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
