/* The transport to another user's slot, by way of mailslotd. */
#include "child.h"
#include "clock.h"
#include "fake_daemon.h"
#include "slotdir.h"
#include "thread.h"

#include <platform.h>
#include <relay/writer.h>
#include <sys/socket.h>

static const msi_transport *const relay = &msi_relay_transport;

static mailslot_err attach(msi_endpoint **writer, size_t *limit) {
    const msi_name name = {.path = "Trace", .key = "trace"};
    msi_fork_lock();
    mailslot_err err = relay->open_writer(writer, &name, NULL, limit);
    msi_fork_unlock();
    return err;
}

static mailslot_err try_attach(void) {
    msi_endpoint *writer;
    size_t limit;
    mailslot_err err = attach(&writer, &limit);
    if (!err)
        relay->close(writer);
    return err;
}

static msi_endpoint *attach_well(void) {
    msi_endpoint *writer = NULL;
    size_t limit = 0;
    check_ok(attach(&writer, &limit));
    return writer;
}

static mailslot_err put_text(msi_endpoint *writer, const char *text, int timeout_ms) {
    return relay->put(writer, text, strlen(text), timeout_ms);
}

/* ---- Attaching ---- */

static void it_serves_local_names_for_writers_alone(void **state) {
    (void)state;
    check(relay->serves(&(msi_name){.scope = MSI_SCOPE_LOCAL}));
    check(!relay->serves(&(msi_name){.scope = MSI_SCOPE_COMPUTER}));
    check(!relay->serves(&(msi_name){.scope = MSI_SCOPE_DOMAIN}));
    check(!relay->open_reader && !relay->stat && !relay->list);
}

static void s3a_without_mailslotd_there_is_no_such_slot(void **state) {
    (void)state;
    struct fake_daemon fake;
    check_err(MAILSLOT_ERR_NOT_FOUND, try_attach());
    fake_start(&fake);
    fake_kill(&fake); /* its socket's file is still there */
    check_err(MAILSLOT_ERR_NOT_FOUND, try_attach());
}

static void s3a_a_writer_asks_for_the_slot_by_its_key(void **state) {
    (void)state;
    struct fake_daemon fake;
    char text[64];
    fake_start(&fake);
    msi_endpoint *writer = attach_well();
    msi_relay_message message = fake_last(&fake, MSI_RELAY_OPEN, NULL);
    check_int(MSI_RELAY_VERSION, message.version);
    check_text("trace", message.key);
    check_ok(put_text(writer, "hello", 0));
    check_int(5, (int64_t)fake_last(&fake, MSI_RELAY_PUT, text).data_len);
    check_text("hello", text);
    check_ok(put_text(writer, "", 0));
    check_int(0, (int64_t)fake_last(&fake, MSI_RELAY_PUT, NULL).data_len);
    relay->close(writer);
    fake_await_open(&fake, 0);
    check_int(1, fake.accepted);
    fake_kill(&fake);
}

static void the_limit_is_the_readers_and_no_more_than_crosses(void **state) {
    (void)state;
    static const uint32_t limits[] = {1, 65535, 65536, UINT32_MAX};
    struct fake_daemon fake;
    fake_start(&fake);
    for (int i = 0; i < 4; i++) {
        msi_endpoint *writer;
        size_t limit;
        fake.limit = limits[i];
        check_ok(attach(&writer, &limit));
        check_int(limits[i] < 65535 ? limits[i] : 65535, (int64_t)limit);
        relay->close(writer);
    }
    fake_kill(&fake);
}

static void the_largest_message_crosses(void **state) {
    (void)state;
    static const char data[MSI_RELAY_DATA_MAX];
    struct fake_daemon fake;
    fake_start(&fake);
    msi_endpoint *writer = attach_well();
    check_ok(relay->put(writer, data, sizeof data, 0));
    check_int(sizeof data, (int64_t)fake_last(&fake, MSI_RELAY_PUT, NULL).data_len);
    relay->close(writer);
    fake_kill(&fake);
}

