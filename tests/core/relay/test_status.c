/* mailslotd's status: as bytes, and as a library asks for it. */
#include "clock.h"
#include "fake_daemon.h"
#include "slotdir.h"

#include <stddef.h>
#include <stdlib.h>

static unsigned char bytes[MSI_STATUS_ENCODED_MAX];

static mailslot_daemon_status small_status(void) {
    mailslot_daemon_status status = MAILSLOT_DAEMON_STATUS_INIT;
    strcpy(status.version, "0.1.0");
    strcpy(status.computer, "HOST");
    strcpy(status.workgroup, "LAB");
    status.pid = 4711;
    status.name_port = 137;
    status.datagram_port = 138;
    status.interface_count = status.name_count = status.user_count = 1;
    status.interfaces[0] = (mailslot_daemon_interface){"eth0", "192.0.2.7", "192.0.2.255"};
    status.names[0] = (mailslot_daemon_name){"HOST<00>", MAILSLOT_DAEMON_NAME_HELD};
    status.users[0] = (mailslot_daemon_user){1000, 3, 2, 40960};
    status.malformed_count = 1;
    status.malformed[0] = (mailslot_daemon_malformed){"short", 5};
    status.counters.received = 1;
    status.counters.nmbd_connections = UINT64_MAX;
    status.gauges.names_held = 4;
    return status;
}

/* Every array full, every string as long as it may be, every number the largest. */
static mailslot_daemon_status largest_status(void) {
    mailslot_daemon_status status = MAILSLOT_DAEMON_STATUS_INIT;
    memset(status.version, 'v', sizeof status.version - 1);
    memset(status.computer, 'C', sizeof status.computer - 1);
    memset(status.workgroup, 'W', sizeof status.workgroup - 1);
    memset(status.scope, 's', sizeof status.scope - 1);
    memset(status.nmbd_socket, '/', sizeof status.nmbd_socket - 1);
    status.nmbd = MAILSLOT_DAEMON_NMBD_CONNECTED;
    status.pid = UINT32_MAX;
    status.interface_count = MAILSLOT_DAEMON_INTERFACES_MAX;
    for (size_t i = 0; i < status.interface_count; i++)
        status.interfaces[i] =
            (mailslot_daemon_interface){"fifteen-letters", "255.255.255.255", "255.255.255.255"};
    status.name_count = MAILSLOT_DAEMON_NAMES_MAX;
    for (size_t i = 0; i < status.name_count; i++) {
        memset(status.names[i].name, 'N', sizeof status.names[i].name - 1);
        status.names[i].state = MAILSLOT_DAEMON_NAME_RELEASED;
    }
    status.user_count = MAILSLOT_DAEMON_USERS_MAX;
    for (size_t i = 0; i < status.user_count; i++)
        status.users[i] = (mailslot_daemon_user){(uint32_t)i, UINT32_MAX, UINT32_MAX, UINT64_MAX};
    status.malformed_count = MAILSLOT_DAEMON_MALFORMED_MAX;
    for (size_t i = 0; i < status.malformed_count; i++)
        memset(status.malformed[i].kind, 'k', sizeof status.malformed[i].kind - 1);
    memset(&status.counters, 0xff, sizeof status.counters);
    memset(&status.gauges, 0xff, sizeof status.gauges);
    return status;
}

/* Member by member, since padding does not count; what is beyond a count does not either. */
static void check_same(const mailslot_daemon_status *a, const mailslot_daemon_status *b) {
    check_text(a->version, b->version);
    check_text(a->computer, b->computer);
    check_text(a->workgroup, b->workgroup);
    check_text(a->scope, b->scope);
    check_text(a->nmbd_socket, b->nmbd_socket);
    check(a->pid == b->pid && a->nmbd == b->nmbd);
    check(a->name_port == b->name_port && a->datagram_port == b->datagram_port);
    check(a->interface_count == b->interface_count && a->name_count == b->name_count);
    check(a->user_count == b->user_count && a->malformed_count == b->malformed_count);
    for (size_t i = 0; i < a->interface_count; i++) {
        check_text(a->interfaces[i].name, b->interfaces[i].name);
        check_text(a->interfaces[i].address, b->interfaces[i].address);
        check_text(a->interfaces[i].broadcast, b->interfaces[i].broadcast);
    }
    for (size_t i = 0; i < a->name_count; i++) {
        check_text(a->names[i].name, b->names[i].name);
        check_int(a->names[i].state, b->names[i].state);
    }
    for (size_t i = 0; i < a->user_count; i++) {
        check(a->users[i].uid == b->users[i].uid && a->users[i].readers == b->users[i].readers);
        check(a->users[i].connections == b->users[i].connections);
        check(a->users[i].queued == b->users[i].queued);
    }
    for (size_t i = 0; i < a->malformed_count; i++) {
        check_text(a->malformed[i].kind, b->malformed[i].kind);
        check(a->malformed[i].count == b->malformed[i].count);
    }
    check(!memcmp(&a->counters, &b->counters, sizeof a->counters));
    check(!memcmp(&a->gauges, &b->gauges, sizeof a->gauges));
}

