/* Looking without taking: S30, S31. */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "slots.h"

#include <stdlib.h>
#include <sys/mman.h>

static void check_info_equal(mailslot_info a, mailslot_info b) {
    check_int((int64_t)a.max_message, (int64_t)b.max_message);
    check_int((int64_t)a.next_size, (int64_t)b.next_size);
    if (a.count < 2 || expects(system_counts(), NO_COUNTS))
        check_int((int64_t)a.count, (int64_t)b.count);
    if (expects(system_tells_capacity(), NO_CAPACITY)) {
        check_int((int64_t)a.capacity, (int64_t)b.capacity);
        check_int((int64_t)a.used, (int64_t)b.used);
    }
    check_int(a.timeout_ms, b.timeout_ms);
    check_int(a.reader_pid, b.reader_pid);
    check_int((int64_t)a.bad_messages, (int64_t)b.bad_messages);
    check_int((int64_t)a.refused, (int64_t)b.refused);
}

static mailslot *open_trace_of_424(void) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.max_message = 424;
    options.timeout_ms = 1234;
    options.capacity = 65536;
    return open_with("trace", &options);
}

static void s30_info_tells_maximum_next_size_count_timeout_capacity_and_use(void **state) {
    (void)state;
    mailslot *reader = open_trace_of_424();
    mailslot_info empty = MAILSLOT_INFO_INIT;
    empty.max_message = 424;
    empty.next_size = MAILSLOT_NEXT_NONE;
    empty.capacity = 65536;
    empty.timeout_ms = 1234;
    empty.reader_pid = getpid();
    check_info_equal(empty, info_of(reader));
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put_bytes(writer, "12345", 5));
    check_ok(mailslot_put_bytes(writer, NULL, 0));
    mailslot_info two = empty;
    two.next_size = 5;
    two.count = 2;
    two.used = queue_bytes(5) + queue_bytes(0);
    check_info_equal(two, info_of(reader));
    expect_text(reader, "12345");
    mailslot_info one = two;
    one.next_size = 0;
    one.count = 1;
    one.used = queue_bytes(0);
    check_info_equal(one, info_of(reader));
    expect_text(reader, "");
    check_info_equal(empty, info_of(reader));
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s30_looking_consumes_nothing(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "still there"));
    mailslot_info before = info_of(reader);
    for (int i = 0; i < 100; i++) {
        bool answer = true;
        check_info_equal(before, info_of(reader));
        check_count(1, reader);
        check_ok(mailslot_empty(reader, &answer));
        check(!answer);
        check_ok(mailslot_full(reader, &answer));
        check(!answer);
    }
    expect_text(reader, "still there");
    mailslot_close(writer);
    mailslot_close(reader);
}

static void stat_into(struct peer *parent, void *ctx) {
    (void)parent;
    mailslot_info *info = ctx;
    *info = (mailslot_info)MAILSLOT_INFO_INIT;
    check_ok(mailslot_stat("//./mailslot/TRACE", info));
}

static void s30_another_process_sees_the_same(void **state) {
    (void)state;
    mailslot *reader = open_trace_of_424();
    mailslot *writer = open_writer("trace");
    mailslot_info *seen =
        mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(seen != MAP_FAILED);
    for (int i = 0; i < 10; i++) {
        check_ok(mailslot_put_bytes(writer, "1234567890", (size_t)i + 1));
        struct peer child = child_start(stat_into, seen);
        child_join(&child);
        if (i == 0 || expects(system_counts(), NO_COUNTS))
            check_int(i + 1, (int64_t)seen->count);
        check_info_equal(info_of(reader), *seen);
    }
    munmap(seen, sizeof *seen);
    check_err(MAILSLOT_ERR_IN_USE, try_open("trace", MAILSLOT_READ));
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s30_a_slot_that_is_not_there_is_not_found(void **state) {
    (void)state;
    mailslot_info info = MAILSLOT_INFO_INIT;
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_stat("trace", &info));
    check_detail("trace: ");
    mailslot *reader = open_reader("trace");
    check_ok(mailslot_stat("trace", &info));
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_stat("trace\\below", &info));
    mailslot_close(reader);
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_stat("trace", &info));
}

#define LEN 64

static void check_snapshot(const mailslot_info *info) {
    if (expects(system_tells_capacity(), NO_CAPACITY))
        check_int((int64_t)(info->count * queue_bytes(LEN)), (int64_t)info->used);
    check((info->next_size == MAILSLOT_NEXT_NONE) == (info->count == 0));
    check(info->count == 0 || info->next_size == LEN);
}

