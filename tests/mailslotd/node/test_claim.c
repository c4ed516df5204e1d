/* How a B-node comes by its names, keeps them, loses them and lets them go. */
#include "host.h"

#include <test.h>

/* WIRE: broadcast registration, overwrite demand, broadcast release. */
enum { REGISTRATION = 0x2910, DEMAND = 0x2810, RELEASE = 0x3010, GROUP = 0x8000 };

static struct bytes own_claim(uint16_t id, uint16_t flags) {
    return claim(id, flags, "HOST", 0x20, TTL, 0, OURS);
}

/* ---- Claiming ---- */

static void a_name_is_registered_three_times_250_ms_apart_then_demanded(void **state) {
    (void)state;
    static const uint16_t flags[] = {REGISTRATION, REGISTRATION, REGISTRATION, DEMAND};
    struct host host;
    host_claiming(&host);
    host_run(&host, 100000);
    check_int(4, (int64_t)host.sent_count);
    for (size_t i = 0; i < 4; i++) {
        struct bytes expected = own_claim(id_of(&host.sent[0]), flags[i]);
        check_int(68, (int64_t)expected.len);
        check_sent(&host.sent[i], 0, first_subnet.broadcast, PORT, &expected);
        check_int((int64_t)i * 250, (int64_t)host.sent[i].ms);
    }
    check_int(1, (int64_t)host.told_count);
    check_int(MSI_NAME_HELD, host.told[0].state);
    check_int(750, (int64_t)host.told[0].ms);
    check_int(0, host.told[0].by);
}

static void a_group_is_joined_if_nobody_objects_and_never_announced(void **state) {
    (void)state;
    struct host host;
    msi_node_config config = no_names();
    add_name(&config, "WORKGROUP", 0x00, true);
    host_init(&host, &config);
    host_on(&host, &first_subnet, 1);
    struct bytes expected =
        claim(id_of(&host.sent[0]), REGISTRATION, "WORKGROUP", 0x00, TTL, GROUP, OURS);
    check_sent(&host.sent[0], 0, first_subnet.broadcast, PORT, &expected);
    host_run(&host, 750);
    check_int(MSI_NAME_HELD, host_state(&host));
    check(msi_node_next(&host.node) == UINT64_MAX);
}

static void names_are_claimed_on_every_subnet_by_its_own_address(void **state) {
    (void)state;
    struct host host;
    msi_node_config config = no_names();
    add_name(&config, "HOST", 0x20, false);
    add_name(&config, "HOST", 0x00, false);
    host_init(&host, &config);
    host_on(&host, (msi_subnet[]){first_subnet, second_subnet}, 2);
    check_int(4, (int64_t)host.sent_count);
    for (size_t i = 0; i < 4; i++) {
        const msi_subnet *subnet = i % 2 ? &second_subnet : &first_subnet;
        struct bytes expected =
            claim(id_of(&host.sent[i]), REGISTRATION, "HOST", i < 2 ? 0x20 : 0, TTL, 0, subnet->ip);
        check_sent(&host.sent[i], i % 2, subnet->broadcast, PORT, &expected);
    }
    check(id_of(&host.sent[0]) == id_of(&host.sent[1]));
    check(id_of(&host.sent[0]) != id_of(&host.sent[2]));
}

static void nothing_happens_without_a_subnet(void **state) {
    (void)state;
    struct host host;
    msi_node_config config = no_names();
    add_name(&config, "HOST", 0x20, false);
    host_init(&host, &config);
    check(msi_node_next(&host.node) == UINT64_MAX);
    host_on(&host, NULL, 0);
    check(msi_node_next(&host.node) == UINT64_MAX);
    msi_node_tick(&host.node, 1000);
    check_int(0, (int64_t)(host.sent_count + host.told_count));
    check_int(MSI_NAME_CLAIMING, host_state(&host));
}

static void seeds_give_other_ids_and_other_delays(void **state) {
    (void)state;
    uint16_t ids[2];
    uint64_t next[2];
    for (uint32_t seed = 0; seed < 2; seed++) {
        struct host host;
        msi_node_config config = no_names();
        add_name(&config, "HOST", 0x20, false);
        config.seed = seed;
        host_init(&host, &config);
        host_on(&host, &first_subnet, 1);
        ids[seed] = id_of(&host.sent[0]);
        host_run(&host, 750);
        next[seed] = msi_node_next(&host.node);
    }
    check(ids[0] != ids[1]);
    check(next[0] != next[1]);
}

