/* Handing broadcasts to mailslotd. */
#include "child.h"
#include "clock.h"
#include "fake_daemon.h"
#include "slotdir.h"

#include <mailslot/network.h>
#include <relay/broadcast.h>

enum { LOOK_MS = 3000 + SOON_MS };

static msi_broadcaster broadcaster = MSI_BROADCASTER_NONE;

static msi_broadcast_result result_of(const char *text) {
    return msi_broadcast(&broadcaster, (const unsigned char *)text, strlen(text));
}

static bool is_broadcast(const char *text) { return result_of(text) == MSI_BROADCAST_TOLD; }

/* ---- Broadcasting ---- */

static void without_a_daemon_nobody_takes_it(void **state) {
    (void)state;
    check_err(MAILSLOT_ERR_INVALID, mailslot_daemon_status_get(NULL));
    check(!is_broadcast("datagram"));
    check(!is_broadcast("datagram"));
    check_text("status is NULL", mailslot_detail()); /* what it is told is no failure */
}

static void the_daemon_takes_all_over_one_connection(void **state) {
    (void)state;
    struct fake_daemon fake;
    char text[64];
    fake_start(&fake);
    check_within(LOOK_MS, is_broadcast("first"));
    check_text("first", (fake_last(&fake, MSI_RELAY_BROADCAST, text), text));
    check(is_broadcast("second"));
    check_text("second", (fake_last(&fake, MSI_RELAY_BROADCAST, text), text));
    check_int(MSI_RELAY_VERSION, fake_last(&fake, MSI_RELAY_BROADCAST, NULL).version);
    check_int(1, fake.accepted);
    fake_kill(&fake);
    check(!is_broadcast("third"));
}

static void a_daemon_that_refuses_has_not_taken_it(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    check_within(LOOK_MS, is_broadcast("taken"));
    fake.err = MAILSLOT_ERR_NOT_FOUND;
    check_int(MSI_BROADCAST_NOT_HERE, result_of("to nobody here"));
    fake.err = MAILSLOT_OK;
    check(is_broadcast("taken"));
    check_int(1, fake.accepted);
    fake_kill(&fake);
    check_int(MSI_BROADCAST_NOT_HERE, result_of("after it"));
}

/* It lives, and will hear what is broadcast. */
static void a_daemon_without_an_answer_leaves_one_unsure(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    check_within(LOOK_MS, is_broadcast("taken"));
    fake.manner = FAKE_SILENCE;
    check_int(MSI_BROADCAST_UNSURE, result_of("unheard"));
    fake.manner = FAKE_ANSWER;
    check_within(LOOK_MS, is_broadcast("taken"));
    fake.err = MAILSLOT_ERR_FULL;
    check_int(MSI_BROADCAST_UNSURE, result_of("refused"));
    fake.err = MAILSLOT_OK;
    check_within(LOOK_MS, is_broadcast("taken"));
    fake_kill(&fake);
    check_int(MSI_BROADCAST_NOT_HERE, result_of("after it"));
}

static void who_is_interrupted_asks_no_more(void **state) {
    (void)state;
    struct fake_daemon fake;
    msi_broadcaster other = MSI_BROADCASTER_NONE;
    fake_start(&fake);
    check_within(LOOK_MS,
                 msi_broadcast(&other, (const unsigned char *)"x", 1) == MSI_BROADCAST_TOLD);
    int before = fake.accepted;
    msi_broadcaster_interrupt(&other);
    check(msi_broadcast(&other, (const unsigned char *)"x", 1) != MSI_BROADCAST_TOLD);
    check_int(before, fake.accepted);
    msi_broadcaster_release(&other);
    fake_await_open(&fake, 0);
    fake_kill(&fake);
}

static void the_next_daemon_is_found(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct fake_daemon fake;
        fake_start(&fake);
        check_within(LOOK_MS, is_broadcast("datagram"));
        check_int(1, fake.heard[MSI_RELAY_BROADCAST]);
        fake_kill(&fake);
    }
    check(!is_broadcast("after it"));
}

/* It holds nobody up for long, is not asked all the time, and is found again when it behaves. */
static void a_daemon_of_bad_manners_takes_nothing(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    check_within(LOOK_MS, is_broadcast("well"));
    for (enum fake_manner manner = FAKE_SILENCE; manner < FAKE_MANNERS; manner++) {
        int64_t since = now_ms();
        int before = fake.accepted;
        fake.manner = manner;
        for (int i = 0; i < 100; i++)
            check(!is_broadcast("lost"));
        check(fake.accepted - before <= (now_ms() - since) / 1000 + 2);
        fake.manner = FAKE_ANSWER;
        check_within(LOOK_MS, is_broadcast("well again"));
    }
    fake_kill(&fake);
    check(!is_broadcast("after it"));
}

static void broadcast_in_child(struct peer *parent, void *ctx) {
    struct fake_daemon *fake = ctx;
    peer_hear(parent);
    msi_broadcaster_release(&broadcaster);
    check(is_broadcast("the child's"));
    peer_tell(parent, fake != NULL);
    peer_hear(parent);
}

static void a_forked_child_makes_its_own_connection(void **state) {
    (void)state;
    struct fake_daemon fake;
    char text[64];
    fake_start(&fake);
    check_within(LOOK_MS, is_broadcast("the parent's"));
    struct peer child = child_start(broadcast_in_child, &fake);
    check_int(1, fake.accepted);
    peer_tell(&child, 0);
    peer_hear(&child);
    check_int(2, fake.accepted);
    check_text("the child's", (fake_last(&fake, MSI_RELAY_BROADCAST, text), text));
    check(is_broadcast("the parent's"));
    peer_tell(&child, 0);
    child_join(&child);
    fake_await_open(&fake, 1);
    fake_kill(&fake);
    check(!is_broadcast("after it"));
}

enum { THREADS = 4, SPREADS = 200 };

static void *broadcast_many(void *ctx) {
    for (int i = 0; i < SPREADS; i++)
        check(is_broadcast(ctx));
    return NULL;
}

static void several_threads_may_broadcast(void **state) {
    (void)state;
    struct fake_daemon fake;
    pthread_t threads[THREADS];
    fake_start(&fake);
    check_within(LOOK_MS, is_broadcast("first"));
    for (int i = 0; i < THREADS; i++)
        check(pthread_create(&threads[i], NULL, broadcast_many, "datagram") == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    check_int(1 + THREADS * SPREADS, fake.heard[MSI_RELAY_BROADCAST]);
    fake_kill(&fake);
    check(!is_broadcast("after it"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(without_a_daemon_nobody_takes_it),
        slot_test(the_daemon_takes_all_over_one_connection),
        slot_test(a_daemon_that_refuses_has_not_taken_it),
        slot_test(a_daemon_without_an_answer_leaves_one_unsure),
        slot_test(who_is_interrupted_asks_no_more),
        slot_test(the_next_daemon_is_found),
        slot_test(a_daemon_of_bad_manners_takes_nothing),
        slot_test(a_forked_child_makes_its_own_connection),
        slot_test(several_threads_may_broadcast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