static void put_until_told(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *writer = open_writer("trace");
    char message[LEN] = "";
    struct pollfd told = {parent->in, POLLIN, 0};
    peer_tell(parent, 0);
    while (poll(&told, 1, 0) == 0) {
        for (int i = 0; i < 1000; i++) {
            mailslot_err err = mailslot_put_bytes(writer, message, sizeof message);
            check(err == MAILSLOT_OK || err == MAILSLOT_ERR_FULL);
        }
    }
    mailslot_close(writer);
}

static void stat_until_told(struct peer *parent, void *ctx) {
    (void)ctx;
    struct pollfd told = {parent->in, POLLIN, 0};
    peer_tell(parent, 0);
    while (poll(&told, 1, 0) == 0) {
        for (int i = 0; i < 20; i++) {
            mailslot_info info = MAILSLOT_INFO_INIT;
            check_ok(mailslot_stat("trace", &info));
            check_snapshot(&info);
        }
    }
}

static void s30_what_info_and_stat_tell_is_one_consistent_snapshot(void **state) {
    (void)state;
    mailslot *reader = open_small_reader("trace", 32768, LEN);
    struct peer putter = child_start(put_until_told, NULL);
    struct peer looker = child_start(stat_until_told, NULL);
    peer_hear(&putter);
    peer_hear(&looker);
    char message[LEN];
    size_t len = 0;
    size_t got = 0;
    for (int64_t until = now_ms() + 500; now_ms() < until || got < 1000;) {
        mailslot_info info = info_of(reader);
        check_snapshot(&info);
        got += mailslot_get_bytes(reader, message, LEN, &len, MAILSLOT_NO_WAIT) == MAILSLOT_OK;
    }
    peer_tell(&putter, 0);
    peer_tell(&looker, 0);
    child_join(&putter);
    child_join(&looker);
    mailslot_close(reader);
}

struct listing {
    int count;
    int stop_after;
    bool seen[3];
};

static mailslot_err note_slot(void *ctx, const char *name, const mailslot_info *info) {
    struct listing *listing = ctx;
    int number = name[strlen(name) - 1] - '1';
    check(number >= 0 && number < 3);
    listing->seen[number] = true;
    if (number < 2 || expects(system_counts(), NO_COUNTS))
        check_int(number, (int64_t)info->count);
    check_int(getpid(), info->reader_pid);
    listing->count++;
    return listing->count == listing->stop_after ? MAILSLOT_ERR_NO_HOST : MAILSLOT_OK;
}

static void s30_a_listing_tells_the_same_of_every_live_slot(void **state) {
    (void)state;
    static const char *const names[] = {"slot1", "Path\\slot2", "slot3"};
    mailslot *readers[3];
    for (int i = 0; i < 3; i++) {
        readers[i] = open_reader(names[i]);
        mailslot *writer = open_writer(names[i]);
        for (int j = 0; j < i; j++)
            check_ok(mailslot_put(writer, "x"));
        mailslot_close(writer);
    }
    struct listing all = {0};
    check_ok(mailslot_list(note_slot, &all));
    check_int(3, all.count);
    check(all.seen[0] && all.seen[1] && all.seen[2]);
    struct listing stopped = {.stop_after = 2};
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_list(note_slot, &stopped));
    check_int(2, stopped.count);
    for (int i = 0; i < 3; i++)
        mailslot_close(readers[i]);
    struct listing none = {0};
    check_ok(mailslot_list(note_slot, &none));
    check_int(0, none.count);
}

static void s30_as_much_of_info_is_filled_in_as_its_size_says(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    struct {
        mailslot_info info;
        uint64_t grown;
    } later = {MAILSLOT_INFO_INIT, 77};
    later.info.size = sizeof later; /* as a program built against a later version says */
    check_ok(mailslot_info_get(reader, &later.info));
    if (expects(system_tells_capacity(), NO_CAPACITY))
        check_int(65536 * 256, (int64_t)later.info.capacity);
    check_ok(mailslot_stat("trace", &later.info));

    mailslot_info first = MAILSLOT_INFO_INIT;
    first.size = offsetof(mailslot_info, messages_in); /* as one built against the first version */
    first.messages_in = 77;
    check_ok(mailslot_stat("trace", &first));
    check_int(77, (int64_t)first.messages_in);

    mailslot_info small = MAILSLOT_INFO_INIT;
    static const size_t too_small[] = {0, 1, sizeof small.size};
    for (size_t i = 0; i < 3; i++) {
        small.size = too_small[i];
        check_err(MAILSLOT_ERR_INVALID, mailslot_info_get(reader, &small));
        check_err(MAILSLOT_ERR_INVALID, mailslot_stat("trace", &small));
    }
    mailslot_close(reader);
}