static void names_beyond_the_most_are_left_out(void **state) {
    (void)state;
    struct host host;
    msi_node_config config = no_names();
    config.name_count = MSI_NODE_NAMES + 1;
    config.server_count = MSI_NODE_SERVERS + 1;
    for (size_t i = 0; i < MSI_NODE_NAMES; i++)
        msi_nbname_set(&config.names[i].name, "HOST", (uint8_t)i);
    host_init(&host, &config);
    host_on(&host, &first_subnet, 1);
    check_int(2 * MSI_NODE_NAMES, (int64_t)host.sent_count); /* a broadcast and a server's each */
}

/* ---- Refused ---- */

static void a_refused_claim_ends_and_is_made_again_after_30_to_60_s(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    host_run(&host, 100);
    struct bytes packet = refusal(id_of(&host.sent[0]));
    check(!host_hears(&host, 0, LOWER, PORT, &packet));
    check_int(MSI_NAME_CONFLICT, host_state(&host));
    check_int(LOWER, host.told[0].by);
    check_int(1, (int64_t)host.sent_count);
    host_run(&host, 29900);
    check_int(1, (int64_t)host.sent_count);
    host_run(&host, 32000);
    check_int(5, (int64_t)host.sent_count);
    check(id_of(&host.sent[1]) != id_of(&host.sent[0]));
    check_int(MSI_NAME_HELD, host_state(&host));
    check_int(MSI_NAME_CLAIMING, host.told[1].state);
}

static void delays_before_claims_are_spread(void **state) {
    (void)state;
    uint64_t least = UINT64_MAX, most = 0;
    struct host host;
    host_claiming(&host);
    for (int i = 0; i < 100; i++) {
        struct bytes packet = refusal(id_of(last_sent(&host)));
        host_hears(&host, 0, LOWER, PORT, &packet);
        uint64_t delay = msi_node_next(&host.node) - host.now;
        least = delay < least ? delay : least;
        most = delay > most ? delay : most;
        host_run(&host, delay / 1000000 + 1);
        host_forget(&host);
        host_run(&host, 250);
    }
    check(least >= 30000000000 && least < 33000000000);
    check(most > 57000000000 && most <= 60000000000);
}

static void each_moment_of_a_claim_can_be_refused(void **state) {
    (void)state;
    for (uint64_t ms = 0; ms < 750 + MSI_NODE_REFUSABLE_MS; ms += 50) {
        struct host host;
        host_claiming(&host);
        host_run(&host, ms);
        struct bytes packet = refusal(id_of(&host.sent[0]));
        host_hears(&host, 0, HIGHER, PORT, &packet);
        check_int(MSI_NAME_CONFLICT, host_state(&host));
    }
}

static void check_not_impressed(struct host *host, uint32_t ip, const struct bytes *packet) {
    msi_name_state before = host_state(host);
    check(!host_hears(host, 0, ip, PORT, packet));
    check_int(before, host_state(host));
}

static void a_refusal_must_be_an_answer_by_somebody_else_to_what_was_sent(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    uint16_t id = id_of(&host.sent[0]);
    struct bytes packet = refusal((uint16_t)(id + 1));
    check_not_impressed(&host, LOWER, &packet);
    packet = refusal(id);
    check_not_impressed(&host, OURS, &packet);
    packet = address_answer(id, 0xad86, "HOST", 0x00, 0, 0, OURS);
    check_not_impressed(&host, LOWER, &packet);
    packet = address_answer(id, 0x8586, "HOST", 0x20, 0, 0, OURS); /* of a query */
    check_not_impressed(&host, LOWER, &packet);
    static const uint16_t other_verdicts[] = {0xad80, 0xad81, 0xad82, 0xad83, 0xad84, 0xad85};
    for (size_t i = 0; i < sizeof other_verdicts / sizeof other_verdicts[0]; i++) {
        packet = address_answer(id, other_verdicts[i], "HOST", 0x20, 0, 0, OURS);
        check_not_impressed(&host, LOWER, &packet);
    }
    host_run(&host, 749 + MSI_NODE_REFUSABLE_MS);
    packet = refusal(id);
    host_run(&host, 1);
    check_not_impressed(&host, LOWER, &packet);
    check_int(MSI_NAME_HELD, host_state(&host));
}

/* ---- Two who claim at once ---- */

