/* A reader and mailslotd: how it registers, and what it gets. */
#include "readers.h"

#include <sys/resource.h>

/* ---- Registration ---- */

static void a_reader_is_registered_once_open_returned(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.access = MAILSLOT_ACCESS_GROUP;
    options.max_message = 100;
    mailslot *reader = open_with("Logs/Trace", &options);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    msi_relay_message message = fake_last(&fake, MSI_RELAY_REGISTER, NULL);
    check_int(MSI_RELAY_VERSION, message.version);
    check_text("logs\\trace", message.key);
    check_int(MAILSLOT_ACCESS_GROUP, message.access);
    check(!message.local_only);
    check_int(100, message.limit);
    mailslot_close(reader);
    fake_await_open(&fake, 0);
    check_int(1, fake.accepted);
    fake_kill(&fake);
}

static void the_limit_is_the_slots_and_no_more_than_crosses(void **state) {
    (void)state;
    static const struct {
        size_t capacity, max_message;
        uint32_t limit;
    } cases[] = {{0, 0, 65535}, {4096, 0, 4096 - 24}, {1 << 20, 100000, 65535}, {0, 1, 1}};
    struct fake_daemon fake;
    fake_start(&fake);
    for (int i = 0; i < 4; i++) {
        mailslot *reader = open_small_reader(NAME, cases[i].capacity, cases[i].max_message);
        fake_await(&fake, MSI_RELAY_REGISTER, i + 1);
        check_int(cases[i].limit, fake_last(&fake, MSI_RELAY_REGISTER, NULL).limit);
        mailslot_close(reader);
    }
    fake_kill(&fake);
}

static void s39_a_reader_that_lets_nobody_else_in_does_not_register(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    int threads = thread_count();
    mailslot *reader = open_for(MAILSLOT_ACCESS_USER, true);
    check_within(SOON_MS, thread_count() <= threads);
    mailslot_close(reader);
    check_int(0, fake.accepted);
    fake_kill(&fake);
}

static void s39_a_reader_may_let_users_in_and_keep_the_network_out(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    mailslot *reader = open_for(MAILSLOT_ACCESS_EVERYONE, true);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    msi_relay_message message = fake_last(&fake, MSI_RELAY_REGISTER, NULL);
    check(message.local_only);
    check_int(MAILSLOT_ACCESS_EVERYONE, message.access);
    mailslot_close(reader);
    fake_kill(&fake);
}

static void without_a_daemon_there_is_neither_thread_nor_connection(void **state) {
    (void)state;
    mailslot *keeps_out = open_for(MAILSLOT_ACCESS_USER, true);
    int descriptors = slotdir_entries("/proc/self/fd", NULL), threads = thread_count();
    mailslot_close(keeps_out);
    mailslot *reader = open_for(MAILSLOT_ACCESS_EVERYONE, false);
    check_within(SOON_MS, thread_count() <= threads);
    check_int(descriptors, slotdir_entries("/proc/self/fd", NULL));
    mailslot_close(reader);
}

/* ---- Deliveries ---- */

static void s38_what_mailslotd_brings_keeps_its_origin(void **state) {
    (void)state;
    struct fake_daemon fake;
    mailslot_record *record;
    fake_start(&fake);
    check_ok(mailslot_record_new(&record));
    mailslot *reader = open_reader(NAME);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    check(fake_deliver(&fake, NOBODY, "local", 5));
    check(fake_deliver_remote(&fake, "HOST", "192.0.2.7", "remote", 6));
    check_ok(mailslot_get(reader, record, SOON_MS));
    const mailslot_origin *origin = mailslot_record_origin(record);
    check(!origin->remote && origin->pid == 1234 && origin->uid == NOBODY);
    check_text(".", origin->computer);
    check_int(5, (int64_t)origin->arrival_ns);
    check_ok(mailslot_get(reader, record, SOON_MS));
    check(origin->remote && origin->pid == -1 && origin->uid == -1);
    check_text("HOST", origin->computer);
    check_text("192.0.2.7", origin->address);
    check_int(7, (int64_t)origin->arrival_ns);
    check_text("remote", mailslot_record_value(record));
    mailslot_record_free(record);
    mailslot_close(reader);
    fake_kill(&fake);
}

static void deliveries_of_any_size_are_messages_like_others(void **state) {
    (void)state;
    static char big[MSI_RELAY_DATA_MAX];
    struct fake_daemon fake;
    mailslot_record *record;
    fake_start(&fake);
    check_ok(mailslot_record_new(&record));
    mailslot *reader = open_reader(NAME);
    mailslot *writer = open_writer(NAME);
    memset(big, 'b', sizeof big);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    check(fake_deliver(&fake, NOBODY, "", 0));
    check(fake_deliver(&fake, NOBODY, big, sizeof big));
    check_within(SOON_MS, count_of(reader) == 2);
    check_ok(mailslot_put(writer, "own"));
    check_int(0, (int64_t)info_of(reader).next_size);
    check_int(3, (int64_t)info_of(reader).count);
    await_text(reader, "");
    check_ok(mailslot_get_nowait(reader, record));
    check_int(sizeof big, (int64_t)mailslot_record_bytes(record).len);
    check(memcmp(mailslot_record_bytes(record).data, big, sizeof big) == 0);
    await_text(reader, "own");
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
    fake_kill(&fake);
}

