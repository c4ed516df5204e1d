/* Opening: direction, the one reader, writers: S6 to S9. */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "slots.h"

#include <stdlib.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static mailslot *open_undecided(void) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.timeout_ms = MAILSLOT_NO_WAIT;
    return open_with("trace", &options);
}

/* ---- Every way to use a slot as its reader ----------------------------------------------------
 */

static mailslot_err use_get(mailslot *slot) {
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    mailslot_err err = mailslot_get(slot, record, MAILSLOT_NO_WAIT);
    mailslot_record_free(record);
    return err == MAILSLOT_ERR_EMPTY ? MAILSLOT_OK : err;
}

static mailslot_err use_get_nowait(mailslot *slot) {
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    mailslot_err err = mailslot_get_nowait(slot, record);
    mailslot_record_free(record);
    return err == MAILSLOT_ERR_EMPTY ? MAILSLOT_OK : err;
}

static mailslot_err use_get_bytes(mailslot *slot) {
    size_t len = 1;
    mailslot_err err = mailslot_get_bytes(slot, NULL, 0, &len, MAILSLOT_SLOT_TIMEOUT);
    check_int(0, (int64_t)len);
    return err == MAILSLOT_ERR_EMPTY ? MAILSLOT_OK : err;
}

static mailslot_err never_called(void *ctx, const mailslot_record *record) {
    (void)ctx, (void)record;
    check(false);
    return MAILSLOT_OK;
}

static mailslot_err use_each(mailslot *slot) { return mailslot_each(slot, never_called, NULL); }

static mailslot_err use_count(mailslot *slot) {
    size_t count = 0;
    mailslot_err err = mailslot_count(slot, &count);
    check_int(0, (int64_t)count);
    return err;
}

static mailslot_err use_empty(mailslot *slot) {
    bool empty = true;
    mailslot_err err = mailslot_empty(slot, &empty);
    check(empty);
    return err;
}

static mailslot_err use_full(mailslot *slot) {
    bool full = false;
    mailslot_err err = mailslot_full(slot, &full);
    check(!full);
    return err;
}

static mailslot_err use_info(mailslot *slot) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    return mailslot_info_get(slot, &info);
}

static mailslot_err use_waitable(mailslot *slot) {
    mailslot_handle handle;
    return mailslot_waitable(slot, &handle);
}

static mailslot_err use_set_timeout(mailslot *slot) {
    return mailslot_set_timeout(slot, MAILSLOT_NO_WAIT);
}

static mailslot_err (*const deciding[])(mailslot *) = {
    use_get, use_get_nowait, use_get_bytes, use_each, use_count, use_empty, use_full};

static mailslot_err (*const reading[])(mailslot *) = {
    use_get,   use_get_nowait, use_get_bytes, use_each,     use_count,
    use_empty, use_full,       use_info,      use_waitable, use_set_timeout};

/* ---- S6 ---------------------------------------------------------------------------------------
 */

static void s6_the_first_get_or_look_makes_the_reader(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(deciding); i++) {
        mailslot *slot = open_undecided();
        check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
        check_int(0, slotdir_files());
        check_ok(deciding[i](slot));
        check_ok(try_open("trace", MAILSLOT_WRITE));
        check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_put(slot, "x"));
        check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_put_bytes(slot, "x", 1));
        check_detail("trace");
        check_ok(use_info(slot));
        mailslot_close(slot);
    }
}

static void s6_the_first_put_makes_a_writer(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *slot = open_undecided();
    check_ok(mailslot_put(slot, "x"));
    expect_text(reader, "x");
    for (size_t i = 0; i < COUNT_OF(reading); i++) {
        check_err(MAILSLOT_ERR_WRONG_DIRECTION, reading[i](slot));
        check_detail("trace");
    }
    check_ok(mailslot_put_bytes(slot, "y", 1));
    mailslot_close(slot);
    expect_text(reader, "y");
    mailslot_close(reader);
}

