/* The parts of mailslotd that are pure: which datagrams are dedup, whose bytes are in a queue,
 * and what counters look like. */
#include <base/counters.h>
#include <base/hash.h>
#include <base/status_format.h>
#include <clients/metrics.h>
#include <delivery/dedup.h>
#include <delivery/quota.h>
#include <test.h>

#include <stdlib.h>

/* ---- Duplicates ---- */

#define MS ((uint64_t)1000000)

static struct dedup dedup;

static int forget(void **state) {
    (void)state;
    dedup_init(&dedup, 7);
    return 0;
}

static msi_datagram make(uint16_t id, const char *data) {
    msi_datagram datagram = {.type = MSI_DATAGRAM_GROUP,
                             .id = id,
                             .data = (const unsigned char *)data,
                             .len = strlen(data)};
    msi_nbname_set(&datagram.source, "SENDER", 0);
    msi_nbname_set(&datagram.destination, "GROUP", 0);
    return datagram;
}

static void the_same_is_the_same_wherever_it_comes_from(void **state) {
    (void)state;
    msi_datagram datagram = make(1, "data");
    check(!dedup_note(&dedup, &datagram, 5000 * MS));
    datagram.source_ip = 99;
    datagram.source_port = 7;
    check(dedup_note(&dedup, &datagram, 5000 * MS));
    check(dedup_note(&dedup, &datagram, 6999 * MS));
}

static void everything_that_counts_makes_a_difference(void **state) {
    (void)state;
    msi_datagram first = make(1, "data"), other = make(2, "data");
    check(!dedup_note(&dedup, &first, MS));
    check(!dedup_note(&dedup, &other, MS));
    other = make(1, "datb");
    check(!dedup_note(&dedup, &other, MS));
    other = make(1, "dat");
    check(!dedup_note(&dedup, &other, MS));
    other = make(1, "data");
    msi_nbname_set(&other.source, "SENDER", 1);
    check(!dedup_note(&dedup, &other, MS));
    other = make(1, "data");
    msi_nbname_set(&other.destination, "OTHER", 0);
    check(!dedup_note(&dedup, &other, MS));
    other = make(1, "data");
    check(msi_nbname_set_scope(&other.destination, "scope"));
    check(!dedup_note(&dedup, &other, MS));
    check(dedup_note(&dedup, &first, MS));
}

static void two_seconds_later_it_is_new(void **state) {
    (void)state;
    msi_datagram datagram = make(1, "constant");
    check(!dedup_note(&dedup, &datagram, 100 * MS));
    check(dedup_note(&dedup, &datagram, 1500 * MS));
    check(!dedup_note(&dedup, &datagram, 2100 * MS));
    check(dedup_note(&dedup, &datagram, 4099 * MS));
}

/* However much comes, what came last is known: a set forgets its oldest. */
static void a_flood_pushes_out_the_oldest_only(void **state) {
    (void)state;
    char data[16];
    for (unsigned i = 0; i < 100000; i++) {
        snprintf(data, sizeof data, "%u", i);
        msi_datagram datagram = make((uint16_t)i, data);
        check(!dedup_note(&dedup, &datagram, i));
        check(dedup_note(&dedup, &datagram, i));
    }
    unsigned known = 0;
    for (unsigned i = 99000; i < 100000; i++) {
        snprintf(data, sizeof data, "%u", i);
        msi_datagram datagram = make((uint16_t)i, data);
        known += dedup_note(&dedup, &datagram, 100000);
    }
    check(known > 950);
}

static void a_hash_depends_on_seed_length_and_every_byte(void **state) {
    (void)state;
    unsigned char bytes[40] = {0};
    for (size_t len = 0; len < sizeof bytes; len++) {
        uint64_t plain = hash_bytes(1, bytes, len);
        check(plain != hash_bytes(2, bytes, len));
        check(plain != hash_bytes(1, bytes, len + 1));
        for (size_t i = 0; i < len; i++) {
            bytes[i] = 1;
            check(plain != hash_bytes(1, bytes, len));
            bytes[i] = 0;
        }
    }
}

/* ---- Shares ---- */

enum { LIMIT = 1000 };

static struct quota quota;

static int empty_queue(void **state) {
    (void)state;
    quota = (struct quota){0};
    return 0;
}

/* A queue as a socket's: what is there grows by what is put and some more. */
static uint64_t queue_bytes;

static bool put(uint32_t uid, uint64_t len) {
    if (!quota_allow(&quota, uid, queue_bytes, len, LIMIT))
        return false;
    queue_bytes += len + 10;
    quota_charge(&quota, uid, queue_bytes, len);
    return true;
}

static void a_user_may_fill_its_share_and_no_more(void **state) {
    (void)state;
    queue_bytes = 0;
    unsigned taken = 0;
    while (put(1, 90))
        taken++;
    check_int(10, taken);
    check(put(2, 90));
    check(!put(1, 90));
}

static void what_is_read_makes_room_again(void **state) {
    (void)state;
    queue_bytes = 0;
    while (put(1, 90))
        ;
    queue_bytes = 0;
    check(put(1, 90));
    while (put(1, 90))
        ;
    for (unsigned i = 0; i < 1000; i++) { /* never empty, and yet always moving */
        queue_bytes -= queue_bytes >= 100 ? 100 : 0;
        put(1, 90);
        check(queue_bytes <= LIMIT + 100);
    }
    check(queue_bytes > 0);
}

static void a_steady_writer_is_not_locked_out(void **state) {
    (void)state;
    queue_bytes = 0;
    unsigned taken = 0;
    for (unsigned i = 0; i < 1000; i++) {
        taken += put(1, 90);
        queue_bytes -= queue_bytes > 100 ? 100 : 0;
    }
    check(taken > 500);
}