/* ---- Bytes ---- */

static void check_round_trip(const mailslot_daemon_status *status) {
    mailslot_daemon_status decoded;
    size_t len = msi_status_encode(status, bytes);
    check(len <= sizeof bytes);
    check(msi_status_decode(&decoded, bytes, len));
    check_int(sizeof decoded, (int64_t)decoded.size);
    check_same(status, &decoded);
}

static void a_status_decodes_to_what_was_encoded(void **state) {
    (void)state;
    mailslot_daemon_status status = small_status();
    check_round_trip(&status);
    status = largest_status();
    check_round_trip(&status);
}

/* The fields end where the first ends, and so on; anywhere else is the middle of one. */
static bool is_field_end(size_t len, size_t end) {
    size_t at = 0;
    while (at < end && at < len)
        at += 3 + ((size_t)bytes[at + 1] << 8 | bytes[at + 2]);
    return at == len;
}

static void a_status_that_is_cut_off_is_refused(void **state) {
    (void)state;
    mailslot_daemon_status status = largest_status(), decoded;
    size_t end = msi_status_encode(&status, bytes);
    for (size_t len = 0; len < end; len++) {
        unsigned char *copy = malloc(len + 1); /* so that a sanitizer sees reads beyond it */
        memcpy(copy, bytes, len);
        bool sound = msi_status_decode(&decoded, copy, len);
        check(!sound || is_field_end(len, end));
        free(copy);
    }
}

static bool decodes_with(const unsigned char *field, size_t field_len,
                         mailslot_daemon_status *decoded) {
    mailslot_daemon_status status = small_status();
    size_t len = msi_status_encode(&status, bytes);
    memcpy(bytes + len, field, field_len);
    return msi_status_decode(decoded, bytes, len + field_len);
}

#define DECODES(...)                                                                               \
    decodes_with((const unsigned char[]){__VA_ARGS__},                                             \
                 sizeof((const unsigned char[]){__VA_ARGS__}), &decoded)

static void what_is_unknown_is_skipped(void **state) {
    (void)state;
    mailslot_daemon_status decoded, expected = small_status();
    check(DECODES(200, 0, 2, 'x', 'y'));
    check_same(&expected, &decoded);
    check(DECODES(200, 0, 0));
    check(DECODES(13, 0, 9, 255, 0, 0, 0, 0, 0, 0, 0, 1)); /* counter 255 */
    check_same(&expected, &decoded);
    check(DECODES(13, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 9)); /* counter 0, again: the later counts */
    check_int(9, (int64_t)decoded.counters.received);
}

static void what_is_known_must_be_sound(void **state) {
    (void)state;
    mailslot_daemon_status decoded;
    check(!DECODES(2, 0, 3, 1, 2, 3));                                         /* pid too short */
    check(!DECODES(2, 0, 5, 1, 2, 3, 4, 5));                                   /* and too long */
    check(!DECODES(4, 0, 3, 'A', 0, 'B'));                                     /* NUL */
    check(!DECODES(4, 0, 16, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)); /* no room for one */
    check(!DECODES(7, 0, 1, 3)); /* no such state of nmbd */
    check(!DECODES(7, 0, 0));
    check(!DECODES(8, 0, 2, 5, 'e'));     /* string beyond its field */
    check(!DECODES(8, 0, 4, 0, 0, 0, 0)); /* more than three strings */
    check(!DECODES(9, 0, 2, 4, 'N'));     /* no such state of a name */
    check(!DECODES(1, 0, 0));             /* no version */
    check(!DECODES(2, 0, 4, 0, 0, 0, 0)); /* no process */
    check(!DECODES(200, 0, 2, 'x'));      /* beyond the end */
    check(!DECODES(200, 0));
    check(DECODES(4, 0, 3, 'A', 27, 'B'));
    check_text("A?B", decoded.computer);
}

