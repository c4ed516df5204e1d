/* How long a get waits: S22 to S24. */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "slots.h"
#include "thread.h"

#include <semaphore.h>
#include <stdlib.h>

/* Gets from an empty slot; returns the whole milliseconds it took. */
static int64_t wait_in_vain(mailslot *reader, int timeout_ms) {
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    int64_t start = now_ns();
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get(reader, record, timeout_ms));
    int64_t waited_ns = now_ns() - start;
    mailslot_record_free(record);
    return waited_ns / 1000000;
}

static void check_waits(mailslot *reader, int timeout_ms, int expected_ms) {
    int64_t waited = wait_in_vain(reader, timeout_ms);
    check(waited >= expected_ms);
    check(waited < expected_ms + PROMPT_MS);
}

static void s22_timeout_zero_is_empty_at_once(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    int64_t start = now_ms();
    for (int i = 0; i < 1000; i++)
        wait_in_vain(reader, MAILSLOT_NO_WAIT);
    check(now_ms() - start < SOON_MS); /* a thousand that waited a slice each would not fit */
    mailslot_close(reader);
}

static void s22_n_ms_are_at_least_n_then_empty(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    static const int waits[] = {1, 2, 7, 49, 50, 51, 120, 250};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        check_waits(reader, waits[i], waits[i]);
    size_t len = 9;
    int64_t start = now_ns();
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_bytes(reader, NULL, 0, &len, 70));
    check(now_ns() - start >= 70 * 1000000);
    check_int(0, (int64_t)len);
    mailslot_close(reader);
}

static mailslot_err get_one(mailslot *slot, int timeout_ms) {
    char buffer[64];
    size_t len = 0;
    return mailslot_get_bytes(slot, buffer, sizeof buffer, &len, timeout_ms);
}

static mailslot_err get_forever(mailslot *slot) { return get_one(slot, MAILSLOT_FOREVER); }

static mailslot_err get_by_default(mailslot *slot) { return get_one(slot, MAILSLOT_SLOT_TIMEOUT); }

static mailslot_err get_one_minute(mailslot *slot) { return get_one(slot, 60000); }

static void check_waits_for_message(mailslot_err (*call)(mailslot *)) {
    struct blocker blocker = {.slot = open_reader("trace"), .call = call};
    mailslot *writer = open_writer("trace");
    blocker_start(&blocker);
    sleep_ms(120); /* more than any slice a wait may be cut into */
    check(!blocker.done);
    check_ok(mailslot_put(writer, "x"));
    check_ok(blocker_join(&blocker));
    mailslot_close(writer);
    mailslot_close(blocker.slot);
}

static void s22_forever_lasts_until_a_message_comes(void **state) {
    (void)state;
    check_waits_for_message(get_forever);
}

static void s22_the_default_is_the_slots_timeout_itself_forever_unless_set(void **state) {
    (void)state;
    check_waits_for_message(get_by_default);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.timeout_ms = 90;
    mailslot *reader = open_with("trace", &options);
    check_waits(reader, MAILSLOT_SLOT_TIMEOUT, 90);
    check_int(90, info_of(reader).timeout_ms);
    mailslot_close(reader);
}

static void s22_other_negative_timeouts_are_invalid_and_take_nothing(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    check_ok(mailslot_put(writer, "x"));
    static const int invalid[] = {-3, -1000, INT_MIN};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        check_err(MAILSLOT_ERR_INVALID, mailslot_get(reader, record, invalid[i]));
        check_detail("trace");
        check_err(MAILSLOT_ERR_INVALID, get_one(reader, invalid[i]));
        check_err(MAILSLOT_ERR_INVALID, mailslot_set_timeout(reader, invalid[i]));
    }
    check_err(MAILSLOT_ERR_INVALID, mailslot_set_timeout(reader, MAILSLOT_SLOT_TIMEOUT));
    check_int(MAILSLOT_FOREVER, info_of(reader).timeout_ms);
    expect_text(reader, "x");
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

