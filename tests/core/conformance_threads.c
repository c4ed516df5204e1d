/* Several threads on one slot, and closing while they are in it: S20, S27, S28. */
#include "clock.h"
#include "slotdir.h"
#include "slots.h"
#include "thread.h"

#include <limits.h>
#include <stdlib.h>

#define PUTTERS  4
#define GETTERS  3
#define EACH     8000
#define ALL      (PUTTERS * EACH)
#define BLOCKERS 4

/* Threads that share one reader and one writer handle. */
struct crowd {
    mailslot *reader;
    mailslot *writer;
    atomic_uint next_putter;
    atomic_uint taken;
    atomic_uchar times_got[ALL];
};

static void *put_share(void *ctx) {
    struct crowd *crowd = ctx;
    uint64_t first = EACH * crowd->next_putter++;
    for (uint64_t number = first; number < first + EACH; number++)
        put_number(crowd->writer, number);
    return NULL;
}

/* Gets until all are taken, and checks that each putter's messages come to it in order. */
static void *get_share(void *ctx) {
    struct crowd *crowd = ctx;
    int64_t last[PUTTERS] = {-1, -1, -1, -1};
    while (crowd->taken < ALL) {
        uint64_t number = ALL;
        size_t len = 0;
        mailslot_err err = mailslot_get_bytes(crowd->reader, &number, sizeof number, &len, 20);
        if (err == MAILSLOT_ERR_EMPTY)
            continue;
        check_ok(err);
        check(len == sizeof number && number < ALL);
        check((int64_t)number > last[number / EACH]);
        last[number / EACH] = (int64_t)number;
        crowd->times_got[number]++;
        crowd->taken++;
    }
    return NULL;
}

static void run_crowd(struct crowd *crowd, int putters, int getters) {
    pthread_t threads[PUTTERS + GETTERS];
    for (int i = 0; i < putters + getters; i++)
        check(pthread_create(&threads[i], NULL, i < putters ? put_share : get_share, crowd) == 0);
    for (int i = 0; i < putters + getters; i++)
        pthread_join(threads[i], NULL);
}

static void check_each_got_once(struct crowd *crowd) {
    for (int i = 0; i < ALL; i++)
        check_int(1, crowd->times_got[i]);
    expect_empty(crowd->reader);
}

static struct crowd *new_crowd(size_t capacity) {
    struct crowd *crowd = calloc(1, sizeof *crowd);
    check(crowd != NULL);
    crowd->reader = open_small_reader("trace", capacity, 0);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.put_timeout_ms = MAILSLOT_FOREVER;
    crowd->writer = open_with("trace", &options);
    return crowd;
}

static void free_crowd(struct crowd *crowd) {
    mailslot_close(crowd->writer);
    mailslot_close(crowd->reader);
    free(crowd);
}

static void s20_threads_put_and_get_on_one_slot_and_nothing_is_lost_or_doubled(void **state) {
    (void)state;
    struct crowd *crowd = new_crowd(0);
    run_crowd(crowd, PUTTERS, 1);
    check_each_got_once(crowd);
    free_crowd(crowd);
}

static void s20_the_same_holds_while_the_slot_is_full_and_empty_in_turn(void **state) {
    (void)state;
    struct crowd *crowd = new_crowd(4096);
    run_crowd(crowd, PUTTERS, GETTERS);
    check_each_got_once(crowd);
    free_crowd(crowd);
}

static void s27_threads_that_share_a_reader_each_get_different_messages(void **state) {
    (void)state;
    needs(system_holds(ALL, 8), NO_SUCH_BACKLOG);
    struct crowd *crowd = new_crowd(0);
    for (uint64_t number = 0; number < ALL; number++)
        put_number(crowd->writer, number);
    run_crowd(crowd, 0, GETTERS);
    check_each_got_once(crowd);
    free_crowd(crowd);
}

static mailslot_err get_forever(mailslot *slot) {
    char buffer[64];
    size_t len = 0;
    return mailslot_get_bytes(slot, buffer, sizeof buffer, &len, MAILSLOT_FOREVER);
}

static void start_blockers(struct blocker blockers[BLOCKERS], mailslot *slot,
                           mailslot_err (*call)(mailslot *)) {
    for (int i = 0; i < BLOCKERS; i++) {
        blockers[i] = (struct blocker){.slot = slot, .call = call};
        blocker_start(&blockers[i]);
    }
}

static void join_blockers(struct blocker blockers[BLOCKERS], mailslot_err expected) {
    for (int i = 0; i < BLOCKERS; i++)
        check_err(expected, blocker_join(&blockers[i]));
}

static void s27_each_of_several_waiting_threads_gets_a_message(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    struct blocker blockers[BLOCKERS];
    start_blockers(blockers, reader, get_forever);
    for (int i = 0; i < BLOCKERS; i++)
        check_ok(mailslot_put(writer, "x"));
    join_blockers(blockers, MAILSLOT_OK);
    expect_empty(reader);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void look_in_every_way(mailslot *reader, mailslot_record *record) {
    bool answer = false;
    mailslot_handle handle;
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_nowait(reader, record));
    expect_empty(reader);
    check_count(0, reader);
    check_count(0, reader);
    check_ok(mailslot_empty(reader, &answer));
    check(answer);
    check_ok(mailslot_full(reader, &answer));
    check(!answer);
    check_ok(mailslot_set_timeout(reader, MAILSLOT_FOREVER));
    check_ok(mailslot_waitable(reader, &handle));
}