static void s10_a_refusal_keeps_its_reason_and_its_words(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    fake.words = "the mailslot belongs to user 4711\033[31m\n";
    fake.err = MAILSLOT_ERR_DENIED;
    check_err(MAILSLOT_ERR_DENIED, try_attach());
    check_text("the mailslot belongs to user 4711?[31m?", mailslot_detail());
    fake.err = MAILSLOT_ERR_NOT_FOUND;
    check_err(MAILSLOT_ERR_NOT_FOUND, try_attach());
    fake.err = MAILSLOT_ERR_UNSUPPORTED;
    check_err(MAILSLOT_ERR_OS, try_attach());
    check_detail("4711");
    fake.words = NULL;
    fake.err = MAILSLOT_ERR_DENIED;
    check_err(MAILSLOT_ERR_DENIED, try_attach());
    check_text("the mailslot belongs to another user", mailslot_detail());
    fake_await_open(&fake, 0);
    fake_kill(&fake);
}

static void a_daemon_of_bad_manners_is_an_error(void **state) {
    (void)state;
    for (enum fake_manner manner = FAKE_SILENCE; manner < FAKE_MANNERS; manner++) {
        struct fake_daemon fake;
        fake_start(&fake);
        fake.manner = manner;
        mailslot_err err = try_attach();
        bool no_more = manner == FAKE_HANG_UP || manner == FAKE_EMPTY; /* an end, and like one */
        check_err(no_more ? MAILSLOT_ERR_NOT_FOUND : MAILSLOT_ERR_OS, err);
        check(strstr(mailslot_detail(), "mailslotd"));
        fake_kill(&fake);
    }
}

/* ---- Putting ---- */

/* Puts for 100 ms into what stays full; returns how often that was tried. */
static int put_in_vain(struct fake_daemon *fake, msi_endpoint *writer) {
    int before = fake->heard[MSI_RELAY_PUT];
    int64_t since = now_ms();
    check_err(MAILSLOT_ERR_FULL, put_text(writer, "x", 100));
    check(now_ms() - since >= 99);
    int tries = fake->heard[MSI_RELAY_PUT] - before;
    check(tries < 20);
    return tries;
}

/* A busy machine may have time for only one try. */
static void s15_a_full_slot_is_full_at_once_or_when_the_time_is_over(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    msi_endpoint *writer = attach_well();
    fake.err = MAILSLOT_ERR_FULL;
    check_err(MAILSLOT_ERR_FULL, put_text(writer, "x", MAILSLOT_NO_WAIT));
    check_int(1, fake.heard[MSI_RELAY_PUT]);
    check_within(SOON_MS, put_in_vain(&fake, writer) > 1);
    relay->close(writer);
    fake_kill(&fake);
}

static void s15_a_put_waits_for_room(void **state) {
    (void)state;
    static const int timeouts[] = {60000, MAILSLOT_FOREVER};
    struct fake_daemon fake;
    fake_start(&fake);
    msi_endpoint *writer = attach_well();
    for (int i = 0; i < 2; i++) {
        fake.err = MAILSLOT_ERR_FULL;
        fake.err_times = 5;
        check_ok(put_text(writer, "x", timeouts[i]));
        check_int(6 * (i + 1), fake.heard[MSI_RELAY_PUT]);
    }
    relay->close(writer);
    fake_kill(&fake);
}

static void s18_a_slot_that_is_gone_stays_gone(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    msi_endpoint *writer = attach_well();
    fake.err = MAILSLOT_ERR_GONE;
    check_err(MAILSLOT_ERR_GONE, put_text(writer, "x", MAILSLOT_FOREVER));
    fake.err = MAILSLOT_OK;
    check_err(MAILSLOT_ERR_GONE, put_text(writer, "x", MAILSLOT_FOREVER));
    check_int(1, fake.heard[MSI_RELAY_PUT]);
    relay->close(writer);
    fake_kill(&fake);
}

