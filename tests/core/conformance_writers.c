/* Several writers, and ends that go: S16 to S20. */
#include "child.h"
#include "clock.h"
#include "slotdir.h"
#include "slots.h"
#include "thread.h"

#include <stdlib.h>
#include <sys/mman.h>

#define WRITERS 4
#define EACH    3000

#define MOST_PUTS 1000000

/* ---- S16 --------------------------------------------------------------------------------------
 */

static void s16_messages_of_one_writer_keep_their_order(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    mailslot *writer = open_writer("trace");
    uint64_t batch = expects(system_holds(10000, 8), NO_SUCH_BACKLOG) ? 10000 : 100;
    for (uint64_t first = 0; first < 10000; first += batch) {
        for (uint64_t i = first; i < first + batch; i++)
            put_number(writer, i);
        for (uint64_t i = first; i < first + batch; i++)
            check_int((int64_t)i, (int64_t)get_number(reader));
    }
    mailslot_close(writer);
    mailslot_close(reader);
}

/* Puts the numbers it is told to, and says so when the put has returned; -1 ends it. */
static void put_when_told(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *writer = open_writer("trace");
    for (int64_t number = peer_hear(parent); number >= 0; number = peer_hear(parent)) {
        put_number(writer, (uint64_t)number);
        peer_tell(parent, number);
    }
    mailslot_close(writer);
}

static void s16_a_put_that_returned_before_another_began_is_read_first(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    struct peer children[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        children[i] = child_start(put_when_told, NULL);
    for (int64_t first = 0; first < 1000; first += 200) {
        for (int64_t i = first; i < first + 200; i++) {
            struct peer *child = &children[i * 7 / 5 % WRITERS];
            peer_tell(child, i);
            check_int(i, peer_hear(child));
        }
        for (int64_t i = first; i < first + 200; i++)
            check_int(i, (int64_t)get_number(reader));
    }
    for (int i = 0; i < WRITERS; i++) {
        peer_tell(&children[i], -1);
        child_join(&children[i]);
    }
    mailslot_close(reader);
}

/* A message that shows whether it is whole: writer, number, and a tail of one letter. */
struct marked {
    uint32_t writer;
    uint32_t number;
    unsigned char tail[500];
};

static void put_marked(struct peer *parent, void *ctx) {
    struct marked message = {.writer = *(uint32_t *)ctx};
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.put_timeout_ms = MAILSLOT_FOREVER;
    mailslot *writer = open_with("trace", &options);
    peer_tell(parent, 0);
    peer_hear(parent);
    for (; message.number < EACH; message.number++) {
        size_t tail = message.number * 13 % sizeof message.tail;
        memset(message.tail, (int)(message.writer * 50 + message.number % 50), tail);
        check_ok(mailslot_put_bytes(writer, &message, 8 + tail));
    }
    mailslot_close(writer);
}

static void check_whole(const struct marked *message, size_t len) {
    check(message->writer < WRITERS);
    size_t tail = message->number * 13 % sizeof message->tail;
    check_int(8 + (int64_t)tail, (int64_t)len);
    for (size_t i = 0; i < tail; i++)
        check(message->tail[i] == message->writer * 50 + message->number % 50);
}

static void s16_bytes_of_concurrent_puts_never_mix(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    struct peer children[WRITERS];
    uint32_t ids[WRITERS];
    uint32_t next[WRITERS] = {0};
    for (uint32_t i = 0; i < WRITERS; i++) {
        ids[i] = i;
        children[i] = child_start(put_marked, &ids[i]);
        peer_hear(&children[i]);
    }
    for (int i = 0; i < WRITERS; i++)
        peer_tell(&children[i], 0);
    for (int i = 0; i < WRITERS * EACH; i++) {
        struct marked message;
        size_t len = 0;
        check_ok(mailslot_get_bytes(reader, &message, sizeof message, &len, MAILSLOT_FOREVER));
        check_whole(&message, len);
        check_int(next[message.writer]++, message.number);
    }
    for (int i = 0; i < WRITERS; i++)
        child_join(&children[i]);
    expect_empty(reader);
    mailslot_close(reader);
}

/* ---- S17 --------------------------------------------------------------------------------------
 */

static void put_and_close(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "from one that closed"));
    mailslot_close(writer);
}

static void put_and_stay(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "from one that was killed"));
    peer_tell(parent, 0);
    pause();
}