static void lists_that_are_too_long_are_cut(void **state) {
    (void)state;
    mailslot_daemon_status status = largest_status(), decoded;
    size_t len = msi_status_encode(&status, bytes);
    const unsigned char name[] = {9, 0, 2, 0, 'N'}, interface[] = {8, 0, 3, 0, 0, 0};
    memcpy(bytes + len, name, sizeof name);
    memcpy(bytes + len + sizeof name, interface, sizeof interface);
    check(msi_status_decode(&decoded, bytes, len + sizeof name + sizeof interface));
    check_same(&status, &decoded);
}

/* ---- Asking ---- */

static void a_program_gets_what_the_daemon_reports(void **state) {
    (void)state;
    struct fake_daemon fake;
    mailslot_daemon_status expected = largest_status(), got = MAILSLOT_DAEMON_STATUS_INIT;
    fake_start(&fake);
    fake.status = &expected;
    check_ok(mailslot_daemon_status_get(&got));
    check_same(&expected, &got);
    fake_await_open(&fake, 0);
    fake_kill(&fake);
}

/* As a program that was built before the last counters were added, and one that is newer. */
static void only_as_much_as_the_caller_has_is_filled(void **state) {
    (void)state;
    struct fake_daemon fake;
    struct {
        mailslot_daemon_status status;
        char newer[16];
    } got;
    mailslot_daemon_status expected = largest_status();
    fake_start(&fake);
    fake.status = &expected;
    memset(&got, 0x55, sizeof got);
    got.status.size = offsetof(mailslot_daemon_status, counters) + sizeof(uint64_t);
    check_ok(mailslot_daemon_status_get(&got.status));
    check(got.status.counters.received == UINT64_MAX);
    check(got.status.counters.not_for_us == 0x5555555555555555u);
    got.status.size = sizeof got;
    check_ok(mailslot_daemon_status_get(&got.status));
    check(got.status.counters.not_for_us == UINT64_MAX && !got.newer[0] && !got.newer[15]);
    got.status.size = offsetof(mailslot_daemon_status, counters) - 1;
    check_err(MAILSLOT_ERR_INVALID, mailslot_daemon_status_get(&got.status));
    check_err(MAILSLOT_ERR_INVALID, mailslot_daemon_status_get(NULL));
    fake_kill(&fake);
}

static void an_older_daemon_is_told_as_such(void **state) {
    (void)state;
    struct fake_daemon fake;
    mailslot_daemon_status got = MAILSLOT_DAEMON_STATUS_INIT;
    fake_start(&fake);
    check_err(MAILSLOT_ERR_UNSUPPORTED, mailslot_daemon_status_get(&got));
    check_detail("older than this program");
    fake_kill(&fake);
}

static void there_is_no_status_without_a_daemon_that_reports_it(void **state) {
    (void)state;
    struct fake_daemon fake;
    mailslot_daemon_status status = small_status(), got = MAILSLOT_DAEMON_STATUS_INIT;
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_daemon_status_get(&got));
    check_detail("mailslotd");
    fake_start(&fake);
    fake.status = &status;
    for (enum fake_manner manner = FAKE_SILENCE; manner < FAKE_MANNERS; manner++) {
        bool ends = manner == FAKE_HANG_UP || manner == FAKE_EMPTY;
        fake.manner = manner;
        check_err(ends ? MAILSLOT_ERR_UNSUPPORTED : MAILSLOT_ERR_OS,
                  mailslot_daemon_status_get(&got));
        check_detail("mailslotd");
    }
    fake.manner = FAKE_ANSWER;
    fake.err = MAILSLOT_ERR_FULL;
    fake.words = "mailslotd has no room";
    check_err(MAILSLOT_ERR_FULL, mailslot_daemon_status_get(&got));
    check_detail("mailslotd has no room");
    check(!got.pid);
    fake_kill(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_decodes_to_what_was_encoded),
        cmocka_unit_test(a_status_that_is_cut_off_is_refused),
        cmocka_unit_test(what_is_unknown_is_skipped),
        cmocka_unit_test(what_is_known_must_be_sound),
        cmocka_unit_test(lists_that_are_too_long_are_cut),
        slot_test(a_program_gets_what_the_daemon_reports),
        slot_test(only_as_much_as_the_caller_has_is_filled),
        slot_test(an_older_daemon_is_told_as_such),
        slot_test(there_is_no_status_without_a_daemon_that_reports_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