static void s6_an_option_fixes_the_direction_at_open(void **state) {
    (void)state;
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
    mailslot *reader = open_reader("trace");
    check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_put(reader, "x"));
    check_err(MAILSLOT_ERR_IN_USE, try_open("trace", MAILSLOT_READ));
    mailslot *writer = open_writer("trace");
    for (size_t i = 0; i < COUNT_OF(reading); i++)
        check_err(MAILSLOT_ERR_WRONG_DIRECTION, reading[i](writer));
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s6_a_reader_is_told_so_even_if_what_it_puts_is_too_big(void **state) {
    (void)state;
    char data[20] = "";
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.max_message = sizeof data - 1;
    mailslot *slot = open_with("trace", &options);
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put_bytes(slot, data, sizeof data));
    check_int(0, (int64_t)count_of(slot));
    check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_put_bytes(slot, data, sizeof data));
    mailslot_close(slot);
    options.direction = MAILSLOT_READ;
    slot = open_with("trace", &options);
    check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_put_bytes(slot, data, sizeof data));
    mailslot_close(slot);
}

static void s6_info_and_waitable_without_direction_are_invalid_and_decide_nothing(void **state) {
    (void)state;
    mailslot *slot = open_undecided();
    check_err(MAILSLOT_ERR_INVALID, use_info(slot));
    check_detail("trace");
    check_err(MAILSLOT_ERR_INVALID, use_waitable(slot));
    check_int(0, slotdir_files());
    mailslot *reader = open_reader("trace");
    check_ok(mailslot_put(slot, "still free to be a writer"));
    mailslot_close(slot);
    mailslot_close(reader);
}

static void s6_setting_the_timeout_or_measuring_a_value_decides_nothing(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *slot = open_undecided();
    size_t len = 0;
    check_ok(mailslot_set_timeout(slot, 10));
    check_ok(mailslot_encoded_size(slot, "four", &len));
    check_int(4, (int64_t)len);
    check_ok(mailslot_put(slot, "still free to be a writer"));
    mailslot_close(slot);
    mailslot_close(reader);
}

static void s6_a_failed_first_put_fixes_nothing(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(deciding); i++) {
        mailslot *slot = open_undecided();
        check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_put(slot, "x"));
        check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_put(slot, "x"));
        check_err(MAILSLOT_ERR_INVALID, use_info(slot));
        check_ok(deciding[i](slot));
        check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_put(slot, "x"));
        mailslot_close(slot);
    }
}

static void s6_a_failed_first_get_or_look_fixes_nothing(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    for (size_t i = 0; i < COUNT_OF(deciding); i++) {
        mailslot *slot = open_undecided();
        check_err(MAILSLOT_ERR_IN_USE, deciding[i](slot));
        check_err(MAILSLOT_ERR_INVALID, use_info(slot));
        check_ok(mailslot_put(slot, "x"));
        check_err(MAILSLOT_ERR_WRONG_DIRECTION, deciding[i](slot));
        mailslot_close(slot);
    }
    check_count(COUNT_OF(deciding), reader);
    mailslot_close(reader);
}

static void s6_after_a_failure_the_same_call_tries_again(void **state) {
    (void)state;
    needs(system_frees_names(), NO_FREE_NAME);
    mailslot *writer = open_undecided();
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_put(writer, "x"));
    mailslot *first = open_reader("trace");
    check_ok(mailslot_put(writer, "x"));
    mailslot *second = open_undecided();
    check_err(MAILSLOT_ERR_IN_USE, use_count(second));
    mailslot_close(first);
    check_ok(use_count(second));
    mailslot_close(second);
    mailslot_close(writer);
}

/* ---- S7 to S9 ---------------------------------------------------------------------------------
 */

static void read_until_told(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *reader = open_reader("trace");
    peer_tell(parent, 0);
    peer_hear(parent);
    mailslot_close(reader);
}

static void s7_a_second_reader_in_the_same_process_is_in_use(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    check_err(MAILSLOT_ERR_IN_USE, try_open("trace", MAILSLOT_READ));
    check_detail("trace");
    mailslot_close(reader);
    check_ok(try_open("trace", MAILSLOT_READ));
}