static void s17_messages_outlive_their_writers(void **state) {
    (void)state;
    mailslot *reader = open_reader("trace");
    struct peer child = child_start(put_and_close, NULL);
    child_join(&child);
    child = child_start(put_and_stay, NULL);
    peer_hear(&child);
    child_kill(&child);
    expect_text(reader, "from one that closed");
    expect_text(reader, "from one that was killed");
    expect_empty(reader);
    mailslot_close(reader);
}

/* ---- S18 --------------------------------------------------------------------------------------
 */

static void s18_the_first_put_after_an_orderly_close_is_gone(void **state) {
    (void)state;
    needs(system_tells_gone_readers(), NO_GONE_READERS);
    mailslot *reader = open_reader("trace");
    mailslot *used = open_writer("trace");
    mailslot *unused = open_writer("trace");
    check_ok(mailslot_put(used, "x"));
    mailslot_close(reader);
    check_err(MAILSLOT_ERR_GONE, mailslot_put(used, "x"));
    check_detail("trace: ");
    check_err(MAILSLOT_ERR_GONE, mailslot_put_bytes(unused, NULL, 0));
    check_err(MAILSLOT_ERR_GONE, mailslot_put(used, "x"));
    mailslot_close(used);
    mailslot_close(unused);
}

static void read_until_killed(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *reader = open_reader("trace");
    check_count(0, reader);
    peer_tell(parent, 0);
    pause();
}

static void s18_puts_are_gone_soon_after_the_reader_was_killed(void **state) {
    (void)state;
    needs(system_tells_gone_readers(), NO_GONE_READERS);
    for (int round = 0; round < 5; round++) {
        struct peer child = child_start(read_until_killed, NULL);
        peer_hear(&child);
        mailslot *writer = open_writer("trace");
        check_ok(mailslot_put(writer, "x"));
        int64_t killed = now_ms();
        child_kill(&child);
        mailslot_err err;
        check_within(SOON_MS, (err = mailslot_put(writer, "x")) != MAILSLOT_OK);
        check_err(MAILSLOT_ERR_GONE, err);
        print_message("GONE %d ms after the kill; 100 allowed\n", (int)(now_ms() - killed));
        check_detail("trace: ");
        check_err(MAILSLOT_ERR_GONE, mailslot_put(writer, "x"));
        mailslot_close(writer);
    }
}

static void s18_the_first_put_over_100_ms_after_the_kill_is_gone(void **state) {
    (void)state;
    needs(system_tells_gone_readers(), NO_GONE_READERS);
    struct peer child = child_start(read_until_killed, NULL);
    peer_hear(&child);
    mailslot *writer = open_writer("trace");
    check_ok(mailslot_put(writer, "x"));
    child_kill(&child);
    sleep_ms(110);
    check_err(MAILSLOT_ERR_GONE, mailslot_put(writer, "x"));
    mailslot_close(writer);
}

static mailslot_err put_text(mailslot *slot) { return mailslot_put(slot, "waits for room"); }

static void s18_a_put_that_waits_for_room_notices_that_the_reader_goes(void **state) {
    (void)state;
    needs(system_tells_gone_readers() && system_fills(), NO_GONE_READERS);
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.put_timeout_ms = MAILSLOT_FOREVER;
    options.direction = MAILSLOT_WRITE;
    mailslot *reader = open_small_reader("trace", 4096, 0);
    mailslot *filler = open_writer("trace");
    mailslot_err err = MAILSLOT_OK;
    while (err == MAILSLOT_OK)
        err = mailslot_put(filler, "x");
    check_err(MAILSLOT_ERR_FULL, err);
    struct blocker blocker = {.slot = open_with("trace", &options), .call = put_text};
    blocker_start(&blocker);
    mailslot_close(reader);
    check_err(MAILSLOT_ERR_GONE, blocker_join(&blocker));
    mailslot_close(blocker.slot);
    mailslot_close(filler);
}