static void a_claim_from_a_lower_address_wins(void **state) {
    (void)state;
    static const uint16_t registrations[] = {REGISTRATION, 0x7910};
    for (size_t i = 0; i < 2; i++) {
        struct host host;
        host_claiming(&host);
        struct bytes packet = claim(1, registrations[i], "HOST", 0x20, TTL, 0, LOWER);
        check(!host_hears(&host, 0, LOWER, PORT, &packet));
        check_int(MSI_NAME_CONFLICT, host_state(&host));
        check_int(LOWER, host.told[0].by);
        host_run(&host, 2000);
        check_int(1, (int64_t)host.sent_count);
    }
}

static void a_claim_from_a_higher_or_the_same_address_is_refused(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    struct bytes packet = claim(77, REGISTRATION, "HOST", 0x20, TTL, 0, HIGHER);
    struct bytes expected = address_answer(77, 0xad06, "HOST", 0x20, 0, 0, HIGHER);
    check(host_hears(&host, 0, HIGHER, PORT, &packet));
    check_sent(last_sent(&host), 0, HIGHER, PORT, &expected);
    check(host_hears(&host, 0, OURS, 40000, &packet));
    packet = claim(77, 0x7910, "HOST", 0x20, TTL, 0, HIGHER);
    check(host_hears(&host, 0, HIGHER, PORT, &packet));
    check_int(MSI_NAME_CLAIMING, host_state(&host));
    host_run(&host, 750);
    check_int(MSI_NAME_HELD, host_state(&host));
}

static void addresses_are_compared_on_the_subnet_of_the_claim(void **state) {
    (void)state;
    struct host host;
    msi_node_config config = no_names();
    add_name(&config, "HOST", 0x20, false);
    host_init(&host, &config);
    host_on(&host, (msi_subnet[]){second_subnet, first_subnet}, 2);
    struct bytes packet = claim(1, REGISTRATION, "HOST", 0x20, TTL, 0, HIGHER);
    check(host_hears(&host, 1, HIGHER, PORT, &packet));
    check(host_hears(&host, -1, HIGHER, PORT, &packet));
    check(host_hears(&host, 0, IP(192, 168, 7, 21), PORT, &packet));
    check(!host_hears(&host, 0, IP(192, 168, 7, 19), PORT, &packet));
    check_int(MSI_NAME_CONFLICT, host_state(&host));
}

static void who_says_by_broadcast_that_it_has_the_name_stops_a_claim(void **state) {
    (void)state;
    static const uint16_t flags[] = {DEMAND, 0x4010, 0x4810};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        struct host host;
        host_claiming(&host);
        struct bytes packet = claim(1, flags[i], "HOST", 0x20, TTL, 0, HIGHER);
        check(!host_hears(&host, 0, HIGHER, PORT, &packet));
        check_int(MSI_NAME_CONFLICT, host_state(&host));
    }
}

static void who_claims_by_unicast_is_refused_during_a_claim(void **state) {
    (void)state;
    static const uint16_t flags[] = {0x2900, 0x2800, 0x4000, 0x4800, 0x7900};
    struct host host;
    host_claiming(&host);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        struct bytes packet = claim(1, flags[i], "HOST", 0x20, TTL, 0, LOWER);
        check(host_hears(&host, 0, LOWER, PORT, &packet));
        check_int(0xad06, flags_of(last_sent(&host)));
    }
    check_int(MSI_NAME_CLAIMING, host_state(&host));
}

/* Other users' programs are on it too. */
static void what_the_host_itself_says_takes_no_name_away(void **state) {
    (void)state;
    static const struct {
        int subnet;
        uint32_t ip;
    } here[] = {{MSI_NODE_HERE, IP(127, 0, 0, 1)}, {MSI_NODE_HERE, LOWER}, {-1, OURS}, {0, OURS}};
    for (size_t i = 0; i < sizeof here / sizeof here[0]; i++) {
        struct host host;
        host_claiming(&host);
        struct bytes demand = claim(1, DEMAND, "HOST", 0x20, TTL, 0, here[i].ip);
        struct bytes registration = claim(1, REGISTRATION, "HOST", 0x20, TTL, 0, here[i].ip);
        struct bytes no = refusal(id_of(&host.sent[0]));
        check(host_hears(&host, here[i].subnet, here[i].ip, 40000, &demand));
        check(host_hears(&host, here[i].subnet, here[i].ip, 40000, &registration));
        check(!host_hears(&host, here[i].subnet, here[i].ip, 40000, &no));
        check_int(MSI_NAME_CLAIMING, host_state(&host));
        host_run(&host, 3 * MSI_NODE_RETRY_MS);
        check(!host_hears(&host, here[i].subnet, here[i].ip, 40000, &no));
        check_int(MSI_NAME_HELD, host_state(&host));
        struct bytes query = question(1, 0x0100, "HOST", 0x20, MSI_NS_TYPE_NB);
        check(host_hears(&host, here[i].subnet, here[i].ip, 40000, &query));
    }
}

