/* Where a message came from: the local part of S38, and S39's option. */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "slots.h"

#include <stdlib.h>

#define SECOND_NS INT64_C(1000000000)

static int64_t real_ns(void) { return clock_ns(CLOCK_REALTIME); }

static mailslot_record *get_record(mailslot *reader) {
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    check_ok(mailslot_get_nowait(reader, record));
    return record;
}

static void check_local(const mailslot_origin *origin, pid_t pid) {
    check(origin != NULL);
    check(!origin->remote);
    check_text(".", origin->computer);
    check_text("", origin->address);
    check_int(pid, origin->pid);
    check_int(geteuid(), origin->uid);
}

static void put_and_leave(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "x"));
    mailslot_close(writer);
}

static void s38_a_local_record_knows_its_writers_pid_and_uid(void **state) {
    (void)state;
    needs(system_knows_writers(), NO_WRITERS);
    mailslot *reader = open_reader("trace");
    for (int i = 0; i < 3; i++) {
        struct peer child = child_start(put_and_leave, NULL);
        pid_t pid = child.pid;
        child_join(&child);
        mailslot_record *record = get_record(reader);
        check_local(mailslot_record_origin(record), pid);
        mailslot_record_free(record);
    }
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put_bytes(writer, NULL, 0));
    mailslot_record *record = get_record(reader);
    check_local(mailslot_record_origin(record), getpid());
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s38_a_record_knows_when_its_message_arrived(void **state) {
    (void)state;
    needs(system_notes_arrivals(), NO_ARRIVALS);
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    int64_t last = 0;
    for (int i = 0; i < 5; i++) {
        int64_t before = real_ns();
        check_ok(mailslot_put(writer, "x"));
        int64_t after = real_ns();
        sleep_ms(40); /* the arrival is the put's time, not the get's */
        mailslot_record *record = get_record(reader);
        int64_t arrival = (int64_t)mailslot_record_origin(record)->arrival_ns;
        check(arrival >= before - SECOND_NS / 50); /* "to a few milliseconds" */
        check(arrival <= after + SECOND_NS / 50);
        check(arrival > last);
        last = arrival;
        mailslot_record_free(record);
    }
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s38_a_failed_get_leaves_no_origin_of_an_earlier_message(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "x"));
    mailslot_record *record = get_record(reader);
    check_err(MAILSLOT_ERR_EMPTY, mailslot_get_nowait(reader, record));
    const mailslot_origin *origin = mailslot_record_origin(record);
    check(origin != NULL && origin->computer != NULL && origin->address != NULL);
    check_int(0, (int64_t)origin->arrival_ns);
    check(origin->pid != getpid());
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s39_a_reader_may_be_local_only(void **state) {
    (void)state;
    needs(system_refuses_network(), NO_LOCAL_ONLY);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.local_only = true;
    mailslot *reader = open_with("trace", &options);
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "x"));
    expect_text(reader, "x");
    mailslot_close(writer);
    mailslot_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s38_a_local_record_knows_its_writers_pid_and_uid),
        slot_test(s38_a_record_knows_when_its_message_arrived),
        slot_test(s38_a_failed_get_leaves_no_origin_of_an_earlier_message),
        slot_test(s39_a_reader_may_be_local_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