static void s23_a_delivery_ends_a_wait_and_makes_the_waitable_ready(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    mailslot *reader = open_reader(NAME);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    struct blocker blocker = {.slot = reader, .call = get_any};
    blocker_start(&blocker);
    deliver(&fake, "x");
    check_ok(blocker_join(&blocker));
    struct pollfd poller = {-1, POLLIN, 0};
    check_ok(mailslot_waitable(reader, &poller.fd));
    deliver(&fake, "y");
    check_int(1, poll(&poller, 1, SOON_MS));
    expect_text(reader, "y");
    mailslot_close(reader);
    fake_kill(&fake);
}

/* Nothing is lost, and nothing counted as refused: it waits on its way. */
static void a_full_slot_is_felt_by_the_daemon(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    mailslot *reader = open_small_reader(NAME, 4096, 0);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    uint64_t sent = 0, refusals = 0;
    while (refusals < 100) { /* until what takes from the socket stands still as well */
        bool taken = fake_deliver(&fake, NOBODY, &sent, sizeof sent);
        sent += taken;
        refusals = taken ? 0 : refusals + 1;
        sleep_ms(taken ? 0 : 1);
    }
    check(sent > 4096 / queue_bytes(sizeof sent));
    check_within(SOON_MS, count_of(reader) == 4096 / queue_bytes(sizeof sent));
    check_int(0, (int64_t)info_of(reader).refused);
    for (uint64_t i = 0; i < sent; i++)
        check_int((int64_t)i, (int64_t)get_number(reader));
    expect_empty(reader);
    check(fake_deliver(&fake, NOBODY, &sent, sizeof sent));
    check_int((int64_t)sent, (int64_t)get_number(reader));
    mailslot_close(reader);
    fake_kill(&fake);
}

static void deliveries_do_not_depend_on_the_environment_after_open(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    mailslot *reader = open_reader(NAME);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    char here[PATH_MAX];
    snprintf(here, sizeof here, "%s", slotdir_path());
    check(setenv("MAILSLOT_DIR", "/nowhere", 1) == 0);
    deliver(&fake, "found");
    await_text(reader, "found");
    check(setenv("MAILSLOT_DIR", here, 1) == 0);
    mailslot_close(reader);
    fake_kill(&fake);
}

static void a_delivery_needs_no_descriptors(void **state) {
    (void)state;
    struct fake_daemon fake;
    struct rlimit before, none;
    fake_start(&fake);
    mailslot *reader = open_reader(NAME);
    fake_await(&fake, MSI_RELAY_REGISTER, 1);
    check(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = before;
    none.rlim_cur = 0;
    check(setrlimit(RLIMIT_NOFILE, &none) == 0);
    deliver(&fake, "arrives");
    await_text(reader, "arrives");
    check(setrlimit(RLIMIT_NOFILE, &before) == 0);
    mailslot_close(reader);
    fake_kill(&fake);
}

/* The reader notices by itself, at one of its gets. */
static bool is_gone(mailslot *reader) {
    char buf[8];
    size_t len;
    return mailslot_get_bytes(reader, buf, sizeof buf, &len, 0) == MAILSLOT_ERR_GONE;
}

/* Deliveries could not reach a slot whose file was removed. */
static void a_slot_without_its_file_does_not_register(void **state) {
    (void)state;
    struct fake_daemon fake;
    char path[PATH_MAX];
    mailslot *reader = open_reader(NAME);
    slotdir_only_file(path);
    check(unlink(path) == 0);
    fake_start(&fake);
    check_within(LOOK_MS, is_gone(reader));
    fake_await_open(&fake, 0);
    check_int(0, fake.heard[MSI_RELAY_REGISTER]);
    mailslot_close(reader);
    fake_kill(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(a_reader_is_registered_once_open_returned),
        slot_test(the_limit_is_the_slots_and_no_more_than_crosses),
        slot_test(s39_a_reader_that_lets_nobody_else_in_does_not_register),
        slot_test(s39_a_reader_may_let_users_in_and_keep_the_network_out),
        slot_test(without_a_daemon_there_is_neither_thread_nor_connection),
        slot_test(s38_what_mailslotd_brings_keeps_its_origin),
        slot_test(deliveries_of_any_size_are_messages_like_others),
        slot_test(s23_a_delivery_ends_a_wait_and_makes_the_waitable_ready),
        slot_test(a_full_slot_is_felt_by_the_daemon),
        slot_test(deliveries_do_not_depend_on_the_environment_after_open),
        slot_test(a_delivery_needs_no_descriptors),
        slot_test(a_slot_without_its_file_does_not_register),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