static void groups_are_joined_at_once_by_many(void **state) {
    (void)state;
    struct host host;
    msi_node_config config = no_names();
    add_name(&config, "WORKGROUP", 0x00, true);
    host_init(&host, &config);
    host_on(&host, &first_subnet, 1);
    struct bytes packet = claim(1, REGISTRATION, "WORKGROUP", 0, TTL, GROUP, LOWER);
    check(!host_hears(&host, 0, LOWER, PORT, &packet));
    check_int(MSI_NAME_CLAIMING, host_state(&host));
    packet = claim(1, REGISTRATION, "WORKGROUP", 0, TTL, 0, LOWER);
    check(!host_hears(&host, 0, LOWER, PORT, &packet));
    check_int(MSI_NAME_CONFLICT, host_state(&host));
}

/* ---- Held, and lost ---- */

static void a_holder_repeats_its_demand_every_5_to_10_minutes(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    uint64_t since = 750, shortest = UINT64_MAX, longest = 0;
    host_run(&host, (uint64_t)50 * 600 * 1000);
    check(host.sent_count >= 50);
    for (size_t i = 0; i < host.sent_count; i++) {
        struct bytes expected = own_claim(id_of(&host.sent[i]), DEMAND);
        check_sent(&host.sent[i], 0, first_subnet.broadcast, PORT, &expected);
        uint64_t wait = host.sent[i].ms - since;
        shortest = wait < shortest ? wait : shortest;
        longest = wait > longest ? wait : longest;
        since = host.sent[i].ms;
    }
    check(shortest >= 299999 && shortest < 350000);
    check(longest > 550000 && longest <= 600001);
    check(id_of(&host.sent[0]) != id_of(&host.sent[1]));
    check_int(0, (int64_t)host.told_count);
}

static void a_holder_whose_demand_is_refused_gives_up(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    while (!host.sent_count)
        host_run(&host, 1000);
    struct bytes packet = refusal(id_of(&host.sent[0]));
    host_hears(&host, 0, HIGHER, PORT, &packet);
    check_int(MSI_NAME_CONFLICT, host_state(&host));
    check_int(HIGHER, host.told[0].by);
}

static void a_holder_refuses_whoever_else_demands_its_name(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    struct bytes packet = claim(5, DEMAND, "HOST", 0x20, TTL, 0, LOWER);
    check(host_hears(&host, 0, LOWER, PORT, &packet));
    check_int(MSI_NAME_HELD, host_state(&host));
}

static struct bytes conflict_demand(uint16_t id, const char *name) {
    return address_answer(id, 0xad87, name, 0x20, 0, 0, OURS);
}

static void a_conflict_demand_with_the_claims_id_ends_it(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    struct bytes packet = conflict_demand(id_of(&host.sent[0]), "HOST");
    check(!host_hears(&host, 0, LOWER, PORT, &packet));
    check_int(MSI_NAME_CONFLICT, host_state(&host));
}

static void any_other_conflict_demand_makes_a_holder_ask_within_a_minute_of_the_last(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    uint64_t before = msi_node_next(&host.node);
    struct bytes packet = conflict_demand(1, "HOST");
    check_not_impressed(&host, LOWER, &packet);
    uint64_t due = msi_node_next(&host.node) / 1000000;
    check(due < before / 1000000 && due == 750 + 60000);
    for (int i = 0; i < 1000; i++) {
        check_not_impressed(&host, LOWER, &packet);
        host_run(&host, 100);
    }
    check_int(1, (int64_t)host.sent_count);
    check_int(DEMAND, flags_of(&host.sent[0]));
    check_int(MSI_NAME_HELD, host_state(&host));
    host_run(&host, 90000);
    host_forget(&host);
    check_not_impressed(&host, LOWER, &packet);
    host_run(&host, 1000);
    check_int(1, (int64_t)host.sent_count);
}

