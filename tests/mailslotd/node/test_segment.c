/*
 * A thousand hosts on one segment, which boot at random moments, want each other's names, are cut
 * apart and joined, and leave: each unique name ends with one owner.
 */
#include "segment.h"

#include <test.h>

/* What hosts want: a name of their own, the same number as theirs; one of CONTESTED, or the one
 * that the first CROWD all want; and a group. */
enum {
    HOSTS = 1000,
    CONTESTED = 40,
    CROWD = 60,
    GROUPS = 10,
    POPULAR = HOSTS + CONTESTED,
    FIRST_GROUP = POPULAR + 1,
    NAMES = FIRST_GROUP + GROUPS,
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    /* The longest that a name may be without an owner, or two hosts may hold it, without loss. */
    RECLAIMED = MSI_NODE_RECLAIM_MOST_S * SECOND + 5 * SECOND,
    NOTICED = MSI_NODE_ANNOUNCE_MOST_S * SECOND + 5 * SECOND,
};

static size_t contested_name(size_t host) {
    return host < CROWD ? (size_t)POPULAR : HOSTS + host % CONTESTED;
}

static struct segment *a_thousand_hosts(uint32_t seed, unsigned lost) {
    struct segment_options options = {.hosts = HOSTS,
                                      .names = NAMES,
                                      .seed = seed,
                                      .strangers = 200,
                                      .lost = lost,
                                      .repeated = lost / 2,
                                      .delay_ms = 30};
    struct segment *segment = segment_new(&options);
    for (size_t i = 0; i < HOSTS; i++) {
        segment_want(segment, i, i, false);
        segment_want(segment, i, contested_name(i), false);
        segment_want(segment, i, FIRST_GROUP + i % GROUPS, true);
        segment_boot(segment, i, segment_random(segment, MINUTE));
    }
    return segment;
}

/* Every unique name that somebody in a part wants has one owner there. */
static void check_owners(const struct segment *segment, unsigned part) {
    for (size_t name = 0; name < FIRST_GROUP; name++)
        check_int(segment_wanting(segment, name, part) > 0,
                  (int64_t)segment_holding(segment, name, part));
}

static void check_groups(const struct segment *segment, unsigned part) {
    for (size_t name = FIRST_GROUP; name < NAMES; name++)
        check_int((int64_t)segment_wanting(segment, name, part),
                  (int64_t)segment_holding(segment, name, part));
}

/* Nobody was ever told that a name of its own, or its group, is somebody else's. */
static void check_undisturbed(const struct segment *segment) {
    for (size_t name = 0; name < NAMES; name++)
        if (name < HOSTS || name >= FIRST_GROUP)
            check_int(0, (int64_t)segment_conflicts(segment, name));
}

static void check_settled(const struct segment *segment) {
    for (unsigned part = 0; part < SEGMENT_PARTS; part++) {
        check_owners(segment, part);
        check_groups(segment, part);
    }
    check_undisturbed(segment);
}

/* Without loss, a claim is always heard, so that there is no moment with two owners. */
static void boots_end_with_one_owner_each_and_never_have_two(void **state) {
    (void)state;
    for (uint32_t seed = 1; seed <= 3; seed++) {
        struct segment *segment = a_thousand_hosts(seed, 0);
        segment_run(segment, 2 * MINUTE);
        check_settled(segment);
        check_int(0, (int64_t)segment_counts(segment).overlaps);
        segment_free(segment);
    }
}

/* Switches the power back on everywhere at once. */
static void even_who_boots_at_the_same_instant_has_one_owner(void **state) {
    (void)state;
    struct segment_options options = {
        .hosts = 200, .names = 1, .seed = 5, .strangers = 1, .delay_ms = 20};
    struct segment *segment = segment_new(&options);
    for (size_t i = 0; i < options.hosts; i++) {
        segment_want(segment, i, 0, false);
        segment_boot(segment, i, 0);
    }
    segment_run(segment, 5 * SECOND);
    check_int(1, (int64_t)segment_holding(segment, 0, 0));
    check_int(0, (int64_t)segment_holder(segment, 0, 0)); /* the lowest address */
    check_int(0, (int64_t)segment_counts(segment).overlaps);
    segment_free(segment);
}

/* Everybody hears everything, and stays as it is. */
static void strangers_to_a_name_leave_it_alone(void **state) {
    (void)state;
    struct segment_options options = {
        .hosts = 300, .names = 301, .seed = 6, .strangers = 1, .delay_ms = 20};
    struct segment *segment = segment_new(&options);
    for (size_t i = 0; i < options.hosts; i++) {
        segment_want(segment, i, i, false);
        segment_want(segment, i, 300, true);
        segment_boot(segment, i, segment_random(segment, 5 * SECOND));
    }
    segment_run(segment, 10 * SECOND);
    for (size_t i = 0; i < options.hosts; i++)
        check_int(1, (int64_t)segment_holding(segment, i, 0));
    check_int(300, (int64_t)segment_holding(segment, 300, 0));
    check_int((int64_t)options.hosts * 2 * (MSI_NODE_RETRIES + 1),
              (int64_t)segment_counts(segment).broadcasts);
    check_int(0, (int64_t)segment_counts(segment).unicasts);
    segment_free(segment);
}