static void s18_a_writer_does_not_survive_its_daemon(void **state) {
    (void)state;
    struct fake_daemon first, second;
    fake_start(&first);
    msi_endpoint *writer = attach_well();
    check_ok(put_text(writer, "x", 0));
    fake_kill(&first);
    fake_start(&second);
    for (int i = 0; i < 2; i++)
        check_err(MAILSLOT_ERR_GONE, put_text(writer, "x", MAILSLOT_FOREVER));
    check_int(0, second.accepted);
    check_ok(try_attach());
    relay->close(writer);
    fake_kill(&second);
}

static void any_other_error_is_the_systems_with_its_words(void **state) {
    (void)state;
    static const mailslot_err errs[] = {MAILSLOT_ERR_DENIED, MAILSLOT_ERR_CLOSED,
                                        MAILSLOT_ERR_EMPTY, MAILSLOT_ERR_TOO_BIG};
    struct fake_daemon fake;
    fake_start(&fake);
    msi_endpoint *writer = attach_well();
    fake.words = "because";
    for (int i = 0; i < 4; i++) {
        fake.err = errs[i];
        check_err(MAILSLOT_ERR_OS, put_text(writer, "x", MAILSLOT_FOREVER));
        check_text("because", mailslot_detail());
    }
    fake.err = MAILSLOT_OK;
    check_ok(put_text(writer, "x", 0));
    relay->close(writer);
    fake_kill(&fake);
}

/* Once an answer failed to come, the next could be to anything. */
static void bad_manners_end_the_attachment(void **state) {
    (void)state;
    for (enum fake_manner manner = FAKE_SILENCE; manner < FAKE_MANNERS; manner++) {
        struct fake_daemon fake;
        fake_start(&fake);
        msi_endpoint *writer = attach_well();
        fake.manner = manner;
        mailslot_err err = put_text(writer, "x", MAILSLOT_FOREVER);
        check(err == MAILSLOT_ERR_OS || err == MAILSLOT_ERR_GONE);
        check(strstr(mailslot_detail(), "mailslotd"));
        check_err(MAILSLOT_ERR_GONE, put_text(writer, "x", MAILSLOT_FOREVER));
        fake_await_open(&fake, 0);
        relay->close(writer);
        fake_kill(&fake);
    }
}

/* ---- Threads and processes ---- */

struct putter {
    msi_endpoint *writer;
    pthread_t thread;
    atomic_int started;
    mailslot_err err;
};

static void *put_for_ever(void *ctx) {
    struct putter *putter = ctx;
    putter->started = 1;
    putter->err = put_text(putter->writer, "x", MAILSLOT_FOREVER);
    return NULL;
}

/* Several, of which one is asking and the others wait for it. */
static void check_interruptible(struct fake_daemon *fake) {
    struct putter putters[3] = {{.writer = attach_well()}};
    fake->err = MAILSLOT_ERR_FULL;
    for (int i = 0; i < 3; i++) {
        putters[i].writer = putters[0].writer;
        check(pthread_create(&putters[i].thread, NULL, put_for_ever, &putters[i]) == 0);
        check_within(SOON_MS, putters[i].started);
    }
    fake_await(fake, MSI_RELAY_PUT, 1);
    sleep_ms(20);
    int64_t since = now_ms();
    relay->interrupt(putters[0].writer);
    for (int i = 0; i < 3; i++) {
        pthread_join(putters[i].thread, NULL);
        check_err(MAILSLOT_ERR_CLOSED, putters[i].err);
    }
    check(now_ms() - since < PROMPT_MS);
    check_err(MAILSLOT_ERR_CLOSED, put_text(putters[0].writer, "x", MAILSLOT_FOREVER));
    relay->close(putters[0].writer);
}

static void s28_a_put_that_waits_for_room_is_interruptible(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    check_interruptible(&fake);
    fake_kill(&fake);
}