static void a_conflict_demand_does_not_put_off_what_is_due(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    uint64_t due = msi_node_next(&host.node);
    host_run(&host, (due - host.now) / 1000000);
    struct bytes packet = conflict_demand(1, "HOST");
    check_not_impressed(&host, LOWER, &packet);
    check(msi_node_next(&host.node) == due);
}

static void a_conflict_demand_out_of_turn_is_nothing_to_a_claim_or_a_group(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    struct bytes packet = conflict_demand((uint16_t)(id_of(&host.sent[0]) + 1), "HOST");
    uint64_t next = msi_node_next(&host.node);
    check_not_impressed(&host, LOWER, &packet);
    check(next == msi_node_next(&host.node));
    msi_node_config config = no_names();
    add_name(&config, "GROUP", 0x20, true);
    host_init(&host, &config);
    host_on(&host, &first_subnet, 1);
    host_run(&host, 5000);
    packet = conflict_demand(1, "GROUP");
    check_not_impressed(&host, LOWER, &packet);
    check(msi_node_next(&host.node) == UINT64_MAX);
}

static void a_name_in_conflict_is_not_defended_nor_lost_again(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    struct bytes packet = refusal(id_of(&host.sent[0]));
    host_hears(&host, 0, LOWER, PORT, &packet);
    uint64_t next = msi_node_next(&host.node);
    host_hears(&host, 0, LOWER, PORT, &packet);
    packet = claim(1, REGISTRATION, "HOST", 0x20, TTL, 0, HIGHER);
    check(!host_hears(&host, 0, HIGHER, PORT, &packet));
    check(next == msi_node_next(&host.node));
    check_int(1, (int64_t)host.told_count);
}

/* ---- Releases ---- */

static void release_tells_every_subnet_once_and_is_the_end(void **state) {
    (void)state;
    struct host host;
    msi_node_config config = no_names();
    add_name(&config, "HOST", 0x20, false);
    add_name(&config, "GROUP", 0x00, true);
    host_init(&host, &config);
    host_on(&host, (msi_subnet[]){first_subnet, second_subnet}, 2);
    host_run(&host, 5000);
    host_forget(&host);
    msi_node_release(&host.node, host.now);
    check_int(4, (int64_t)host.sent_count);
    struct bytes expected =
        claim(id_of(&host.sent[1]), RELEASE, "HOST", 0x20, 0, 0, second_subnet.ip);
    check_sent(&host.sent[1], 1, second_subnet.broadcast, PORT, &expected);
    expected = claim(id_of(&host.sent[2]), RELEASE, "GROUP", 0x00, 0, GROUP, OURS);
    check_sent(&host.sent[2], 0, first_subnet.broadcast, PORT, &expected);
    check_int(2, (int64_t)host.told_count);
    check_int(MSI_NAME_RELEASED, host_state(&host));
    struct bytes packet = question(1, 0x0100, "HOST", 0x20, 0x20);
    check(!host_hears(&host, 0, LOWER, PORT, &packet));
    host_on(&host, &first_subnet, 1);
    check(msi_node_next(&host.node) == UINT64_MAX);
    msi_node_release(&host.node, host.now);
    check_int(4, (int64_t)host.sent_count);
}

static void what_is_not_held_is_not_released(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    msi_node_release(&host.node, host.now);
    check_int(1, (int64_t)host.sent_count);
    check_int(MSI_NAME_RELEASED, host_state(&host));
}

/* ---- Subnets ---- */

static void a_new_subnet_is_claimed_while_the_name_is_held(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    host_on(&host, (msi_subnet[]){second_subnet, first_subnet}, 2);
    host_run(&host, 1000);
    check_int(4, (int64_t)host.sent_count);
    check_int(0, (int64_t)host.told_count);
    for (size_t i = 0; i < 4; i++) {
        struct bytes expected = claim(id_of(&host.sent[0]), i < 3 ? REGISTRATION : DEMAND, "HOST",
                                      0x20, TTL, 0, second_subnet.ip);
        check_sent(&host.sent[i], 0, second_subnet.broadcast, PORT, &expected);
    }
}

