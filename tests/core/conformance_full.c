/* Full slots, and how much they hold: S15. */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "slots.h"
#include "thread.h"

#include <stdlib.h>

#define SMALL     4096
#define DEFAULT   (16u << 20)
#define PUT_WAITS 200

static char message[65536];

static mailslot *open_writer_waiting(int put_timeout_ms) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.put_timeout_ms = put_timeout_ms;
    return open_with("trace", &options);
}

/* Puts messages of len bytes until one is refused; returns how many went in. */
static size_t fill(mailslot *reader, mailslot *writer, size_t len) {
    size_t count = 0;
    mailslot_err err = mailslot_put_bytes(writer, message, len);
    while (err == MAILSLOT_OK) {
        count++;
        mailslot_info info = info_of(reader);
        check(info.used <= info.capacity);
        err = mailslot_put_bytes(writer, message, len);
    }
    check_err(MAILSLOT_ERR_FULL, err);
    return count;
}

static void s15_put_does_not_wait_for_a_reader(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer_waiting(MAILSLOT_FOREVER);
    check_ok(mailslot_put(writer, "nobody gets this"));
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s15_a_full_slot_refuses_at_once_and_counts_it(void **state) {
    (void)state;
    needs(system_tells_capacity(), NO_CAPACITY);
    mailslot *reader = open_small_reader("trace", SMALL, 0);
    mailslot *writer = open_writer("trace");
    size_t held = fill(reader, writer, 100);
    check_int(1, (int64_t)info_of(reader).refused);
    int64_t start = now_ms();
    for (int i = 0; i < 999; i++)
        check_err(MAILSLOT_ERR_FULL, mailslot_put_bytes(writer, message, 100));
    check(now_ms() - start < SOON_MS); /* so many would not fit in if each waited */
    check_detail("trace: ");
    mailslot_info info = info_of(reader);
    check_int(1000, (int64_t)info.refused);
    check_int((int64_t)held, (int64_t)info.count);
    check_int((int64_t)held, (int64_t)drain(reader));
    check_ok(mailslot_put_bytes(writer, message, 100));
    check_int(1000, (int64_t)info_of(reader).refused);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s15_by_default_100000_messages_of_64_bytes_wait(void **state) {
    (void)state;
    needs(system_holds(100000, 64), NO_SUCH_BACKLOG);
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    if (expects(system_tells_capacity(), NO_CAPACITY))
        check_int(DEFAULT, (int64_t)info_of(reader).capacity);
    for (uint64_t i = 0; i < 100000; i++) {
        memcpy(message, &i, sizeof i);
        check_ok(mailslot_put_bytes(writer, message, 64));
    }
    mailslot_info info = info_of(reader);
    check_count(100000, reader);
    if (expects(system_tells_capacity(), NO_CAPACITY))
        check(info.used >= 6400000 && info.used <= info.capacity);
    for (uint64_t i = 0; i < 100000; i++) {
        uint64_t got[8];
        size_t len = 0;
        check_ok(mailslot_get_bytes(reader, got, sizeof got, &len, MAILSLOT_NO_WAIT));
        check(len == 64 && got[0] == i);
    }
    expect_empty(reader);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s15_the_capacity_is_exact_and_never_exceeded(void **state) {
    (void)state;
    needs(system_tells_capacity(), NO_CAPACITY);
    static const size_t capacities[] = {4096, 5000, 32768, 100000, 1000000};
    static const size_t lengths[] = {0, 1, 8, 64, 424, 1001, 3000};
    for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) {
        mailslot *reader = open_small_reader("trace", capacities[i], 0);
        mailslot *writer = open_writer("trace");
        size_t capacity = info_of(reader).capacity;
        check(capacity >= capacities[i]);
        for (size_t j = 0; j < sizeof lengths / sizeof *lengths; j++) {
            size_t held = fill(reader, writer, lengths[j]);
            check_int((int64_t)(capacity / queue_bytes(lengths[j])), (int64_t)held);
            check_int((int64_t)(held * queue_bytes(lengths[j])), (int64_t)info_of(reader).used);
            check_int((int64_t)held, (int64_t)drain(reader));
            check_int(0, (int64_t)info_of(reader).used);
        }
        mailslot_close(writer);
        mailslot_close(reader);
    }
}

static void s15_as_much_fits_after_any_number_of_wraps(void **state) {
    (void)state;
    needs(system_tells_capacity(), NO_CAPACITY);
    mailslot *reader = open_small_reader("trace", 100000, 0);
    mailslot *writer = open_writer("trace");
    size_t held = fill(reader, writer, 424);
    check_int((int64_t)held, (int64_t)drain(reader));
    uint32_t random = 1;
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < 300; i++) {
            random = random * 1664525 + 1013904223;
            check_ok(mailslot_put_bytes(writer, message, (random >> 16) % 3000));
            if (i % 20 == 19)
                check_int(20, (int64_t)drain(reader));
        }
        check_int((int64_t)held, (int64_t)fill(reader, writer, 424));
        check_int((int64_t)held, (int64_t)drain(reader));
    }
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s15_a_put_timeout_is_waited_out_on_a_full_slot(void **state) {
    (void)state;
    needs(system_fills(), NEVER_FULL);
    mailslot *reader = open_small_reader("trace", SMALL, 0);
    mailslot *filler = open_writer("trace");
    mailslot *writer = open_writer_waiting(PUT_WAITS);
    fill(reader, filler, 100);
    int64_t start = now_ns();
    check_err(MAILSLOT_ERR_FULL, mailslot_put_bytes(writer, message, 100));
    int64_t waited_ms = (now_ns() - start) / 1000000;
    check(waited_ms >= PUT_WAITS);
    check(waited_ms < PUT_WAITS + 1000 + PROMPT_MS); /* a second is what S15 allows on top */
    if (expects(system_tells_capacity(), NO_CAPACITY))
        check_int(2, (int64_t)info_of(reader).refused);
    mailslot_close(writer);
    mailslot_close(filler);
    mailslot_close(reader);
}

static mailslot_err put_100(mailslot *slot) { return mailslot_put_bytes(slot, message, 100); }

static void check_put_waits_for_room(int put_timeout_ms) {
    mailslot *reader = open_small_reader("trace", SMALL, 0);
    mailslot *filler = open_writer("trace");
    struct blocker blocker = {.slot = open_writer_waiting(put_timeout_ms), .call = put_100};
    size_t held = fill(reader, filler, 100);
    blocker_start(&blocker);
    check(!blocker.done);
    check_count((int64_t)held, reader);
    size_t got = drain(reader);
    check_ok(blocker_join(&blocker));
    check_int((int64_t)held + 1, (int64_t)(got + drain(reader)));
    if (expects(system_tells_capacity(), NO_CAPACITY))
        check_int(1, (int64_t)info_of(reader).refused); /* the filler's */
    mailslot_close(blocker.slot);
    mailslot_close(filler);
    mailslot_close(reader);
}

static void s15_a_put_that_waits_succeeds_when_there_is_room(void **state) {
    (void)state;
    needs(system_fills(), NEVER_FULL);
    check_put_waits_for_room(PEER_PATIENCE_S * 1000);
    check_put_waits_for_room(MAILSLOT_FOREVER);
}

static void put_many_waiting(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    mailslot *writer = open_writer_waiting(MAILSLOT_FOREVER);
    for (uint64_t i = 0; i < 20000; i++)
        put_number(writer, i);
    mailslot_close(writer);
}

static void s15_a_waiting_writer_and_a_reader_keep_each_other_going(void **state) {
    (void)state;
    mailslot *reader = open_small_reader("trace", SMALL, 0);
    struct peer child = child_start(put_many_waiting, NULL);
    for (uint64_t i = 0; i < 20000; i++)
        check_int((int64_t)i, (int64_t)get_number(reader));
    child_join(&child);
    mailslot_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s15_put_does_not_wait_for_a_reader),
        slot_test(s15_a_full_slot_refuses_at_once_and_counts_it),
        slot_test(s15_by_default_100000_messages_of_64_bytes_wait),
        slot_test(s15_the_capacity_is_exact_and_never_exceeded),
        slot_test(s15_as_much_fits_after_any_number_of_wraps),
        slot_test(s15_a_put_timeout_is_waited_out_on_a_full_slot),
        slot_test(s15_a_put_that_waits_succeeds_when_there_is_room),
        slot_test(s15_a_waiting_writer_and_a_reader_keep_each_other_going),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
