/*
 * A codec of the user's own, a calendar date in three bytes, from public headers only. It is what
 * <mailslot/codec.h> says a codec may do: a schema, failures in words, scratch memory.
 */
#include "pair.h"

#include <mailslot/codec.h>
#include <mailslot/registry.h>

struct date {
    int year, month, day;
};

struct calendar {
    int first_year;
};

static mailslot_err date_encode(const mailslot_codec *codec, const void *value,
                                mailslot_sink *sink) {
    const struct calendar *calendar = codec->schema;
    const struct date *date = value;
    int offset = date->year - calendar->first_year;
    if (offset < 0 || offset > 255)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "year %d is not in this calendar", date->year);
    unsigned char year = (unsigned char)offset;
    mailslot_err err = mailslot_sink_write(sink, &year, 1);
    if (err)
        return err;
    void *space;
    err = mailslot_sink_reserve(sink, 2, &space);
    if (!err && space) {
        ((unsigned char *)space)[0] = (unsigned char)date->month;
        ((unsigned char *)space)[1] = (unsigned char)date->day;
    }
    return err;
}

static mailslot_err date_decode(const mailslot_codec *codec, mailslot_scratch *scratch,
                                mailslot_bytes bytes, const void **value) {
    const struct calendar *calendar = codec->schema;
    const unsigned char *p = bytes.data;
    if (bytes.len != 3)
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "a date has 3 bytes, not %zu", bytes.len);
    struct date *date = mailslot_scratch_alloc(scratch, sizeof *date);
    if (!date)
        return mailslot_scratch_error(scratch);
    *date = (struct date){calendar->first_year + p[0], p[1], p[2]};
    *value = date;
    return MAILSLOT_OK;
}

static const struct calendar since_1900 = {1900};
static const mailslot_codec date_codec = {sizeof date_codec, "date", &since_1900, date_encode,
                                          date_decode};

static void an_own_codec_serves_a_slot_by_name(void **state) {
    (void)state;
    mailslot_registry *registry = NULL;
    const mailslot_codec *codec = NULL;
    check_ok(mailslot_registry_new(&registry));
    check_ok(mailslot_registry_add(registry, &date_codec));
    check_ok(mailslot_registry_find(registry, "date", &codec));
    struct pair pair = pair_open(codec);
    const struct date *date = pair_pass(&pair, &(struct date){1969, 7, 20});
    check(date->year == 1969 && date->month == 7 && date->day == 20);
    pair_check_bytes(&pair, "\x45\x07\x14", 3);
    pair_close(&pair);
    mailslot_registry_free(registry);
}

static void its_failures_reach_the_user_in_its_words(void **state) {
    (void)state;
    struct pair pair = pair_open(&date_codec);
    pair_check_refused(&pair, &(struct date){2156, 1, 1}, "year 2156 is not in this calendar");
    pair_close(&pair);
    check_undecodable(&date_codec, "\1\2", 2, MAILSLOT_ERR_BAD_MESSAGE, "3 bytes, not 2",
                      &(struct date){1900, 1, 1});
}

static void its_size_is_limited_as_any(void **state) {
    (void)state;
    struct pair pair = pair_open_max(&date_codec, 2);
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put(pair.writer, &(struct date){1900, 1, 1}));
    check_detail("3 bytes, limit 2");
    check_int(0, (int64_t)count_of(pair.reader));
    pair_close(&pair);
}

static void its_memory_is_budgeted_as_any(void **state) {
    (void)state;
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = &date_codec;
    options.direction = MAILSLOT_READ;
    options.decode_budget = sizeof(struct date) - 1;
    options.bad_messages = MAILSLOT_BAD_REPORT;
    struct pair pair = {open_with("pair", &options), NULL, NULL};
    pair.writer = pair_open_end(&date_codec, MAILSLOT_WRITE, 0);
    check_ok(mailslot_record_new(&pair.record));
    check_err(MAILSLOT_ERR_TOO_COMPLEX, pair_receive(&pair, "\1\2\3", 3));
    pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(an_own_codec_serves_a_slot_by_name),
        slot_test(its_failures_reach_the_user_in_its_words),
        slot_test(its_size_is_limited_as_any),
        slot_test(its_memory_is_budgeted_as_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