static void a_name_refused_on_a_new_subnet_is_lost(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    host_on(&host, (msi_subnet[]){first_subnet, second_subnet}, 2);
    struct bytes packet = refusal(id_of(&host.sent[0]));
    host_hears(&host, 1, IP(192, 168, 7, 1), PORT, &packet);
    check_int(MSI_NAME_CONFLICT, host_state(&host));
    host_run(&host, 61000);
    check_int(MSI_NAME_HELD, host_state(&host));
    check_int(0, host.sent[1].subnet);
    check_int(1, host.sent[2].subnet);
}

static void claims_go_along_when_subnets_change_places(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    host_on(&host, (msi_subnet[]){first_subnet, second_subnet}, 2);
    host_on(&host, (msi_subnet[]){second_subnet, first_subnet}, 2);
    host_run(&host, 1000);
    check_int(4, (int64_t)host.sent_count);
    for (size_t i = 0; i < 4; i++) {
        check_int(i ? 0 : 1, host.sent[i].subnet);
        check_int(second_subnet.broadcast, host.sent[i].to.ip);
    }
}

static void a_subnet_that_goes_again_is_claimed_no_further(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    host_on(&host, (msi_subnet[]){first_subnet, second_subnet}, 2);
    host_on(&host, &first_subnet, 1);
    host_run(&host, 10000);
    check_int(2, (int64_t)host.sent_count);
    check_int(DEMAND, flags_of(&host.sent[1]));
    check_int(first_subnet.broadcast, host.sent[1].to.ip);
    check_int(MSI_NAME_HELD, host_state(&host));
}

static void an_unchanged_list_of_subnets_changes_nothing(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    uint64_t next = msi_node_next(&host.node);
    host_on(&host, &first_subnet, 1);
    check(next == msi_node_next(&host.node));
    check_int(0, (int64_t)(host.sent_count + host.told_count));
}

static void elsewhere_every_name_is_claimed_anew(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    host_on(&host, &second_subnet, 1);
    check_int(MSI_NAME_CLAIMING, host_state(&host));
    check_int(1, (int64_t)host.sent_count);
    struct bytes packet = refusal(id_of(&host.sent[0]));
    host_hears(&host, 0, IP(192, 168, 7, 9), PORT, &packet);
    check_int(MSI_NAME_CONFLICT, host_state(&host));
    host_on(&host, &first_subnet, 1);
    host_run(&host, 750);
    check_int(MSI_NAME_HELD, host_state(&host));
    host_on(&host, NULL, 0);
    check_int(MSI_NAME_CLAIMING, host_state(&host));
    check(msi_node_next(&host.node) == UINT64_MAX);
}

static void a_claim_begins_again_when_subnets_change(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    host_run(&host, 600);
    host_forget(&host);
    host_on(&host, (msi_subnet[]){first_subnet, second_subnet}, 2);
    host_run(&host, 5000);
    check_int(8, (int64_t)host.sent_count);
}

static void a_name_in_conflict_stays_so_when_a_subnet_is_added(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    struct bytes packet = refusal(id_of(&host.sent[0]));
    host_hears(&host, 0, LOWER, PORT, &packet);
    uint64_t next = msi_node_next(&host.node);
    host_on(&host, (msi_subnet[]){first_subnet, second_subnet}, 2);
    check_int(MSI_NAME_CONFLICT, host_state(&host));
    check(next == msi_node_next(&host.node));
}

static void subnets_beyond_the_most_are_left_out(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    msi_subnet many[MSI_NODE_SUBNETS + 4];
    for (uint32_t i = 0; i < MSI_NODE_SUBNETS + 4; i++)
        many[i] = (msi_subnet){IP(10, 1, i, 1), IP(10, 1, i, 255), NETMASK};
    host_on(&host, many, MSI_NODE_SUBNETS + 4);
    check_int(MSI_NODE_SUBNETS, (int64_t)host.sent_count);
    check_int(MSI_NODE_SUBNETS - 1, last_sent(&host)->subnet);
}

static void a_name_is_held_on_as_many_subnets_as_there_can_be(void **state) {
    (void)state;
    struct host host;
    msi_subnet many[MSI_NODE_SUBNETS];
    for (uint32_t i = 0; i < MSI_NODE_SUBNETS; i++)
        many[i] = (msi_subnet){IP(10, 1, i, 1), IP(10, 1, i, 255), NETMASK};
    msi_node_config config = no_names();
    add_name(&config, "HOST", 0x20, false);
    host_init(&host, &config);
    host_on(&host, many, MSI_NODE_SUBNETS);
    host_run(&host, 5000);
    check_int(MSI_NAME_HELD, host_state(&host));
    check_int((MSI_NODE_RETRIES + 1) * MSI_NODE_SUBNETS, (int64_t)host.sent_count);
}

