/* Deaths that leave somebody behind: forked children, helper threads, pollers, and whoever waits.
 */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "slots.h"
#include "view.h"

#include <poll.h>
#include <stdlib.h>

/* The promise is 100 ms; a busy machine may not run us at all for longer. */
enum { BOUND_MS = 8000 };

#define NAME "death"

/* ---- Readers that die while their children live ---- */

static pid_t fork_a_sleeper(void) {
    pid_t pid = fork();
    check(pid >= 0);
    if (pid == 0) {
        alarm(PEER_PATIENCE_S); /* should the test fail before it kills us */
        pause();
    }
    return pid;
}

static void read_fork_and_wait(struct peer *parent, void *ctx) {
    const bool *polls = ctx;
    mailslot_handle handle;
    char byte;
    size_t len;
    mailslot *reader = open_reader(NAME);
    if (*polls)
        check_ok(mailslot_waitable(reader, &handle));
    peer_tell(parent, fork_a_sleeper());
    check_ok(mailslot_get_bytes(reader, &byte, 1, &len, MAILSLOT_FOREVER));
}

/* Here and below the clock is read before the try that it may make the last. */
static bool is_soon_free(void) {
    int64_t killed = now_ms(), tried = killed;
    while (try_open(NAME, MAILSLOT_READ) != MAILSLOT_OK) {
        if (tried - killed > BOUND_MS)
            return false;
        sleep_ms(1);
        tried = now_ms();
    }
    print_message("%d ", (int)(now_ms() - killed));
    return true;
}

static void expect_free_although_the_child_lives(bool polls) {
    for (int round = 0; round < 20; round++) {
        struct peer parent = child_start(read_fork_and_wait, &polls);
        pid_t child = (pid_t)peer_hear(&parent);
        check_err(MAILSLOT_ERR_IN_USE, try_open(NAME, MAILSLOT_READ));
        child_kill(&parent);
        bool is_free = is_soon_free();
        check(kill(child, SIGKILL) == 0);
        check(is_free);
    }
    print_message("ms from the kill to the name being free\n");
}

static void s10_a_killed_readers_name_is_free_although_its_child_lives(void **state) {
    (void)state;
    expect_free_although_the_child_lives(false);
}

static void s10_a_killed_pollers_name_is_free_although_its_child_lives(void **state) {
    (void)state;
    expect_free_although_the_child_lives(true);
}

/* ---- A writer's byte ---- */

static void write_fork_and_wait(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *writer = open_writer(NAME);
    check_ok(mailslot_put(writer, "from the parent"));
    peer_tell(parent, fork_a_sleeper());
    pause();
}

/* The child lets go when it first runs, which a busy machine may put off. */
static bool becomes_dead(const struct view *view) {
    int64_t start = now_ms(), looked = start;
    while (!view_owner_is_dead(view, view_lock(view))) {
        if (looked - start > BOUND_MS)
            return false;
        looked = now_ms();
    }
    return true;
}

/* Were the child's copy to keep the byte, a lock its parent died with would be held for ever. */
static void s19_a_killed_writer_is_known_to_be_dead_although_its_child_lives(void **state) {
    (void)state;
    mailslot *reader = open_reader(NAME);
    mailslot *survivor = open_writer(NAME);
    struct view view;
    view_open(&view, NAME);
    struct peer parent = child_start(write_fork_and_wait, NULL);
    pid_t child = (pid_t)peer_hear(&parent);
    kill(parent.pid, SIGSTOP);
    view_orphan_lock(&view, 2);
    check(!view_owner_is_dead(&view, view_lock(&view)));
    child_kill(&parent);
    bool is_dead = becomes_dead(&view);
    int64_t start = now_ms();
    mailslot_err err = mailslot_put(survivor, "from the survivor");
    check(kill(child, SIGKILL) == 0);
    check(is_dead);
    check_ok(err);
    check(now_ms() - start < BOUND_MS);
    expect_text(reader, "from the parent");
    expect_text(reader, "from the survivor");
    view_close(&view);
    mailslot_close(survivor);
    mailslot_close(reader);
}

/* ---- Pollers ---- */

static void poll_until_killed(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *reader = open_reader(NAME);
    struct pollfd poller = {-1, POLLIN, 0};
    peer_tell(parent, 0);
    for (;;) {
        check_ok(mailslot_waitable(reader, &poller.fd));
        check(poll(&poller, 1, -1) == 1);
        drain(reader);
    }
}

static void put_until_gone(mailslot *writer) {
    int64_t until = now_ms() + BOUND_MS;
    mailslot_err err = MAILSLOT_OK;
    for (bool over = false; (err == MAILSLOT_OK || err == MAILSLOT_ERR_FULL) && !over;) {
        over = now_ms() >= until;
        err = mailslot_put(writer, "x");
    }
    check_err(MAILSLOT_ERR_GONE, err);
}

static void s19_a_poller_killed_at_any_instant_frees_its_name_and_tells_its_writers(void **state) {
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct peer poller = child_start(poll_until_killed, NULL);
        peer_hear(&poller);
        mailslot *writer = open_writer(NAME);
        for (int64_t until = now_ns() + round * 100000; now_ns() < until;)
            check_ok(mailslot_put(writer, "x"));
        child_kill(&poller);
        mailslot *successor = open_reader(NAME);
        expect_empty(successor);
        put_until_gone(writer);
        expect_empty(successor);
        mailslot_close(successor);
        mailslot_close(writer);
    }
}

/* ---- Writers that wait for room ---- */

static void open_tiny_and_linger(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *reader = open_small_reader(NAME, 4096, 0);
    peer_tell(parent, 0);
    pause();
    mailslot_close(reader);
}

static void put_into_full(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.put_timeout_ms = MAILSLOT_FOREVER;
    mailslot *writer = open_with(NAME, &options);
    peer_tell(parent, 0);
    check_err(MAILSLOT_ERR_GONE, mailslot_put_bytes(writer, (char[4000]){0}, 4000));
}

static void s18_writers_that_wait_for_room_learn_that_the_reader_was_killed(void **state) {
    (void)state;
    enum { WAITING = 4 };
    struct peer writers[WAITING];
    struct peer reader = child_start(open_tiny_and_linger, NULL);
    peer_hear(&reader);
    mailslot *filler = open_writer(NAME);
    check_ok(mailslot_put_bytes(filler, (char[4000]){0}, 4000));
    for (int i = 0; i < WAITING; i++) {
        writers[i] = child_start(put_into_full, NULL);
        peer_hear(&writers[i]);
    }
    sleep_ms(50);
    child_kill(&reader);
    int64_t killed = now_ms();
    for (int i = 0; i < WAITING; i++)
        child_join(&writers[i]);
    check(now_ms() - killed < BOUND_MS);
    mailslot_close(filler);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s10_a_killed_readers_name_is_free_although_its_child_lives),
        slot_test(s10_a_killed_pollers_name_is_free_although_its_child_lives),
        slot_test(s19_a_killed_writer_is_known_to_be_dead_although_its_child_lives),
        slot_test(s19_a_poller_killed_at_any_instant_frees_its_name_and_tells_its_writers),
        slot_test(s18_writers_that_wait_for_room_learn_that_the_reader_was_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