static mailslot_err put_in_thread(mailslot *slot) {
    return put_text((msi_endpoint *)slot, "x", MAILSLOT_FOREVER);
}

static void s28_a_put_that_waits_for_an_answer_is_interruptible(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    msi_endpoint *writer = attach_well();
    fake.manner = FAKE_SILENCE;
    struct blocker blocker = {.slot = (mailslot *)writer, .call = put_in_thread};
    blocker_begin(&blocker);
    fake_await(&fake, MSI_RELAY_PUT, 1);
    relay->interrupt(writer);
    check_err(MAILSLOT_ERR_CLOSED, blocker_join(&blocker));
    relay->close(writer);
    fake_kill(&fake);
}

enum { THREADS = 4, PUTS = 500 };

static void *put_many(void *writer) {
    for (int i = 0; i < PUTS; i++)
        check_ok(put_text(writer, "x", 0));
    return NULL;
}

static void s20_several_threads_may_put(void **state) {
    (void)state;
    struct fake_daemon fake;
    pthread_t threads[THREADS];
    fake_start(&fake);
    msi_endpoint *writer = attach_well();
    for (int i = 0; i < THREADS; i++)
        check(pthread_create(&threads[i], NULL, put_many, writer) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    check_int(THREADS * PUTS, fake.heard[MSI_RELAY_PUT]);
    relay->close(writer);
    fake_kill(&fake);
}

static void let_go(struct peer *parent, void *ctx) {
    (void)parent;
    relay->release(ctx);
    relay->abandon(ctx);
}

static void s10_a_forked_child_lets_go_and_the_parent_goes_on(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    msi_endpoint *writer = attach_well();
    struct peer child = child_start(let_go, writer);
    child_join(&child);
    check_ok(put_text(writer, "x", 0));
    relay->close(writer);
    fake_await_open(&fake, 0);
    fake_kill(&fake);
}

static mailslot_err attach_in_vain(mailslot *unused) {
    (void)unused;
    return try_attach();
}

static void hold_nothing(struct peer *parent, void *ctx) {
    (void)ctx;
    peer_hear(parent);
}

/* It hinders nobody else, not even a fork, and the child does not keep its connection. */
static void s10_a_fork_need_not_wait_for_who_attaches(void **state) {
    (void)state;
    struct fake_daemon fake;
    struct blocker opener = {.call = attach_in_vain};
    fake_start(&fake);
    fake.manner = FAKE_SILENCE;
    blocker_start(&opener);
    fake_await_open(&fake, 1);
    struct peer child = child_start(hold_nothing, NULL);
    check_err(MAILSLOT_ERR_OS, blocker_join(&opener));
    fake_await_open(&fake, 0);
    peer_tell(&child, 0);
    child_join(&child);
    fake_kill(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(it_serves_local_names_for_writers_alone),
        slot_test(s3a_without_mailslotd_there_is_no_such_slot),
        slot_test(s3a_a_writer_asks_for_the_slot_by_its_key),
        slot_test(the_limit_is_the_readers_and_no_more_than_crosses),
        slot_test(the_largest_message_crosses),
        slot_test(s10_a_refusal_keeps_its_reason_and_its_words),
        slot_test(a_daemon_of_bad_manners_is_an_error),
        slot_test(s15_a_full_slot_is_full_at_once_or_when_the_time_is_over),
        slot_test(s15_a_put_waits_for_room),
        slot_test(s18_a_slot_that_is_gone_stays_gone),
        slot_test(s18_a_writer_does_not_survive_its_daemon),
        slot_test(any_other_error_is_the_systems_with_its_words),
        slot_test(bad_manners_end_the_attachment),
        slot_test(s28_a_put_that_waits_for_room_is_interruptible),
        slot_test(s28_a_put_that_waits_for_an_answer_is_interruptible),
        slot_test(s20_several_threads_may_put),
        slot_test(s10_a_forked_child_lets_go_and_the_parent_goes_on),
        slot_test(s10_a_fork_need_not_wait_for_who_attaches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