static void s18_a_writer_never_attaches_itself_to_a_successor(void **state) {
    (void)state;
    needs(system_frees_names(), NO_FREE_NAME);
    mailslot *writer = NULL;
    mailslot *first = open_reader("trace");
    check_ok(mailslot_open(&writer, "trace", NULL)); /* even where the first put decided */
    check_ok(mailslot_put(writer, "x"));
    mailslot_close(first);
    mailslot *second = open_reader("trace");
    for (int i = 0; i < 3; i++) {
        check_err(MAILSLOT_ERR_GONE, mailslot_put(writer, "x"));
        sleep_ms(60);
    }
    check_err(MAILSLOT_ERR_WRONG_DIRECTION, mailslot_count(writer, &(size_t){0}));
    expect_empty(second);
    mailslot_close(writer);
    writer = open_writer("trace");
    check_ok(mailslot_put(writer, "a new handle"));
    expect_text(second, "a new handle");
    mailslot_close(writer);
    mailslot_close(second);
}

/* ---- S19 --------------------------------------------------------------------------------------
 */

/* No more than the slot holds, should it not be killed before. */
static void put_and_acknowledge(struct peer *parent, void *ctx) {
    _Atomic uint64_t *acknowledged = ctx;
    mailslot *writer = open_writer("trace");
    peer_tell(parent, 0);
    for (uint64_t i = 0; i < MOST_PUTS; i++) {
        put_number(writer, i);
        *acknowledged = i + 1;
    }
    pause();
}

/* Kills at every instruction are another test's; this is the plain case of every day. */
static void s19_a_writer_killed_while_it_puts_loses_nothing_it_had_put(void **state) {
    (void)state;
    needs(system_holds(100000, 8), NO_SUCH_BACKLOG);
    _Atomic uint64_t *acknowledged =
        mmap(NULL, sizeof *acknowledged, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(acknowledged != MAP_FAILED);
    mailslot *reader = open_small_reader("trace", (MOST_PUTS + 1) * queue_bytes(8), 0);
    mailslot *survivor = open_writer("trace");
    for (int round = 0; round < 10; round++) {
        *acknowledged = 0;
        struct peer child = child_start(put_and_acknowledge, (void *)acknowledged);
        peer_hear(&child);
        check_within(SOON_MS, *acknowledged >= 100);
        child_kill(&child);
        int64_t start = now_ms();
        put_number(survivor, UINT64_MAX);
        check(now_ms() - start < SOON_MS); /* S19 says 100 ms; machines are busy */
        uint64_t expected = 0;
        for (uint64_t got = get_number(reader); got != UINT64_MAX; got = get_number(reader))
            check_int((int64_t)expected++, (int64_t)got);
        check(expected == *acknowledged || expected == *acknowledged + 1);
        expect_empty(reader);
    }
    mailslot_close(survivor);
    mailslot_close(reader);
    munmap((void *)acknowledged, sizeof *acknowledged);
}

static void get_until_killed(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *reader = open_reader("trace");
    peer_tell(parent, 0);
    for (;;)
        get_number(reader);
}

static void s19_a_reader_killed_while_it_gets_leaves_an_empty_slot_to_its_successor(void **state) {
    (void)state;
    needs(system_frees_names(), NO_FREE_NAME);
    for (int round = 0; round < 10; round++) {
        struct peer child = child_start(get_until_killed, NULL);
        peer_hear(&child);
        mailslot *writer = open_writer("trace");
        for (uint64_t i = 0; i < 100; i++)
            put_number(writer, i);
        child_kill(&child);
        mailslot *reader = open_reader("trace");
        check_count(0, reader);
        mailslot *successor = open_writer("trace");
        put_number(successor, 7);
        check_int(7, (int64_t)get_number(reader));
        mailslot_close(successor);
        mailslot_close(writer);
        mailslot_close(reader);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s16_messages_of_one_writer_keep_their_order),
        slot_test(s16_a_put_that_returned_before_another_began_is_read_first),
        slot_test(s16_bytes_of_concurrent_puts_never_mix),
        slot_test(s17_messages_outlive_their_writers),
        slot_test(s18_the_first_put_after_an_orderly_close_is_gone),
        slot_test(s18_puts_are_gone_soon_after_the_reader_was_killed),
        slot_test(s18_the_first_put_over_100_ms_after_the_kill_is_gone),
        slot_test(s18_a_put_that_waits_for_room_notices_that_the_reader_goes),
        slot_test(s18_a_writer_never_attaches_itself_to_a_successor),
        slot_test(s19_a_writer_killed_while_it_puts_loses_nothing_it_had_put),
        slot_test(s19_a_reader_killed_while_it_gets_leaves_an_empty_slot_to_its_successor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