static void cut_in_two(struct segment *segment) {
    for (size_t i = 0; i < HOSTS; i++)
        segment_move(segment, i, segment_random(segment, SEGMENT_PARTS));
}

static void join(struct segment *segment) {
    for (size_t i = 0; i < HOSTS; i++)
        segment_move(segment, i, 0);
}

static size_t names_with_two_owners(const struct segment *segment) {
    size_t two = 0;
    for (size_t name = 0; name < FIRST_GROUP; name++)
        two += segment_holding(segment, name, 0) > 1;
    return two;
}

/* Lets it happen, within the time given, that no name has two owners. */
static void let_owners_notice(struct segment *segment, uint64_t within_ms) {
    for (uint64_t ms = 0; ms < within_ms && names_with_two_owners(segment); ms += 5 * SECOND)
        segment_run(segment, 5 * SECOND);
    segment_run(segment, RECLAIMED);
}

static void both_parts_of_a_cut_segment_have_owners_until_they_are_joined(void **state) {
    (void)state;
    for (uint32_t seed = 11; seed <= 12; seed++) {
        struct segment *segment = a_thousand_hosts(seed, 0);
        segment_run(segment, 2 * MINUTE);
        cut_in_two(segment);
        segment_run(segment, RECLAIMED);
        check_settled(segment);
        join(segment);
        check_int(CONTESTED + 1, (int64_t)names_with_two_owners(segment));
        let_owners_notice(segment, NOTICED);
        check_settled(segment);
        segment_free(segment);
    }
}

/* With loss, a claim may be heard by nobody who could refuse it, so wait for a second chance. */
static void loss_delays_but_does_not_prevent_this(void **state) {
    (void)state;
    for (uint32_t seed = 21; seed <= 22; seed++) {
        struct segment *segment = a_thousand_hosts(seed, 20);
        segment_run(segment, 2 * MINUTE);
        check_settled(segment);
        cut_in_two(segment);
        segment_run(segment, 2 * RECLAIMED);
        check_settled(segment);
        join(segment);
        let_owners_notice(segment, 2 * NOTICED);
        check_settled(segment);
        segment_free(segment);
    }
}

static void after_heavy_loss_has_ended_each_name_has_one_owner(void **state) {
    (void)state;
    for (uint32_t seed = 31; seed <= 31; seed++) {
        struct segment *segment = a_thousand_hosts(seed, 400);
        segment_run(segment, 3 * MINUTE);
        check(names_with_two_owners(segment) > 0);
        segment_lose(segment, 0);
        let_owners_notice(segment, NOTICED);
        check_owners(segment, 0);
        segment_free(segment);
    }
}

static void when_owners_leave_others_take_over(void **state) {
    (void)state;
    for (uint32_t seed = 41; seed <= 42; seed++) {
        struct segment *segment = a_thousand_hosts(seed, 20);
        segment_run(segment, 2 * MINUTE);
        for (size_t name = HOSTS; name <= POPULAR; name++)
            segment_switch_off(segment, segment_holder(segment, name, 0), name % 2);
        for (size_t name = HOSTS; name <= POPULAR; name++)
            check_int(0, (int64_t)segment_holding(segment, name, 0));
        segment_run(segment, RECLAIMED);
        check_settled(segment);
        segment_free(segment);
    }
}

/* Each name in conflict is asked for once a while and refused once, each one held is announced
 * rarely. */
static void a_settled_segment_is_quiet(void **state) {
    (void)state;
    struct segment *segment = a_thousand_hosts(51, 0);
    segment_run(segment, 2 * MINUTE);
    struct segment_counts before = segment_counts(segment);
    segment_run(segment, 5 * MINUTE);
    struct segment_counts after = segment_counts(segment);
    uint64_t in_conflict = HOSTS - CONTESTED - 1, held = FIRST_GROUP;
    uint64_t asked = in_conflict * 300 / MSI_NODE_RECLAIM_S;
    uint64_t announced = held * (300 / MSI_NODE_ANNOUNCE_S);
    check(after.broadcasts - before.broadcasts <= asked + announced);
    check(after.unicasts - before.unicasts <= asked);
    segment_free(segment);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boots_end_with_one_owner_each_and_never_have_two),
        cmocka_unit_test(even_who_boots_at_the_same_instant_has_one_owner),
        cmocka_unit_test(strangers_to_a_name_leave_it_alone),
        cmocka_unit_test(both_parts_of_a_cut_segment_have_owners_until_they_are_joined),
        cmocka_unit_test(loss_delays_but_does_not_prevent_this),
        cmocka_unit_test(after_heavy_loss_has_ended_each_name_has_one_owner),
        cmocka_unit_test(when_owners_leave_others_take_over),
        cmocka_unit_test(a_settled_segment_is_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
