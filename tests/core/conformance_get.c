/* Getting: which message, whole; buffers; what does not decode: S21, S25, S26, S29. */
#include "child.h"
#include "slotdir.h"
#include "slots.h"

#include <mailslot/codec.h>

#include <stdlib.h>

static mailslot_record *new_record(void) {
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    return record;
}

static void check_bytes(const mailslot_record *record, const char *text) {
    mailslot_bytes bytes = mailslot_record_bytes(record);
    check_int((int64_t)strlen(text), (int64_t)bytes.len);
    check(memcmp(bytes.data, text, bytes.len + 1) == 0); /* the NUL that follows included */
}

static void s21_get_takes_the_oldest_message_whole(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    mailslot_record *record = new_record();
    check_ok(mailslot_put(writer, "first"));
    check_ok(mailslot_put(writer, "second"));
    check_ok(mailslot_put(writer, "third"));
    check_ok(mailslot_get(reader, record, MAILSLOT_FOREVER));
    check_text("first", mailslot_record_value(record));
    check_bytes(record, "first");
    check_count(2, reader);
    check_ok(mailslot_get_nowait(reader, record));
    check_text("second", mailslot_record_value(record));
    char buffer[100];
    size_t len = 0;
    check_ok(mailslot_get_bytes(reader, buffer, sizeof buffer, &len, MAILSLOT_NO_WAIT));
    check(len == 5 && memcmp(buffer, "third", 5) == 0);
    expect_empty(reader);
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s25_a_buffer_too_small_learns_the_size_and_the_message_stays(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    char buffer[] = "untouched";
    size_t len = 0;
    check_ok(mailslot_put(writer, "12345678"));
    check_ok(mailslot_put(writer, "next"));
    for (size_t cap = 0; cap < 8; cap++) {
        len = 0;
        check_err(MAILSLOT_ERR_TOO_SMALL,
                  mailslot_get_bytes(reader, buffer, cap, &len, MAILSLOT_NO_WAIT));
        check_int(8, (int64_t)len);
        check_detail("trace: ");
        check_detail("8");
        check(buffer[cap] == "untouched"[cap]);
        check_count(2, reader);
    }
    check_err(MAILSLOT_ERR_TOO_SMALL, mailslot_get_bytes(reader, NULL, 0, &len, MAILSLOT_FOREVER));
    check_ok(mailslot_get_bytes(reader, buffer, 8, &len, MAILSLOT_NO_WAIT));
    check(len == 8 && memcmp(buffer, "12345678d", 9) == 0);
    expect_text(reader, "next");
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s25_no_buffer_suffices_for_a_message_of_no_bytes(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    size_t len = 9;
    check_ok(mailslot_put_bytes(writer, NULL, 0));
    check_ok(mailslot_get_bytes(reader, NULL, 0, &len, MAILSLOT_NO_WAIT));
    check_int(0, (int64_t)len);
    len = 9;
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_bytes(reader, NULL, 0, &len, MAILSLOT_NO_WAIT));
    check_int(0, (int64_t)len);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void put_one(struct peer *parent, void *ctx) {
    (void)parent;
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, ctx));
    mailslot_close(writer);
}

static void s26_no_writer_ever_and_all_writers_closed_are_no_errors(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot_record *record = new_record();
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get(reader, record, 30));
    struct peer child = child_start(put_one, "once");
    check_ok(mailslot_get(reader, record, MAILSLOT_FOREVER));
    child_join(&child);
    check_text("once", mailslot_record_value(record));
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get(reader, record, 30));
    child = child_start(put_one, "again");
    check_ok(mailslot_get(reader, record, MAILSLOT_FOREVER));
    check_text("again", mailslot_record_value(record));
    child_join(&child);
    mailslot_record_free(record);
    mailslot_close(reader);
}

/* ---- S29: a codec that takes no message that starts with "bad" ---------------------------------
 */

static mailslot_err encode_text(const mailslot_codec *codec, const void *value,
                                mailslot_sink *sink) {
    (void)codec;
    return mailslot_sink_write(sink, value, strlen(value));
}

static mailslot_err decode_good(const mailslot_codec *codec, mailslot_scratch *scratch,
                                mailslot_bytes bytes, const void **value) {
    (void)codec, (void)scratch;
    if (bytes.len >= 3 && memcmp(bytes.data, "bad", 3) == 0) {
        *value = "what a failing codec leaves here must not show";
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "badness %d", 42);
    }
    *value = bytes.data;
    return MAILSLOT_OK;
}

static const mailslot_codec picky = {sizeof picky, "picky", NULL, encode_text, decode_good};

/* Takes as much scratch memory as the message says. */
static mailslot_err decode_greedily(const mailslot_codec *codec, mailslot_scratch *scratch,
                                    mailslot_bytes bytes, const void **value) {
    (void)codec;
    size_t len = strtoul(bytes.data, NULL, 10);
    char *space = mailslot_scratch_alloc(scratch, len);
    if (!space)
        return mailslot_scratch_error(scratch);
    memset(space, 'x', len);
    *value = space;
    return MAILSLOT_OK;
}

