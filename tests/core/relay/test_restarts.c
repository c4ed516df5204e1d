/* A reader and mailslotds that come, go, or are no help. */
#include "readers.h"

#include <sys/socket.h>

/* ---- Daemons that come and go ---- */

static void a_blocked_get_finds_a_daemon_that_starts_later(void **state) {
    (void)state;
    struct fake_daemon fake;
    mailslot *reader = open_reader(NAME);
    struct blocker blocker = {.slot = reader, .call = get_any};
    blocker_start(&blocker);
    fake_start(&fake);
    check_within(LOOK_MS, fake.answered[MSI_RELAY_REGISTER] == 1);
    deliver(&fake, "x");
    check_ok(blocker_join(&blocker));
    mailslot_close(reader);
    fake_kill(&fake);
}

static void a_blocked_get_survives_the_daemon_and_finds_the_next(void **state) {
    (void)state;
    struct fake_daemon first, second;
    fake_start(&first);
    mailslot *reader = open_reader(NAME);
    mailslot *writer = open_writer(NAME);
    fake_await(&first, MSI_RELAY_REGISTER, 1);
    struct blocker blocker = {.slot = reader, .call = get_any};
    blocker_start(&blocker);
    fake_kill(&first);
    fake_start(&second);
    check_within(LOOK_MS, second.answered[MSI_RELAY_REGISTER] == 1);
    check(!blocker.done);
    deliver(&second, "x");
    check_ok(blocker_join(&blocker));
    check_ok(mailslot_put(writer, "own"));
    expect_text(reader, "own");
    mailslot_close(writer);
    mailslot_close(reader);
    fake_kill(&second);
}

static bool poll_once(mailslot *reader, struct fake_daemon *fake) {
    expect_empty(reader);
    return fake->answered[MSI_RELAY_REGISTER] == 1;
}

static bool put_and_get_once(mailslot *reader, mailslot *writer, struct fake_daemon *fake) {
    for (uint64_t i = 0; i < 5000; i++) {
        put_number(writer, i);
        if (i) /* so that it always finds one */
            check_int((int64_t)i - 1, (int64_t)get_number(reader));
    }
    check_int(4999, (int64_t)get_number(reader));
    return fake->answered[MSI_RELAY_REGISTER] == 1;
}

static void gets_that_do_not_wait_find_a_daemon_that_starts_later(void **state) {
    (void)state;
    struct fake_daemon fake;
    mailslot *reader = open_reader(NAME);
    fake_start(&fake);
    check_within(LOOK_MS, poll_once(reader, &fake));
    mailslot_close(reader);
    fake_kill(&fake);
}

static void gets_that_always_find_something_find_a_daemon_too(void **state) {
    (void)state;
    struct fake_daemon fake;
    mailslot *reader = open_reader(NAME);
    mailslot *writer = open_writer(NAME);
    fake_start(&fake);
    check_within(LOOK_MS, put_and_get_once(reader, writer, &fake));
    mailslot_close(writer);
    mailslot_close(reader);
    fake_kill(&fake);
}

static void a_reader_that_is_only_polled_finds_a_daemon_too(void **state) {
    (void)state;
    struct fake_daemon fake;
    mailslot *reader = open_reader(NAME);
    struct pollfd poller = {-1, POLLIN, 0};
    check_ok(mailslot_waitable(reader, &poller.fd));
    fake_start(&fake);
    check_within(LOOK_MS, fake.answered[MSI_RELAY_REGISTER] == 1);
    deliver(&fake, "x");
    check_int(1, poll(&poller, 1, SOON_MS));
    expect_text(reader, "x");
    mailslot_close(reader);
    fake_kill(&fake);
}

static void what_the_daemon_sent_before_it_died_arrives(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    mailslot *reader = open_reader(NAME);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    for (uint64_t i = 0; i < 50; i++)
        check(fake_deliver(&fake, NOBODY, &i, sizeof i));
    fake_kill(&fake);
    for (uint64_t i = 0; i < 50; i++)
        check_int((int64_t)i, (int64_t)get_number(reader));
    mailslot_close(reader);
}

/* ---- Daemons that are no help ---- */

/* Gets now and then, for a while; the local way works all the time. */
static void use_locally(mailslot *reader, int ms) {
    mailslot *writer = open_writer(NAME);
    for (int64_t until = now_ms() + ms; now_ms() < until; sleep_ms(5)) {
        check_ok(mailslot_put(writer, "own"));
        expect_text(reader, "own");
        expect_empty(reader);
    }
    mailslot_close(writer);
}