static int64_t processor_us_of_waiting(mailslot *reader) {
    int64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    wait_in_vain(reader, 1000);
    int64_t used_us = (clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / 1000;
    print_message("a second of waiting took %d us of processor; 5000 allowed\n", (int)used_us);
    return used_us;
}

static void s22_a_waiting_reader_leaves_the_processor_alone(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    int64_t used_us = INT64_MAX;
    for (int i = 0; i < 3 && used_us >= 20000; i++) /* other work makes it dearer for a while */
        used_us = processor_us_of_waiting(reader);
    check(used_us < 20000); /* sanitizers and virtual machines make it dearer */
    mailslot_close(reader);
}

#define WAKES 24

static int by_value(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static int64_t arrived_ns;

static mailslot_err get_and_note_time(mailslot *slot) {
    mailslot_err err = get_one_minute(slot);
    arrived_ns = now_ns();
    return err;
}

/* What the system itself takes to wake a thread. */
static sem_t bell;

static mailslot_err await_bell_and_note_time(mailslot *slot) {
    (void)slot;
    int err = sem_wait(&bell);
    arrived_ns = now_ns();
    return err ? MAILSLOT_ERR_OS : MAILSLOT_OK;
}

/* From the put, or from the bell if there is no writer, to the end of the call that waits for it.
 */
static int64_t delay_of(mailslot_err (*call)(mailslot *), mailslot *reader, mailslot *writer,
                        int after_ms) {
    struct blocker blocker = {.slot = reader, .call = call};
    blocker_start(&blocker);
    sleep_ms(after_ms);
    int64_t sent_ns = now_ns();
    check_ok(writer ? mailslot_put(writer, "x") : MAILSLOT_OK);
    check(writer || sem_post(&bell) == 0);
    check_ok(blocker_join(&blocker));
    return arrived_ns - sent_ns;
}

/* A wait that only looked every 50 ms would be late by 12 ms or more in three quarters of cases. */
static void s23_a_message_that_arrives_ends_the_wait_at_once(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    int64_t delays[WAKES], systems[WAKES];
    check(sem_init(&bell, 0, 0) == 0);
    for (int i = 0; i < WAKES; i++) {
        delays[i] = delay_of(get_and_note_time, reader, writer, 3 + i * 2);
        systems[i] = delay_of(await_bell_and_note_time, NULL, NULL, 3 + i * 2);
    }
    qsort(delays, WAKES, sizeof *delays, by_value);
    qsort(systems, WAKES, sizeof *systems, by_value);
    print_message("woken after %d us (median of %d), by the system alone after %d us\n",
                  (int)(delays[WAKES / 2] / 1000), WAKES, (int)(systems[WAKES / 2] / 1000));
    check(delays[WAKES / 4] < 5000000 + 2 * systems[WAKES / 4]);
    sem_destroy(&bell);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s24_changing_the_slots_timeout_affects_later_gets(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    check_int(MAILSLOT_FOREVER, info_of(reader).timeout_ms);
    check_ok(mailslot_set_timeout(reader, 80));
    check_int(80, info_of(reader).timeout_ms);
    check_waits(reader, MAILSLOT_SLOT_TIMEOUT, 80);
    check_ok(mailslot_set_timeout(reader, 0));
    check_waits(reader, MAILSLOT_SLOT_TIMEOUT, 0);
    mailslot_info seen = MAILSLOT_INFO_INIT;
    check_ok(mailslot_stat("trace", &seen));
    check_int(0, seen.timeout_ms);
    check_ok(mailslot_set_timeout(reader, MAILSLOT_FOREVER));
    check_int(MAILSLOT_FOREVER, info_of(reader).timeout_ms);
    mailslot_close(reader);
}

static void s24_a_gets_own_timeout_never_changes_the_slots(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    check_ok(mailslot_set_timeout(reader, 60));
    check_waits(reader, 5, 5);
    check_waits(reader, MAILSLOT_NO_WAIT, 0);
    check_int(60, info_of(reader).timeout_ms);
    check_waits(reader, MAILSLOT_SLOT_TIMEOUT, 60);
    mailslot_close(reader);
}

static void s24_gets_in_progress_keep_their_timeout(void **state) {
    (void)state;
    struct blocker blocker = {.slot = open_reader("trace"), .call = get_by_default};
    mailslot *writer = open_writer("trace");
    blocker_start(&blocker);
    check_ok(mailslot_set_timeout(blocker.slot, 0));
    sleep_ms(120);
    check(!blocker.done);
    check_ok(mailslot_put(writer, "x"));
    check_ok(blocker_join(&blocker));
    check_waits(blocker.slot, MAILSLOT_SLOT_TIMEOUT, 0);
    mailslot_close(writer);
    mailslot_close(blocker.slot);
}

static void s24_a_timeout_set_before_the_first_use_holds(void **state) {
    (void)state;
    mailslot *slot = NULL;
    check_ok(mailslot_open(&slot, "trace", NULL));
    check_ok(mailslot_set_timeout(slot, 40));
    check_waits(slot, MAILSLOT_SLOT_TIMEOUT, 40);
    check_int(40, info_of(slot).timeout_ms);
    mailslot_close(slot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s22_timeout_zero_is_empty_at_once),
        slot_test(s22_n_ms_are_at_least_n_then_empty),
        slot_test(s22_forever_lasts_until_a_message_comes),
        slot_test(s22_the_default_is_the_slots_timeout_itself_forever_unless_set),
        slot_test(s22_other_negative_timeouts_are_invalid_and_take_nothing),
        slot_test(s22_a_waiting_reader_leaves_the_processor_alone),
        slot_test(s23_a_message_that_arrives_ends_the_wait_at_once),
        slot_test(s24_changing_the_slots_timeout_affects_later_gets),
        slot_test(s24_a_gets_own_timeout_never_changes_the_slots),
        slot_test(s24_gets_in_progress_keep_their_timeout),
        slot_test(s24_a_timeout_set_before_the_first_use_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