static const mailslot_codec greedy = {sizeof greedy, "greedy", NULL, encode_text, decode_greedily};

static mailslot *open_skipping_or_reporting(const mailslot_codec *codec, size_t budget,
                                            mailslot_bad bad_messages) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.codec = codec;
    options.decode_budget = budget;
    options.timeout_ms = MAILSLOT_NO_WAIT;
    options.bad_messages = bad_messages;
    return open_with("trace", &options);
}

static mailslot *open_decoding_reader(const mailslot_codec *codec, size_t budget) {
    return open_skipping_or_reporting(codec, budget, MAILSLOT_BAD_REPORT);
}

static mailslot *open_skipping_reader(void) {
    return open_skipping_or_reporting(&picky, 0, MAILSLOT_BAD_SKIP);
}

static void s29_what_does_not_decode_is_consumed_counted_and_its_bytes_stay(void **state) {
    (void)state;
    mailslot *reader = open_decoding_reader(&picky, 0);
    mailslot *writer = open_writer("trace");
    mailslot_record *record = new_record();
    check_ok(mailslot_put(writer, "good"));
    check_ok(mailslot_put(writer, "bad one"));
    check_ok(mailslot_put(writer, "good too"));
    check_ok(mailslot_get_nowait(reader, record));
    check_int(0, (int64_t)info_of(reader).bad_messages);
    check_err(MAILSLOT_ERR_BAD_MESSAGE, mailslot_get_nowait(reader, record));
    check_detail("trace: ");
    check_detail("badness 42");
    check(mailslot_record_value(record) == NULL);
    check_bytes(record, "bad one");
    if (expects(system_knows_writers(), NO_WRITERS)) {
        char sender[64];
        snprintf(sender, sizeof sender, "trace: message from process %ld: ", (long)getpid());
        check_detail(sender);
        check_int(getpid(), mailslot_record_origin(record)->pid);
    }
    check_count(1, reader);
    check_int(1, (int64_t)info_of(reader).bad_messages);
    check_ok(mailslot_get_nowait(reader, record));
    check_text("good too", mailslot_record_value(record));
    check_int(1, (int64_t)info_of(reader).bad_messages);
    mailslot_info seen = MAILSLOT_INFO_INIT;
    check_ok(mailslot_stat("trace", &seen));
    check_int(1, (int64_t)seen.bad_messages);
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s29_bytes_taken_undecoded_are_never_bad(void **state) {
    (void)state;
    mailslot *reader = open_decoding_reader(&picky, 0);
    mailslot *writer = open_writer("trace");
    char buffer[10];
    size_t len = 0;
    check_ok(mailslot_put(writer, "bad one"));
    check_ok(mailslot_get_bytes(reader, buffer, sizeof buffer, &len, MAILSLOT_NO_WAIT));
    check_int(7, (int64_t)len);
    check_int(0, (int64_t)info_of(reader).bad_messages);
    mailslot_close(writer);
    mailslot_close(reader);
}

struct seen {
    int good;
    int bad;
};

static mailslot_err note_record(void *ctx, const mailslot_record *record) {
    struct seen *seen = ctx;
    if (mailslot_record_value(record)) {
        seen->good++;
    } else {
        check_detail("badness 42");
        check_bytes(record, "bad");
        seen->bad++;
    }
    return MAILSLOT_OK;
}

static void s29_iteration_hands_over_what_does_not_decode_without_a_value(void **state) {
    (void)state;
    mailslot *reader = open_decoding_reader(&picky, 0);
    mailslot *writer = open_writer("trace");
    for (int i = 0; i < 3; i++) {
        check_ok(mailslot_put(writer, "good"));
        check_ok(mailslot_put(writer, "bad"));
    }
    struct seen seen = {0, 0};
    check_ok(mailslot_each(reader, note_record, &seen));
    check_int(3, seen.good);
    check_int(3, seen.bad);
    check_int(3, (int64_t)info_of(reader).bad_messages);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void put_bad(mailslot *writer, int count) {
    for (int i = 0; i < count; i++)
        check_ok(mailslot_put(writer, "bad"));
}

static void s29_a_get_skips_what_does_not_decode_unless_asked_to_report_it(void **state) {
    (void)state;
    mailslot *reader = open_skipping_reader();
    mailslot *writer = open_writer("trace");
    mailslot_record *record = new_record();
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_nowait(reader, record));
    char before[256]; /* which calls that succeed leave alone */
    snprintf(before, sizeof before, "%s", mailslot_detail());
    static const int timeouts[] = {MAILSLOT_NO_WAIT, MAILSLOT_SLOT_TIMEOUT, 60000,
                                   MAILSLOT_FOREVER};
    for (int i = 0; i < 4; i++) {
        put_bad(writer, 100);
        check_ok(mailslot_put(writer, "good"));
        check_ok(mailslot_get(reader, record, timeouts[i]));
        check_text("good", mailslot_record_value(record));
        check_int(100 * (i + 1), (int64_t)info_of(reader).bad_messages);
    }
    check_text(before, mailslot_detail());
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s29_iteration_skips_what_does_not_decode(void **state) {
    (void)state;
    mailslot *reader = open_skipping_reader();
    mailslot *writer = open_writer("trace");
    for (int i = 0; i < 3; i++) {
        check_ok(mailslot_put(writer, "good"));
        put_bad(writer, 2);
    }
    struct seen seen = {0, 0};
    check_ok(mailslot_each(reader, note_record, &seen));
    check_int(3, seen.good);
    check_int(0, seen.bad);
    check_int(6, (int64_t)info_of(reader).bad_messages);
    mailslot_close(writer);
    mailslot_close(reader);
}

/* Its schema is the writer. Each message that it refuses puts the next one, so that skipping would
 * never end. */
static mailslot_err decode_and_put_another(const mailslot_codec *codec, mailslot_scratch *scratch,
                                           mailslot_bytes bytes, const void **value) {
    (void)scratch, (void)bytes, (void)value;
    check_ok(mailslot_put(*(mailslot *const *)codec->schema, "bad"));
    return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "and here is the next");
}

static void s29_a_flood_of_bad_messages_ends_no_get_late(void **state) {
    (void)state;
    mailslot *writer = NULL;
    const mailslot_codec endless = {sizeof endless, "endless", &writer, encode_text,
                                    decode_and_put_another};
    mailslot *reader = open_skipping_or_reporting(&endless, 0, MAILSLOT_BAD_SKIP);
    writer = open_writer("trace");
    mailslot_record *record = new_record();
    put_bad(writer, 5);
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_nowait(reader, record));
    check_bytes(record, "");
    int64_t bad = (int64_t)info_of(reader).bad_messages;
    check(bad >= 5 && bad <= 1026);
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get(reader, record, 20));
    check_detail("trace: no message within 20 ms; skipped ");
    check((int64_t)info_of(reader).bad_messages > bad);
    check_count(5, reader);
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s29_there_are_two_ways_to_treat_bad_messages(void **state) {
    (void)state;
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    check_int(MAILSLOT_BAD_SKIP, (int64_t)options.bad_messages);
    mailslot *slot = NULL;
    options.bad_messages = (mailslot_bad)(MAILSLOT_BAD_REPORT + 1);
    check_err(MAILSLOT_ERR_INVALID, mailslot_open(&slot, "trace", &options));
    check_detail("no such bad_messages: 2");
}

