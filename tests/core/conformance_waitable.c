/* What a platform can wait on: S32. */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "slots.h"
#include "thread.h"

#include <stdlib.h>

static bool ready_within(mailslot_handle handle, int ms) {
    struct pollfd event = {handle, POLLIN, 0};
    int count = poll(&event, 1, ms);
    while (count < 0 && errno == EINTR)
        count = poll(&event, 1, ms);
    check(count == 0 || event.revents == POLLIN);
    return count == 1;
}

static mailslot_handle waitable_of(mailslot *reader) {
    mailslot_handle handle;
    check_ok(mailslot_waitable(reader, &handle));
    return handle;
}

/* "Unready within 100 ms after a get said EMPTY"; the bound is for busy machines. */
static void check_falls_silent(mailslot *reader, mailslot_handle handle) {
    expect_empty(reader);
    check_within(SOON_MS, !ready_within(handle, 0));
    check(!ready_within(handle, 150)); /* and stays so */
}

static void put_when_told(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *writer = open_writer("trace");
    for (int64_t count = peer_hear(parent); count > 0; count = peer_hear(parent))
        for (int64_t i = 0; i < count; i++)
            check_ok(mailslot_put(writer, "x"));
    mailslot_close(writer);
}

static void s32_poll_wakes_for_a_message_and_rests_after_empty(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot_handle handle = waitable_of(reader);
    struct peer child = child_start(put_when_told, NULL);
    for (int round = 0; round < 8; round++) {
        check_falls_silent(reader, handle);
        peer_tell(&child, 1);
        check(ready_within(handle, SOON_MS));
        check_within(SOON_MS, count_of(reader) == 1);
        expect_text(reader, "x");
    }
    peer_tell(&child, 0);
    child_join(&child);
    mailslot_close(reader);
}

static void s32_no_wake_is_ever_missed(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot_handle handle = waitable_of(reader);
    struct peer child = child_start(put_when_told, NULL);
    int64_t slowest = 0;
    for (int round = 0; round < 2000; round++) {
        int64_t start = now_ms();
        size_t got = 0;
        peer_tell(&child, 1);
        while (got == 0) {
            check(ready_within(handle, SOON_MS));
            got = drain(reader);
        }
        check_int(1, (int64_t)got);
        slowest = now_ms() - start > slowest ? now_ms() - start : slowest;
    }
    print_message("slowest of 2000 wakes: %d ms\n", (int)slowest);
    peer_tell(&child, 0);
    child_join(&child);
    mailslot_close(reader);
}

static void s32_it_stays_ready_while_messages_wait(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    mailslot_handle handle = waitable_of(reader);
    check_falls_silent(reader, handle);
    for (int i = 0; i < 5; i++)
        check_ok(mailslot_put(writer, "x"));
    for (int i = 0; i < 5; i++) {
        check(ready_within(handle, SOON_MS));
        sleep_ms(30);
        check(ready_within(handle, SOON_MS));
        expect_text(reader, "x");
    }
    check_falls_silent(reader, handle);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s32_messages_that_waited_before_it_was_asked_for_make_it_ready(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "early"));
    mailslot_handle handle = waitable_of(reader);
    check(ready_within(handle, SOON_MS));
    expect_text(reader, "early");
    check_falls_silent(reader, handle);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s32_asked_for_twice_it_is_the_same(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot_handle handle = waitable_of(reader);
    int threads = thread_count();
    for (int i = 0; i < 3; i++)
        check(handle == waitable_of(reader));
    check_within(SOON_MS, thread_count() <= threads);
    mailslot_close(reader);
}

static void s32_it_is_made_only_when_asked_for_and_ends_with_the_slot(void **state) {
    (void)state;
    int threads = thread_count();
    int descriptors = slotdir_descriptors();
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "x"));
    check_within(SOON_MS, thread_count() <= threads);
    waitable_of(reader);
    check_within(SOON_MS, thread_count() == threads + 1);
    mailslot_close(writer);
    mailslot_close(reader);
    check_within(SOON_MS, thread_count() <= threads);
    check_int(descriptors, slotdir_descriptors());
}

static mailslot_err get_forever(mailslot *slot) {
    char buffer[16];
    size_t len = 0;
    return mailslot_get_bytes(slot, buffer, sizeof buffer, &len, MAILSLOT_FOREVER);
}

static void s32_a_get_that_waits_gets_its_message_beside_it(void **state) {
    (void)state;
    struct blocker blocker = {.slot = open_reader("trace"), .call = get_forever};
    mailslot *writer = open_writer("trace");
    mailslot_handle handle = waitable_of(blocker.slot);
    blocker_start(&blocker);
    check_ok(mailslot_put(writer, "x"));
    check_ok(blocker_join(&blocker));
    check_falls_silent(blocker.slot, handle);
    check_ok(mailslot_put(writer, "y"));
    check(ready_within(handle, SOON_MS));
    expect_text(blocker.slot, "y");
    mailslot_close(writer);
    mailslot_close(blocker.slot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s32_poll_wakes_for_a_message_and_rests_after_empty),
        slot_test(s32_no_wake_is_ever_missed),
        slot_test(s32_it_stays_ready_while_messages_wait),
        slot_test(s32_messages_that_waited_before_it_was_asked_for_make_it_ready),
        slot_test(s32_asked_for_twice_it_is_the_same),
        slot_test(s32_it_is_made_only_when_asked_for_and_ends_with_the_slot),
        slot_test(s32_a_get_that_waits_gets_its_message_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