/* ---- S31 --------------------------------------------------------------------------------------
 */

static char message[4096];

static bool is_full(mailslot *reader) {
    bool full = false;
    check_ok(mailslot_full(reader, &full));
    return full;
}

static void s31_empty_is_a_count_of_zero(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    for (int waiting = 0; waiting < 3; waiting++) {
        bool empty = waiting != 0;
        check_ok(mailslot_empty(reader, &empty));
        check((waiting == 0) == empty);
        check_count(waiting, reader);
        check_ok(mailslot_put_bytes(writer, NULL, 0));
    }
    mailslot_close(writer);
    mailslot_close(reader);
}

/* Compares full with what a put of len bytes says, once some messages of step wait. */
static bool compare_full_with_put(mailslot *reader, mailslot *writer, size_t len) {
    bool full = is_full(reader);
    mailslot_err err = mailslot_put_bytes(writer, message, len);
    check(err == (full ? MAILSLOT_ERR_FULL : MAILSLOT_OK));
    return full;
}

/* Does so at every filling that messages of step reach, and needs to see both answers. */
static void check_full_means(size_t max_message, size_t len, size_t step) {
    mailslot *reader = open_small_reader("trace", 4096, max_message);
    mailslot *writer = open_writer("trace");
    bool full = false;
    for (size_t steps = 0; steps <= 4096 / queue_bytes(step); steps++) {
        check(!is_full(reader));
        for (size_t i = 0; i < steps; i++)
            check_ok(mailslot_put_bytes(writer, message, step));
        full = compare_full_with_put(reader, writer, len);
        check_int((int64_t)(steps + !full), (int64_t)drain(reader));
    }
    check(full);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void s31_full_is_when_a_message_of_the_maximum_size_would_be_refused(void **state) {
    (void)state;
    needs(system_tells_capacity(), NO_CAPACITY);
    check_full_means(100, 100, 100);
    check_full_means(1000, 1000, 0);
    check_full_means(1000, 1000, 300);
    check_full_means(1, 1, 1);
    check_full_means(3000, 3000, 8);
}

static void s31_full_is_when_424_bytes_would_be_refused_where_no_maximum_is_set(void **state) {
    (void)state;
    needs(system_tells_capacity(), NO_CAPACITY);
    check_full_means(0, 424, 424);
    check_full_means(0, 424, 0);
    check_full_means(0, 424, 1300);
}

static void s31_a_full_slot_may_take_a_smaller_message(void **state) {
    (void)state;
    needs(system_tells_capacity(), NO_CAPACITY);
    mailslot *reader = open_small_reader("trace", 4096, 0);
    mailslot *writer = open_writer("trace");
    while (!is_full(reader))
        check_ok(mailslot_put_bytes(writer, message, 424));
    size_t room = 4096 - info_of(reader).used;
    check(room >= queue_bytes(0) && room < queue_bytes(424));
    check_ok(mailslot_put_bytes(writer, NULL, 0));
    check(is_full(reader));
    check_int(0, (int64_t)info_of(reader).refused); /* looking is no refused put */
    mailslot_close(writer);
    mailslot_close(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s30_info_tells_maximum_next_size_count_timeout_capacity_and_use),
        slot_test(s30_looking_consumes_nothing),
        slot_test(s30_another_process_sees_the_same),
        slot_test(s30_a_slot_that_is_not_there_is_not_found),
        slot_test(s30_what_info_and_stat_tell_is_one_consistent_snapshot),
        slot_test(s30_a_listing_tells_the_same_of_every_live_slot),
        slot_test(s30_as_much_of_info_is_filled_in_as_its_size_says),
        slot_test(s31_empty_is_a_count_of_zero),
        slot_test(s31_full_is_when_a_message_of_the_maximum_size_would_be_refused),
        slot_test(s31_full_is_when_424_bytes_would_be_refused_where_no_maximum_is_set),
        slot_test(s31_a_full_slot_may_take_a_smaller_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