/* ---- Forgers ---- */

#define ELSEWHERE IP(172, 20, 0, 5) /* on none of the subnets */

/* All ids there are, from one address, with the given verdict. */
static void hear_every_id(struct host *host, uint32_t ip, uint16_t port, uint16_t verdict) {
    for (unsigned id = 0; id <= UINT16_MAX; id++) {
        struct bytes packet = address_answer((uint16_t)id, verdict, "HOST", 0x20, 0, 0, OURS);
        check(!host_hears(host, 0, ip, port, &packet));
    }
}

static const uint16_t refusal_and_conflict[] = {0xad86, 0xad87};

static void who_is_off_the_segment_takes_no_name(void **state) {
    (void)state;
    for (uint64_t ms = 0; ms < 750 + MSI_NODE_REFUSABLE_MS; ms += 125) {
        struct host host;
        host_claiming(&host);
        host_run(&host, ms);
        for (size_t i = 0; i < 2; i++)
            hear_every_id(&host, ELSEWHERE, PORT, refusal_and_conflict[i]);
        host_run(&host, 750);
        check_int(MSI_NAME_HELD, host_state(&host));
        check_int(0, host.forgeries);
    }
}

static void who_is_off_the_segment_makes_nobody_ask(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    uint64_t due = msi_node_next(&host.node);
    hear_every_id(&host, ELSEWHERE, PORT, 0xad87);
    check(msi_node_next(&host.node) == due);
}

/* The broadcast flag in a packet proves no broadcast. */
static void a_claim_from_off_the_segment_is_refused(void **state) {
    (void)state;
    static const uint16_t flags[] = {REGISTRATION, DEMAND, 0x4010, 0x7910};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        struct host host;
        host_claiming(&host);
        struct bytes packet = claim(1, flags[i], "HOST", 0x20, TTL, 0, IP(1, 0, 0, 1));
        check(host_hears(&host, 0, IP(1, 0, 0, 1), PORT, &packet));
        check_int(MSI_NAME_CLAIMING, host_state(&host));
    }
}

static void a_response_from_another_port_takes_no_name(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    hear_every_id(&host, LOWER, 40000, 0xad86);
    host_run(&host, 750);
    check_int(MSI_NAME_HELD, host_state(&host));
}

static void a_response_from_a_subnet_that_was_not_asked_takes_no_name(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    host_on(&host, (msi_subnet[]){first_subnet, second_subnet}, 2);
    struct bytes packet = refusal(id_of(last_sent(&host)));
    check_int(1, last_sent(&host)->subnet);
    check_not_impressed(&host, LOWER, &packet); /* received on the first */
    check(!host_hears(&host, 1, IP(192, 168, 7, 30), PORT, &packet));
    check_int(MSI_NAME_CONFLICT, host_state(&host));
}

/* On the segment, but without seeing the claim: ids by number, but never the right one by then. */
static void who_guesses_ids_on_the_segment_is_ignored_and_told_of(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    for (unsigned request = 0; request < 4; request++) {
        uint16_t id = id_of(last_sent(&host));
        for (unsigned i = 1; i <= 1000; i++) {
            struct bytes packet = refusal((uint16_t)(id + i));
            check_not_impressed(&host, LOWER, &packet);
        }
        struct bytes late = refusal(id); /* the right one, after all those */
        check_not_impressed(&host, LOWER, &late);
        check_int((int64_t)request + 1, host.forgeries);
        host_run(&host, MSI_NODE_RETRY_MS);
        check(request == 3 || id_of(last_sent(&host)) != id);
    }
    check_int(MSI_NAME_HELD, host_state(&host));
}

static void a_true_owner_is_heard_in_spite_of_a_forger(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    for (unsigned i = 1; i <= 1000; i++) {
        struct bytes packet = refusal((uint16_t)(id_of(last_sent(&host)) + i));
        check_not_impressed(&host, LOWER, &packet);
    }
    host_run(&host, MSI_NODE_RETRY_MS);
    struct bytes packet = refusal(id_of(last_sent(&host)));
    check(!host_hears(&host, 0, HIGHER, PORT, &packet));
    check_int(MSI_NAME_CONFLICT, host_state(&host));
    check_int(HIGHER, host.told[host.told_count - 1].by);
}