static void s7_a_second_reader_in_another_process_is_in_use(void **state) {
    (void)state;
    struct peer child = child_start(read_until_told, NULL);
    peer_hear(&child);
    check_err(MAILSLOT_ERR_IN_USE, try_open("trace", MAILSLOT_READ));
    check_detail("trace");
    check_ok(try_open("trace", MAILSLOT_WRITE));
    peer_tell(&child, 0);
    child_join(&child);
    check_ok(try_open("trace", MAILSLOT_READ));
}

static void s8_a_readers_close_frees_the_name_at_once_while_old_writers_live(void **state) {
    (void)state;
    needs(system_frees_names(), NO_FREE_NAME);
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "x"));
    mailslot_close(reader);
    check_int(0, slotdir_files());
    reader = open_reader("trace");
    expect_empty(reader);
    mailslot_close(reader);
    mailslot_close(writer);
}

static void s8_a_readers_death_frees_the_name_at_once_while_old_writers_live(void **state) {
    (void)state;
    needs(system_frees_names(), NO_FREE_NAME);
    for (int round = 0; round < 20; round++) {
        struct peer child = child_start(read_until_told, NULL);
        peer_hear(&child);
        mailslot *writer = open_writer("trace");
        check_ok(mailslot_put(writer, "x"));
        child_kill(&child);
        mailslot *reader = open_reader("trace"); /* the first attempt: at once */
        expect_empty(reader);
        mailslot_close(reader);
        mailslot_close(writer);
    }
}

static void s9_opening_for_writing_needs_a_live_reader_and_never_creates(void **state) {
    (void)state;
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
    check_detail("trace");
    check_int(0, slotdir_files());
    mailslot *reader = open_reader("other");
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
    check_int(1, slotdir_files());
    mailslot_close(reader);
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("other", MAILSLOT_WRITE));
    check_int(0, slotdir_files());
}

static void s9_what_a_killed_reader_left_is_no_slot_to_write_to(void **state) {
    (void)state;
    struct peer child = child_start(read_until_told, NULL);
    peer_hear(&child);
    child_kill(&child);
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
}

static void write_with_many_handles(struct peer *parent, void *ctx) {
    (void)parent;
    mailslot *writers[25]; /* few enough for systems that hold few messages */
    for (size_t i = 0; i < COUNT_OF(writers); i++) {
        writers[i] = open_writer("trace");
        check_ok(mailslot_put(writers[i], ctx));
    }
    for (size_t i = 0; i < COUNT_OF(writers); i++) {
        check_ok(mailslot_put(writers[i], ctx));
        mailslot_close(writers[i]);
    }
}

static void s9_any_number_of_writers_in_any_processes(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    struct peer children[4];
    for (size_t i = 0; i < COUNT_OF(children); i++)
        children[i] = child_start(write_with_many_handles, "x");
    write_with_many_handles(NULL, "x");
    for (size_t i = 0; i < COUNT_OF(children); i++)
        child_join(&children[i]);
    check_int(5 * 25 * 2, (int64_t)drain(reader));
    mailslot_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s6_the_first_get_or_look_makes_the_reader),
        slot_test(s6_the_first_put_makes_a_writer),
        slot_test(s6_an_option_fixes_the_direction_at_open),
        slot_test(s6_a_reader_is_told_so_even_if_what_it_puts_is_too_big),
        slot_test(s6_info_and_waitable_without_direction_are_invalid_and_decide_nothing),
        slot_test(s6_setting_the_timeout_or_measuring_a_value_decides_nothing),
        slot_test(s6_a_failed_first_put_fixes_nothing),
        slot_test(s6_a_failed_first_get_or_look_fixes_nothing),
        slot_test(s6_after_a_failure_the_same_call_tries_again),
        slot_test(s7_a_second_reader_in_the_same_process_is_in_use),
        slot_test(s7_a_second_reader_in_another_process_is_in_use),
        slot_test(s8_a_readers_close_frees_the_name_at_once_while_old_writers_live),
        slot_test(s8_a_readers_death_frees_the_name_at_once_while_old_writers_live),
        slot_test(s9_opening_for_writing_needs_a_live_reader_and_never_creates),
        slot_test(s9_what_a_killed_reader_left_is_no_slot_to_write_to),
        slot_test(s9_any_number_of_writers_in_any_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