/* 200 rounds would take over 5 s if each waited half a slice for the thread that is blocked. */
static void s27_a_get_without_waiting_or_a_look_returns_while_another_thread_waits(void **state) {
    (void)state;
    struct blocker blocker = {.slot = open_reader("trace"), .call = get_forever};
    mailslot *writer = open_writer("trace");
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    blocker_start(&blocker);
    int64_t start = now_ms();
    for (int i = 0; i < 200; i++)
        look_in_every_way(blocker.slot, record);
    check(now_ms() - start < PROMPT_MS);
    check(!blocker.done);
    check_ok(mailslot_put(writer, "x"));
    check_ok(blocker_join(&blocker));
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(blocker.slot);
}

static void s27_a_get_of_n_ms_keeps_its_time_while_another_thread_waits(void **state) {
    (void)state;
    struct blocker blocker = {.slot = open_reader("trace"), .call = get_forever};
    mailslot *writer = open_writer("trace");
    blocker_start(&blocker);
    size_t len = 0;
    int64_t start = now_ns();
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_bytes(blocker.slot, NULL, 0, &len, 80));
    int64_t waited_ms = (now_ns() - start) / 1000000;
    check(waited_ms >= 80 && waited_ms < 80 + PROMPT_MS);
    check(!blocker.done);
    check_ok(mailslot_put(writer, "x"));
    check_ok(blocker_join(&blocker));
    mailslot_close(writer);
    mailslot_close(blocker.slot);
}

static mailslot_err drop(void *ctx, const mailslot_record *record) {
    (void)ctx, (void)record;
    return MAILSLOT_OK;
}

static mailslot_err iterate(mailslot *slot) { return mailslot_each(slot, drop, NULL); }

static mailslot_err put_one(mailslot *slot) { return mailslot_put_bytes(slot, "x", 1); }

/* The calls must end within 100 ms; the bound is for busy machines. */
static void check_close_ends_calls(mailslot *slot, mailslot_err (*call)(mailslot *)) {
    struct blocker blockers[BLOCKERS];
    start_blockers(blockers, slot, call);
    int64_t start = now_ms();
    mailslot_close(slot);
    int64_t took = now_ms() - start;
    print_message("close took %d ms; 100 allowed\n", (int)took);
    check(took < SOON_MS);
    join_blockers(blockers, MAILSLOT_ERR_CLOSED);
}

static void s28_close_ends_gets_in_progress_as_closed(void **state) {
    (void)state;
    check_close_ends_calls(open_reader("trace"), get_forever);
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open("trace", MAILSLOT_WRITE));
    check_ok(try_open("trace", MAILSLOT_READ));
}

static void s28_close_ends_iterations_in_progress_as_closed(void **state) {
    (void)state;
    check_close_ends_calls(open_reader("trace"), iterate);
    check_ok(try_open("trace", MAILSLOT_READ));
}

static void s28_close_ends_puts_that_wait_for_room_as_closed(void **state) {
    (void)state;
    needs(system_fills(), NEVER_FULL);
    mailslot *reader = open_small_reader("trace", 4096, 0);
    mailslot *filler = open_writer("trace");
    mailslot_err err = MAILSLOT_OK;
    size_t held = 0;
    while (err == MAILSLOT_OK) {
        err = put_one(filler);
        held += err == MAILSLOT_OK;
    }
    check_err(MAILSLOT_ERR_FULL, err);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.put_timeout_ms = MAILSLOT_FOREVER;
    check_close_ends_calls(open_with("trace", &options), put_one);
    check_int((int64_t)held, (int64_t)drain(reader));
    check_ok(put_one(filler));
    mailslot_close(filler);
    mailslot_close(reader);
}

/* A sanitizer sees a close that frees too early. */
static void s28_close_under_load_frees_only_when_all_have_left(void **state) {
    (void)state;
    for (int round = 0; round < 50; round++) {
        mailslot *reader = open_reader("trace");
        mailslot *writer = open_writer("trace");
        struct blocker blocker = {.slot = reader, .call = get_forever};
        blocker_start(&blocker);
        check_ok(mailslot_put(writer, "x")); /* so that it is on its way out, or still waits */
        mailslot_close(reader);
        mailslot_err err = blocker_join(&blocker);
        check(err == MAILSLOT_OK || err == MAILSLOT_ERR_CLOSED);
        mailslot_close(writer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s20_threads_put_and_get_on_one_slot_and_nothing_is_lost_or_doubled),
        slot_test(s20_the_same_holds_while_the_slot_is_full_and_empty_in_turn),
        slot_test(s27_threads_that_share_a_reader_each_get_different_messages),
        slot_test(s27_each_of_several_waiting_threads_gets_a_message),
        slot_test(s27_a_get_without_waiting_or_a_look_returns_while_another_thread_waits),
        slot_test(s27_a_get_of_n_ms_keeps_its_time_while_another_thread_waits),
        slot_test(s28_close_ends_gets_in_progress_as_closed),
        slot_test(s28_close_ends_iterations_in_progress_as_closed),
        slot_test(s28_close_ends_puts_that_wait_for_room_as_closed),
        slot_test(s28_close_under_load_frees_only_when_all_have_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