static void a_few_late_answers_are_no_forgery(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    for (unsigned i = 1; i < MSI_NODE_STRAYS_MAX; i++) {
        struct bytes packet = refusal((uint16_t)(id_of(&host.sent[0]) + i));
        check_not_impressed(&host, LOWER, &packet);
    }
    check_int(0, host.forgeries);
    struct bytes packet = refusal(id_of(&host.sent[0]));
    check(!host_hears(&host, 0, LOWER, PORT, &packet));
    check_int(MSI_NAME_CONFLICT, host_state(&host));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_off_the_segment_takes_no_name),
        cmocka_unit_test(who_is_off_the_segment_makes_nobody_ask),
        cmocka_unit_test(a_claim_from_off_the_segment_is_refused),
        cmocka_unit_test(a_response_from_another_port_takes_no_name),
        cmocka_unit_test(a_response_from_a_subnet_that_was_not_asked_takes_no_name),
        cmocka_unit_test(who_guesses_ids_on_the_segment_is_ignored_and_told_of),
        cmocka_unit_test(a_true_owner_is_heard_in_spite_of_a_forger),
        cmocka_unit_test(a_few_late_answers_are_no_forgery),
        cmocka_unit_test(a_name_is_registered_three_times_250_ms_apart_then_demanded),
        cmocka_unit_test(a_group_is_joined_if_nobody_objects_and_never_announced),
        cmocka_unit_test(names_are_claimed_on_every_subnet_by_its_own_address),
        cmocka_unit_test(nothing_happens_without_a_subnet),
        cmocka_unit_test(seeds_give_other_ids_and_other_delays),
        cmocka_unit_test(names_beyond_the_most_are_left_out),
        cmocka_unit_test(a_refused_claim_ends_and_is_made_again_after_30_to_60_s),
        cmocka_unit_test(delays_before_claims_are_spread),
        cmocka_unit_test(each_moment_of_a_claim_can_be_refused),
        cmocka_unit_test(a_refusal_must_be_an_answer_by_somebody_else_to_what_was_sent),
        cmocka_unit_test(a_claim_from_a_lower_address_wins),
        cmocka_unit_test(a_claim_from_a_higher_or_the_same_address_is_refused),
        cmocka_unit_test(addresses_are_compared_on_the_subnet_of_the_claim),
        cmocka_unit_test(who_says_by_broadcast_that_it_has_the_name_stops_a_claim),
        cmocka_unit_test(who_claims_by_unicast_is_refused_during_a_claim),
        cmocka_unit_test(what_the_host_itself_says_takes_no_name_away),
        cmocka_unit_test(groups_are_joined_at_once_by_many),
        cmocka_unit_test(a_holder_repeats_its_demand_every_5_to_10_minutes),
        cmocka_unit_test(a_holder_whose_demand_is_refused_gives_up),
        cmocka_unit_test(a_holder_refuses_whoever_else_demands_its_name),
        cmocka_unit_test(a_conflict_demand_with_the_claims_id_ends_it),
        cmocka_unit_test(any_other_conflict_demand_makes_a_holder_ask_within_a_minute_of_the_last),
        cmocka_unit_test(a_conflict_demand_does_not_put_off_what_is_due),
        cmocka_unit_test(a_conflict_demand_out_of_turn_is_nothing_to_a_claim_or_a_group),
        cmocka_unit_test(a_name_in_conflict_is_not_defended_nor_lost_again),
        cmocka_unit_test(release_tells_every_subnet_once_and_is_the_end),
        cmocka_unit_test(what_is_not_held_is_not_released),
        cmocka_unit_test(a_new_subnet_is_claimed_while_the_name_is_held),
        cmocka_unit_test(a_name_refused_on_a_new_subnet_is_lost),
        cmocka_unit_test(claims_go_along_when_subnets_change_places),
        cmocka_unit_test(a_subnet_that_goes_again_is_claimed_no_further),
        cmocka_unit_test(an_unchanged_list_of_subnets_changes_nothing),
        cmocka_unit_test(elsewhere_every_name_is_claimed_anew),
        cmocka_unit_test(a_claim_begins_again_when_subnets_change),
        cmocka_unit_test(a_name_in_conflict_stays_so_when_a_subnet_is_added),
        cmocka_unit_test(subnets_beyond_the_most_are_left_out),
        cmocka_unit_test(a_name_is_held_on_as_many_subnets_as_there_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