static void s3a_a_daemon_that_refuses_is_asked_once_a_second_at_most(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    fake.err = MAILSLOT_ERR_UNSUPPORTED;
    int64_t since = now_ms();
    mailslot *reader = open_reader(NAME);
    use_locally(reader, 1500);
    check_within(LOOK_MS, (use_locally(reader, 5), fake.accepted >= 2));
    check(fake.accepted <= 1 + (now_ms() - since) / 1000 + 1);
    mailslot_close(reader);
    fake_kill(&fake);
}

static void a_daemon_of_bad_manners_is_left_and_does_no_harm(void **state) {
    (void)state;
    for (enum fake_manner manner = FAKE_SILENCE; manner < FAKE_MANNERS; manner++) {
        struct fake_daemon fake;
        fake_start(&fake);
        fake.manner = manner;
        int64_t since = now_ms();
        mailslot *reader = open_reader(NAME);
        check(now_ms() - since < PROMPT_MS);
        use_locally(reader, 30);
        if (manner != FAKE_SILENCE)
            fake_await_open(&fake, 0);
        check(fake.accepted <= 1 + (now_ms() - since) / 1000 + 1);
        mailslot_close(reader);
        fake_await_open(&fake, 0);
        fake_kill(&fake);
    }
}

static void a_daemon_that_does_not_even_accept_holds_nobody_up(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    int64_t since = now_ms();
    check(listen(fake.listener, 0) == 0);
    check(write(fake.ends[1], "", 1) == 1); /* the thread is over, the listener stays */
    pthread_join(fake.thread, NULL);
    check(pipe(fake.ends) == 0);
    mailslot *readers[4];
    for (int i = 0; i < 4; i++) { /* the first waits to be accepted, the others cannot even */
        char name[8];
        snprintf(name, sizeof name, "%d", i);
        readers[i] = open_reader(name);
        expect_empty(readers[i]);
    }
    for (int i = 0; i < 4; i++)
        mailslot_close(readers[i]);
    check(now_ms() - since < PROMPT_MS);
    close(fake.listener);
}

static uint64_t next_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* A message for the reader in which some bytes were overwritten, or which was cut or lengthened. */
static size_t damage_delivery(unsigned char *packet, uint64_t *random) {
    const msi_relay_message message = {
        .type = MSI_RELAY_DELIVER,
        .envelope = {.remote = *random % 2, .computer = "HOST", .address = "192.0.2.7"}};
    size_t len = msi_relay_encode_head(&message, packet);
    memset(packet + len, 'd', 10);
    len = next_random(random) % 4 ? len + 10 : next_random(random) % 60;
    for (uint64_t i = next_random(random) % 4; i > 0; i--)
        packet[next_random(random) % 40] = (unsigned char)next_random(random);
    return len;
}

/* They reach the queue sound or not at all: the slot is never damaged. */
static void damaged_deliveries_do_no_harm(void **state) {
    (void)state;
    unsigned char packet[MSI_RELAY_HEAD_MAX] = {0};
    uint64_t random = 4;
    mailslot_record *record;
    struct fake_daemon fake;
    check_ok(mailslot_record_new(&record));
    fake_start(&fake);
    for (int round = 1; round <= 50; round++) {
        mailslot *reader = open_reader(NAME);
        fake_await(&fake, MSI_RELAY_REGISTER, round);
        for (int i = 0; i < 100 && fake.reader >= 0; i++)
            fake_send(&fake, packet, damage_delivery(packet, &random));
        mailslot_err err = MAILSLOT_OK;
        while (err == MAILSLOT_OK)
            err = mailslot_get(reader, record, 1);
        check_err(MAILSLOT_ERR_EMPTY, err);
        mailslot_close(reader);
        fake_await_open(&fake, 0);
    }
    fake_kill(&fake);
    mailslot_record_free(record);
}

static void a_message_over_the_readers_maximum_ends_the_connection(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    mailslot *reader = open_small_reader(NAME, 0, 5);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    deliver(&fake, "fiver");
    await_text(reader, "fiver");
    deliver(&fake, "sixers");
    fake_await_open(&fake, 0);
    expect_empty(reader);
    mailslot_close(reader);
    fake_kill(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(a_blocked_get_finds_a_daemon_that_starts_later),
        slot_test(a_blocked_get_survives_the_daemon_and_finds_the_next),
        slot_test(gets_that_do_not_wait_find_a_daemon_that_starts_later),
        slot_test(gets_that_always_find_something_find_a_daemon_too),
        slot_test(a_reader_that_is_only_polled_finds_a_daemon_too),
        slot_test(what_the_daemon_sent_before_it_died_arrives),
        slot_test(s3a_a_daemon_that_refuses_is_asked_once_a_second_at_most),
        slot_test(a_daemon_of_bad_manners_is_left_and_does_no_harm),
        slot_test(a_daemon_that_does_not_even_accept_holds_nobody_up),
        slot_test(damaged_deliveries_do_no_harm),
        slot_test(a_message_over_the_readers_maximum_ends_the_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