static void one_message_is_always_let_in(void **state) {
    (void)state;
    queue_bytes = 0;
    check(put(1, 50000));
    check(!put(1, 1));
    check(put(2, 50000));
}

static void others_who_fill_the_queue_take_nobodys_share(void **state) {
    (void)state;
    queue_bytes = 500000; /* the network's */
    check(put(1, 90));
    queue_bytes += 500000;
    check(put(1, 90));
    queue_bytes = 0;
    for (unsigned i = 0; i < 10; i++)
        check(put(1, 90));
}

static void more_users_than_are_counted_wait(void **state) {
    (void)state;
    queue_bytes = 0;
    for (uint32_t uid = 1; uid <= QUOTA_USERS; uid++)
        check(put(uid, 1));
    check(!put(99, 1));
    check(put(1, 1));
    queue_bytes = 0;
    check(put(99, 1));
}

/* Whatever the order of events, no user has much more than its share in the queue. */
static void at_random_no_user_exceeds_its_share(void **state) {
    (void)state;
    enum { QUEUED = 4096 };
    static struct {
        uint32_t uid;
        uint64_t size;
    } queue[QUEUED];
    size_t first = 0, last = 0;
    queue_bytes = 0;
    srand(1);
    for (unsigned round = 0; round < 200000; round++) {
        uint32_t uid = (uint32_t)(rand() % 4);
        uint64_t len = (uint64_t)(rand() % 200);
        bool network = rand() % 5 == 0;
        if (network)
            queue_bytes += len + 10;
        if (network || ((last - first) < QUEUED - 1 && put(uid, len))) {
            queue[last % QUEUED].uid = network ? 99 : uid;
            queue[last++ % QUEUED].size = len + 10;
        }
        for (int reads = rand() % 3; reads > 0 && first < last; reads--)
            queue_bytes -= queue[first++ % QUEUED].size;
        uint64_t held[4] = {0};
        for (size_t i = first; i < last; i++)
            if (queue[i % QUEUED].uid < 4)
                held[queue[i % QUEUED].uid] += queue[i % QUEUED].size;
        for (size_t i = 0; i < 4; i++)
            check(held[i] <= LIMIT + 210);
        if (last - first > 1000)
            first = last, queue_bytes = 0;
    }
}

/* ---- Counters ---- */

static void every_counter_is_shown_in_both_forms(void **state) {
    (void)state;
    static char bytes[32768];
    struct counters counters = {.received = 12345678901234567u, .readers = 3};
    mailslot_daemon_status status = MAILSLOT_DAEMON_STATUS_INIT;
    counters.malformed[MSI_WIRE_FRAGMENT] = 4;
    counters_report(&counters, &status);
    struct text text = {bytes, sizeof bytes, 0};
    status_format_lines(&status, &text);
    check(strstr(bytes, "received 12345678901234567\n") != NULL);
    check(strstr(bytes, "readers 3\n") && strstr(bytes, "malformed_fragment 4\n"));
    check(strstr(bytes, "malformed_not_mailslot 0\n") != NULL);
#define SHOWN(name, what) check(strstr(bytes, #name " ") != NULL);
    MAILSLOT_DAEMON_COUNTERS(SHOWN)
    MAILSLOT_DAEMON_GAUGES(SHOWN)
#undef SHOWN
    text.len = 0;
    status_format_prometheus(&status, &text);
    check(strstr(bytes, "# TYPE mailslotd_received_total counter\n"
                        "mailslotd_received_total 12345678901234567\n") != NULL);
    check(strstr(bytes, "mailslotd_malformed_total{kind=\"fragment\"} 4\n") != NULL);
    check(strstr(bytes, "# TYPE mailslotd_readers gauge\nmailslotd_readers 3\n") != NULL);
}

static void the_longest_metrics_fit(void **state) {
    (void)state;
    static char bytes[METRICS_SIZE];
    struct text text = {bytes, sizeof bytes, 0};
    mailslot_daemon_status status = MAILSLOT_DAEMON_STATUS_INIT;
    memset(&status.counters, 0xff, sizeof status.counters);
    memset(&status.gauges, 0xff, sizeof status.gauges);
    status.user_count = MAILSLOT_DAEMON_USERS_MAX;
    memset(status.users, 0xff, sizeof status.users);
    status_format_prometheus(&status, &text);
    check(text.len < sizeof bytes - 1);
    check(bytes[text.len - 1] == '\n');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_same_is_the_same_wherever_it_comes_from, forget),
        cmocka_unit_test_setup(everything_that_counts_makes_a_difference, forget),
        cmocka_unit_test_setup(two_seconds_later_it_is_new, forget),
        cmocka_unit_test_setup(a_flood_pushes_out_the_oldest_only, forget),
        cmocka_unit_test(a_hash_depends_on_seed_length_and_every_byte),
        cmocka_unit_test_setup(a_user_may_fill_its_share_and_no_more, empty_queue),
        cmocka_unit_test_setup(what_is_read_makes_room_again, empty_queue),
        cmocka_unit_test_setup(a_steady_writer_is_not_locked_out, empty_queue),
        cmocka_unit_test_setup(one_message_is_always_let_in, empty_queue),
        cmocka_unit_test_setup(others_who_fill_the_queue_take_nobodys_share, empty_queue),
        cmocka_unit_test_setup(more_users_than_are_counted_wait, empty_queue),
        cmocka_unit_test_setup(at_random_no_user_exceeds_its_share, empty_queue),
        cmocka_unit_test(every_counter_is_shown_in_both_forms),
        cmocka_unit_test(the_longest_metrics_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
