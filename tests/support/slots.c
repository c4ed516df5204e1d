/* Opening, writing and reading slots in tests, each call checked. */
#include "slots.h"

#include <probe.h>

mailslot *open_with(const char *name, const mailslot_options *options) {
    mailslot *slot = NULL;
    check_ok(mailslot_open(&slot, name, options));
    check(slot != NULL);
    return slot;
}

mailslot *open_towards(const char *name, mailslot_direction direction) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = direction;
    return open_with(name, &options);
}

mailslot *open_reader(const char *name) { return open_towards(name, MAILSLOT_READ); }

mailslot *open_writer(const char *name) { return open_towards(name, MAILSLOT_WRITE); }

mailslot *open_small_reader(const char *name, size_t capacity, size_t max_message) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.capacity = capacity;
    options.max_message = max_message;
    return open_with(name, &options);
}

mailslot_err try_open(const char *name, mailslot_direction direction) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = direction;
    mailslot *slot = (mailslot *)&options; /* anything but NULL, which a failure must store */
    mailslot_err err = mailslot_open(&slot, name, &options);
    check((slot == NULL) == (err != MAILSLOT_OK));
    mailslot_close(slot);
    return err;
}

size_t queue_bytes(size_t len) { return 24 + (len + 7) / 8 * 8; }

size_t count_of(mailslot *reader) {
    size_t count = 0;
    check_ok(mailslot_count(reader, &count));
    return count;
}

mailslot_info info_of(mailslot *reader) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_ok(mailslot_info_get(reader, &info));
    return info;
}

void put_number(mailslot *writer, uint64_t number) {
    check_ok(mailslot_put_bytes(writer, &number, sizeof number));
}

uint64_t get_number(mailslot *reader) {
    uint64_t number = 0;
    size_t len = 0;
    check_ok(mailslot_get_bytes(reader, &number, sizeof number, &len, MAILSLOT_FOREVER));
    check_int(sizeof number, (int64_t)len);
    return number;
}

void expect_text(mailslot *reader, const char *text) {
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    check_ok(mailslot_get_nowait(reader, record));
    check_text(text, mailslot_record_value(record));
    mailslot_record_free(record);
}

void expect_empty(mailslot *reader) {
    size_t len = 0;
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_bytes(reader, NULL, 0, &len, MAILSLOT_NO_WAIT));
}

void test_check_count(int64_t expected, mailslot *reader, const char *function, const char *file,
                      int line) {
    int64_t count = (int64_t)count_of(reader);
    if (expected < 2 || test_expects(system_counts(), function, NO_COUNTS))
        test_check_int(expected, count, "count", file, line);
    else
        test_check(count > 0, "count > 0", file, line);
}

size_t drain(mailslot *reader) {
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    size_t count = 0;
    mailslot_err err = mailslot_get_nowait(reader, record);
    while (err == MAILSLOT_OK) {
        count++;
        err = mailslot_get_nowait(reader, record);
    }
    check_err(MAILSLOT_ERR_EMPTY, err);
    mailslot_record_free(record);
    return count;
}
