/* Closing and iterating: S33, S34. */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "slots.h"

#include <stdlib.h>

static void s33_closing_the_reader_discards_what_waits(void **state) {
    (void)state;
    needs(system_frees_names(), NO_FREE_NAME);
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "discarded"));
    mailslot_close(reader);
    check_int(0, slotdir_files());
    reader = open_reader("trace");
    check_count(0, reader);
    expect_empty(reader);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s33_closing_null_or_an_unused_slot_succeeds_silently(void **state) {
    (void)state;
    mailslot_close(NULL);
    mailslot *unused = NULL;
    check_ok(mailslot_open(&unused, "trace", NULL));
    mailslot_close(unused);
    check_int(0, slotdir_entries(slotdir_path(), NULL));

    mailslot *reader = open_reader("trace");
    check_ok(mailslot_open(&unused, "trace", NULL));
    mailslot_close(unused);
    check_ok(try_open("trace", MAILSLOT_WRITE));
    mailslot_close(reader);
}

static void s33_a_slot_whose_first_use_failed_closes_silently(void **state) {
    (void)state;
    mailslot *slot = NULL;
    check_ok(mailslot_open(&slot, "trace", NULL));
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_put(slot, "x"));
    mailslot_close(slot);
    check_int(0, slotdir_files());
}

static void s33_closing_a_writer_disturbs_nobody(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *first = open_writer("trace");
    mailslot *second = open_writer("trace");
    check_ok(mailslot_put(first, "one"));
    mailslot_close(first);
    check_ok(mailslot_put(second, "two"));
    expect_text(reader, "one");
    expect_text(reader, "two");
    check_err(MAILSLOT_ERR_IN_USE, try_open("trace", MAILSLOT_READ));
    mailslot_close(second);
    check_ok(try_open("trace", MAILSLOT_WRITE));
    expect_empty(reader);
    mailslot_close(reader);
}

static void s33_a_writer_may_close_after_its_reader(void **state) {
    (void)state;
    needs(system_frees_names(), NO_FREE_NAME);
    mailslot *first = open_reader("trace");
    mailslot *writer = open_writer("trace");
    mailslot_close(first);
    mailslot *second = open_reader("trace");
    mailslot *successor = open_writer("trace");
    mailslot_close(writer);
    check_ok(mailslot_put(successor, "x"));
    expect_text(second, "x");
    mailslot_close(successor);
    mailslot_close(second);
}

static void s33_closing_leaves_no_descriptor_and_no_mapping(void **state) {
    (void)state;
    int before = slotdir_descriptors();
    for (int i = 0; i < 50; i++) {
        mailslot *reader = open_reader("trace");
        mailslot *writer = open_writer("trace");
        check_ok(mailslot_put(writer, "x"));
        check_err(MAILSLOT_ERR_IN_USE, try_open("trace", MAILSLOT_READ));
        check_err(MAILSLOT_ERR_NOT_FOUND, try_open("none", MAILSLOT_WRITE));
        check(slotdir_is_mapped(slotdir_path()));
        mailslot_close(writer);
        mailslot_close(reader);
    }
    check_int(before, slotdir_descriptors());
    check(!slotdir_is_mapped(slotdir_path()));
}

static void s33_leaving_its_scope_closes_a_scoped_slot(void **state) {
    (void)state;
    {
        MAILSLOT_SCOPED mailslot *reader = NULL;
        MAILSLOT_SCOPED mailslot *never_opened = NULL;
        check_ok(mailslot_open(&reader, "trace", NULL));
        check_count(0, reader);
        check_ok(try_open("trace", MAILSLOT_WRITE));
        check(never_opened == NULL);
    }
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
}

/* ---- S34 --------------------------------------------------------------------------------------
 */

struct seen {
    int count;
    int stop_at;
    pid_t writer;
};

static mailslot_err note_number(void *ctx, const mailslot_record *record) {
    struct seen *seen = ctx;
    char expected[16];
    snprintf(expected, sizeof expected, "%d", seen->count);
    check_text(expected, mailslot_record_value(record));
    check_int((int64_t)strlen(expected), (int64_t)mailslot_record_bytes(record).len);
    if (expects(system_knows_writers(), NO_WRITERS))
        check_int(seen->writer, mailslot_record_origin(record)->pid);
    seen->count++;
    return seen->count == seen->stop_at ? MAILSLOT_ERR_NO_HOST : MAILSLOT_OK;
}

static void put_numbers(int count) {
    mailslot *writer = open_writer("trace");
    for (int i = 0; i < count; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        check_ok(mailslot_put(writer, text));
    }
    mailslot_close(writer);
}

static mailslot *open_waiting_reader(int timeout_ms) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.timeout_ms = timeout_ms;
    return open_with("trace", &options);
}

static void s34_iteration_gets_until_empty_which_is_no_error(void **state) {
    (void)state;
    mailslot *reader = open_waiting_reader(MAILSLOT_NO_WAIT);
    put_numbers(25);
    struct seen seen = {0, 0, getpid()};
    check_ok(mailslot_each(reader, note_number, &seen));
    check_int(25, seen.count);
    check_ok(mailslot_each(reader, note_number, &seen));
    check_int(25, seen.count);
    mailslot_close(reader);
}

static void s34_iteration_waits_as_long_as_the_slots_timeout_says(void **state) {
    (void)state;
    mailslot *reader = open_waiting_reader(100);
    put_numbers(2);
    struct seen seen = {0, 0, getpid()};
    int64_t start = now_ns();
    check_ok(mailslot_each(reader, note_number, &seen));
    check(now_ns() - start >= 100 * 1000000);
    check_int(2, seen.count);
    mailslot_close(reader);
}

static void put_one_late(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *writer = open_writer("trace");
    peer_hear(parent);
    sleep_ms(60);
    check_ok(mailslot_put(writer, "0"));
    mailslot_close(writer);
}

static void s34_iteration_takes_what_comes_while_it_waits(void **state) {
    (void)state;
    mailslot *reader = open_waiting_reader(MAILSLOT_FOREVER);
    struct peer child = child_start(put_one_late, NULL);
    struct seen seen = {0, 1, child.pid};
    peer_tell(&child, 0);
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_each(reader, note_number, &seen));
    check_int(1, seen.count);
    child_join(&child);
    mailslot_close(reader);
}

static void s34_what_the_function_returns_stops_the_iteration(void **state) {
    (void)state;
    mailslot *reader = open_waiting_reader(MAILSLOT_NO_WAIT);
    put_numbers(5);
    struct seen seen = {0, 3, getpid()};
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_each(reader, note_number, &seen));
    check_int(3, seen.count);
    check_count(2, reader);
    check_ok(mailslot_each(reader, note_number, &seen));
    check_int(5, seen.count);
    mailslot_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s33_closing_the_reader_discards_what_waits),
        slot_test(s33_closing_null_or_an_unused_slot_succeeds_silently),
        slot_test(s33_a_slot_whose_first_use_failed_closes_silently),
        slot_test(s33_closing_a_writer_disturbs_nobody),
        slot_test(s33_a_writer_may_close_after_its_reader),
        slot_test(s33_closing_leaves_no_descriptor_and_no_mapping),
        slot_test(s33_leaving_its_scope_closes_a_scoped_slot),
        slot_test(s34_iteration_gets_until_empty_which_is_no_error),
        slot_test(s34_iteration_waits_as_long_as_the_slots_timeout_says),
        slot_test(s34_iteration_takes_what_comes_while_it_waits),
        slot_test(s34_what_the_function_returns_stops_the_iteration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