static void s29_what_exceeds_the_decode_budget_is_too_complex(void **state) {
    (void)state;
    mailslot *reader = open_decoding_reader(&greedy, 1000);
    mailslot *writer = open_writer("trace");
    mailslot_record *record = new_record();
    check_ok(mailslot_put(writer, "500"));
    check_ok(mailslot_put(writer, "1000000"));
    check_ok(mailslot_put(writer, "500"));
    check_ok(mailslot_get_nowait(reader, record));
    check_err(MAILSLOT_ERR_TOO_COMPLEX, mailslot_get_nowait(reader, record));
    check_detail("trace: ");
    check(mailslot_record_value(record) == NULL);
    check_bytes(record, "1000000");
    check_int(1, (int64_t)info_of(reader).bad_messages);
    check_ok(mailslot_get_nowait(reader, record)); /* the budget is per message */
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s29_the_default_budget_is_64_kib_and_more_for_large_messages(void **state) {
    (void)state;
    mailslot *reader = open_decoding_reader(&greedy, 0);
    mailslot *writer = open_writer("trace");
    mailslot_record *record = new_record();
    char large[4096];
    memset(large, ' ', sizeof large); /* 64 times its size is 256 KiB */
    memcpy(large, "200000", 6);
    check_ok(mailslot_put(writer, "60000"));
    check_ok(mailslot_put(writer, "100000"));
    check_ok(mailslot_put_bytes(writer, large, sizeof large));
    check_ok(mailslot_get_nowait(reader, record));
    check_err(MAILSLOT_ERR_TOO_COMPLEX, mailslot_get_nowait(reader, record));
    check_ok(mailslot_get_nowait(reader, record));
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s21_get_takes_the_oldest_message_whole),
        slot_test(s25_a_buffer_too_small_learns_the_size_and_the_message_stays),
        slot_test(s25_no_buffer_suffices_for_a_message_of_no_bytes),
        slot_test(s26_no_writer_ever_and_all_writers_closed_are_no_errors),
        slot_test(s29_what_does_not_decode_is_consumed_counted_and_its_bytes_stay),
        slot_test(s29_bytes_taken_undecoded_are_never_bad),
        slot_test(s29_iteration_hands_over_what_does_not_decode_without_a_value),
        slot_test(s29_a_get_skips_what_does_not_decode_unless_asked_to_report_it),
        slot_test(s29_iteration_skips_what_does_not_decode),
        slot_test(s29_a_flood_of_bad_messages_ends_no_get_late),
        slot_test(s29_there_are_two_ways_to_treat_bad_messages),
        slot_test(s29_what_exceeds_the_decode_budget_is_too_complex),
        slot_test(s29_the_default_budget_is_64_kib_and_more_for_large_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
