/* A reader with a connection to mailslotd that closes, forks or is killed. */
#include "readers.h"

/* ---- Closing and forking ---- */

static void s28_closing_ends_a_delivery_that_waits_for_room(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    int threads = thread_count(), descriptors = slotdir_entries("/proc/self/fd", NULL);
    mailslot *reader = open_small_reader(NAME, 4096, 0);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    while (count_of(reader) < 4096 / queue_bytes(8))
        fake_deliver(&fake, NOBODY, "8 bytes", 8);
    sleep_ms(20);
    int64_t since = now_ms();
    mailslot_close(reader);
    check(now_ms() - since < PROMPT_MS);
    fake_await_open(&fake, 0);
    check_within(SOON_MS, thread_count() <= threads);
    check_int(descriptors, slotdir_entries("/proc/self/fd", NULL));
    check_int(0, slotdir_files());
    fake_kill(&fake);
}

static void s8_the_name_is_free_at_once_and_its_next_reader_starts_empty(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    for (int i = 1; i <= 50; i++) {
        mailslot *reader = open_reader(NAME);
        fake_await(&fake, MSI_RELAY_REGISTER, i);
        expect_empty(reader);
        for (int k = 0; k < 20; k++)
            fake_deliver(&fake, NOBODY, "late", 4);
        mailslot_close(reader);
        fake_await_open(&fake, 0);
    }
    fake_kill(&fake);
}

static void close_copy(struct peer *parent, void *ctx) {
    (void)parent;
    mailslot *copy = ctx;
    size_t len;
    check_err(MAILSLOT_ERR_CLOSED, mailslot_get_bytes(copy, NULL, 0, &len, MAILSLOT_NO_WAIT));
    mailslot_close(copy);
    check_err(MAILSLOT_ERR_IN_USE, try_open(NAME, MAILSLOT_READ));
}

static void s10_a_forked_child_does_not_disturb_the_connection(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    mailslot *reader = open_reader(NAME);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    for (int i = 0; i < 2; i++) { /* before the first delivery, and after */
        struct peer child = child_start(close_copy, reader);
        child_join(&child);
        check_int(1, fake.open);
        deliver(&fake, "x");
        await_text(reader, "x");
    }
    mailslot_close(reader);
    fake_await_open(&fake, 0);
    fake_kill(&fake);
}

/* Reads, and has a child that outlives it until the test closes its end of the pipe. */
static void read_and_fork(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *reader = open_reader(NAME);
    await_text(reader, "x");
    if (fork() == 0) {
        char byte;
        peer_tell(parent, reader != NULL);
        while (read(parent->in, &byte, 1) > 0) {
        }
        _exit(0);
    }
    pause();
}

static void s10_the_daemon_learns_of_a_killed_reader_although_its_child_lives(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    struct peer child = child_start(read_and_fork, NULL);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    deliver(&fake, "x");
    peer_hear(&child);
    check_int(1, fake.open);
    kill(child.pid, SIGKILL);
    fake_await_open(&fake, 0);
    child_reap(&child);
    fake_kill(&fake);
}

static void read_as_nobody(struct peer *parent, void *ctx) {
    struct fake_daemon *fake = ctx;
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        close(fd);
    mailslot *reader = open_for(MAILSLOT_ACCESS_EVERYONE, false);
    peer_tell(parent, fake != NULL);
    await_text(reader, "x");
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        check(fcntl(fd, F_GETFD) == -1);
    mailslot_close(reader);
}

/* Of another user, and without standard descriptors, in whose place nothing of ours may come. */
static void a_reader_of_another_user_registers_as_well(void **state) {
    (void)state;
    if (geteuid() != 0 || chmod(slotdir_path(), 01777) != 0)
        skip_loudly("acting as another user needs root");
    struct fake_daemon fake;
    char path[MSI_RELAY_PATH_SIZE];
    fake_start(&fake);
    check(msi_relay_path(path) && chmod(path, 0666) == 0);
    struct peer nobody = child_start_as(NOBODY, read_as_nobody, &fake);
    peer_hear(&nobody);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    deliver(&fake, "x");
    child_join(&nobody);
    fake_kill(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s28_closing_ends_a_delivery_that_waits_for_room),
        slot_test(s8_the_name_is_free_at_once_and_its_next_reader_starts_empty),
        slot_test(s10_a_forked_child_does_not_disturb_the_connection),
        slot_test(s10_the_daemon_learns_of_a_killed_reader_although_its_child_lives),
        slot_test(a_reader_of_another_user_registers_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
