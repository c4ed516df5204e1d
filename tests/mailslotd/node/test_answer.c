/* What a node answers to others: queries, node status, and claims of its names. */
#include "host.h"

#include <test.h>

enum { GROUP = 0x8000, NB = 0x20, STATUS = 0x21 };
enum { ASKER = IP(10, 0, 0, 200), ASKER_PORT = 50137 };

/* HOST<20>, GROUP<1e> and OTHER<00> held on two subnets. */
static void hold_three(struct host *host, bool wins) {
    msi_node_config config = no_names();
    add_name(&config, "HOST", 0x20, false);
    add_name(&config, "GROUP", 0x1e, true);
    add_name(&config, "OTHER", 0x00, false);
    memcpy(config.unit_id, "\x02\x01\x02\x03\x04\x05", 6);
    config.servers[0] = SERVER;
    config.server_count = wins;
    host_init(host, &config);
    host_on(host, (msi_subnet[]){first_subnet, second_subnet}, 2);
    host_run(host, 10000);
    host_forget(host);
}

static bool asked(struct host *host, int subnet, const struct bytes *packet) {
    return host_hears(host, subnet, ASKER, ASKER_PORT, packet);
}

static void check_answered(struct host *host, int subnet, const struct bytes *packet,
                           const struct bytes *expected) {
    check(asked(host, subnet, packet));
    check_sent(last_sent(host), subnet, ASKER, ASKER_PORT, expected);
}

static void put_address(unsigned char *out, uint16_t flags, uint32_t ip) {
    msi_put_be16(out, flags);
    msi_put_be32(out + 2, ip);
}

/* ---- Queries ---- */

static void a_query_is_answered_with_every_address_the_asked_subnets_first(void **state) {
    (void)state;
    static const uint16_t queries[] = {0x0110, 0x0100, 0x0000};
    struct host host;
    unsigned char data[12];
    hold_three(&host, false);
    for (size_t i = 0; i < 6; i++) {
        int subnet = (int)i / 3;
        put_address(data + 6 * subnet, 0, OURS);
        put_address(data + 6 * !subnet, 0, second_subnet.ip);
        struct bytes packet = question(900, queries[i % 3], "HOST", 0x20, NB);
        struct bytes expected = answer(900, 0x8500, "HOST", 0x20, NB, TTL, data, 12);
        check_answered(&host, subnet, &packet, &expected);
    }
    struct bytes packet = question(1, 0x0110, "HOST", 0x20, NB);
    check(asked(&host, -1, &packet));
}

static void a_third_subnets_address_comes_first_when_asked_there(void **state) {
    (void)state;
    struct host host;
    hold_three(&host, false);
    msi_subnet third = {IP(172, 16, 0, 1), IP(172, 16, 0, 255), NETMASK};
    host_on(&host, (msi_subnet[]){first_subnet, second_subnet, third}, 3);
    host_run(&host, 5000);
    unsigned char data[18];
    put_address(data, 0, third.ip);
    put_address(data + 6, 0, OURS);
    put_address(data + 12, 0, second_subnet.ip);
    struct bytes packet = question(1, 0x0110, "HOST", 0x20, NB);
    struct bytes expected = answer(1, 0x8500, "HOST", 0x20, NB, TTL, data, sizeof data);
    check_answered(&host, 2, &packet, &expected);
}

static void a_group_is_answered_for_as_one(void **state) {
    (void)state;
    struct host host;
    unsigned char data[12];
    hold_three(&host, false);
    put_address(data, GROUP, OURS);
    put_address(data + 6, GROUP, second_subnet.ip);
    struct bytes packet = question(2, 0x0110, "GROUP", 0x1e, NB);
    struct bytes expected = answer(2, 0x8500, "GROUP", 0x1e, NB, TTL, data, 12);
    check_answered(&host, 0, &packet, &expected);
}

static void everybody_is_the_host_too(void **state) {
    (void)state;
    static const uint16_t queries[] = {0x0110, 0x0100};
    struct host host;
    unsigned char data[12];
    hold_three(&host, false);
    put_address(data, 0, OURS);
    put_address(data + 6, 0, second_subnet.ip);
    for (size_t i = 0; i < 2; i++) {
        struct bytes packet = question(3, queries[i], "*", 0, NB);
        struct bytes expected = answer(3, 0x8500, "*", 0, NB, TTL, data, 12);
        check_answered(&host, 0, &packet, &expected);
    }
}

static void an_h_node_says_that_it_is_one(void **state) {
    (void)state;
    struct host host;
    hold_three(&host, true);
    struct bytes packet = question(3, 0x0110, "GROUP", 0x1e, NB);
    check(asked(&host, 0, &packet));
    check_int(0xe000, msi_get_be16(last_sent(&host)->bytes.at + 56));
}

static void a_name_not_held_is_denied_to_who_asks_by_unicast_only(void **state) {
    (void)state;
    struct host host;
    hold_three(&host, false);
    struct bytes packet = question(4, 0x0110, "HOST", 0x00, NB);
    check(!asked(&host, 0, &packet));
    packet = question(4, 0x0100, "HOST", 0x00, NB);
    struct bytes expected = answer(4, 0x8503, "HOST", 0x00, 0x0a, 0, NULL, 0);
    check_answered(&host, 0, &packet, &expected);
}

static void a_name_is_not_answered_for_before_it_is_held_nor_in_conflict(void **state) {
    (void)state;
    struct host host;
    host_claiming(&host);
    struct bytes queries[] = {
        question(1, 0x0110, "HOST", 0x20, NB), question(1, 0x0110, "*", 0, NB),
        question(1, 0x0110, "HOST", 0x20, STATUS), question(1, 0x0000, "*", 0, STATUS)};
    for (size_t i = 0; i < 4; i++)
        check(!asked(&host, 0, &queries[i]));
    struct bytes packet = refusal(id_of(&host.sent[0]));
    host_hears(&host, 0, LOWER, PORT, &packet);
    for (size_t i = 0; i < 4; i++)
        check(!asked(&host, 0, &queries[i]));
    packet = question(1, 0x0100, "HOST", 0x20, NB);
    check(asked(&host, 0, &packet));
    check_int(0x8503, flags_of(last_sent(&host)));
}

static void other_questions_are_not_answered(void **state) {
    (void)state;
    struct host host;
    hold_three(&host, false);
    struct bytes packet = question(1, 0x0100, "HOST", 0x20, 0x0a);
    check(!asked(&host, 0, &packet));
    packet = address_answer(1, 0x0100, "HOST", 0x20, 0, 0, ASKER); /* no question at all */
    check(!asked(&host, 0, &packet));
}

static void names_are_of_one_scope(void **state) {
    (void)state;
    struct host host;
    msi_node_config config = no_names();
    add_name(&config, "HOST", 0x20, false);
    check(msi_nbname_set_scope(&config.names[0].name, "lab.test"));
    host_init(&host, &config);
    host_on(&host, &first_subnet, 1);
    host_run(&host, 5000);
    for (int i = 0; i < 2; i++) {
        msi_ns_packet query = {.flags = MSI_NS_BROADCAST,
                               .has_question = true,
                               .name = config.names[0].name,
                               .question_type = NB};
        if (i)
            msi_nbname_set(&query.name, "*", 0);
        struct bytes packet;
        query.name.scope_len = 0;
        packet.len = msi_ns_encode(&query, packet.at, sizeof packet.at);
        check(!asked(&host, 0, &packet));
        check(msi_nbname_set_scope(&query.name, "LAB.test"));
        packet.len = msi_ns_encode(&query, packet.at, sizeof packet.at);
        check(asked(&host, 0, &packet));
    }
}

/* ---- Node status ---- */

static void node_status_lists_the_names_held(void **state) {
    (void)state;
    static const unsigned char names[] = "\3"
                                         "HOST           \x20\x04\x00"
                                         "GROUP          \x1e\x84\x00"
                                         "OTHER          \x00\x04\x00"
                                         "\x02\x01\x02\x03\x04\x05";
    unsigned char data[1 + 3 * 18 + 46] = {0};
    memcpy(data, names, sizeof names - 1);
    struct host host;
    hold_three(&host, false);
    const struct {
        const char *name;
        uint8_t suffix;
        uint16_t flags;
    } queries[] = {{"*", 0, 0}, {"*", 0, 0x0010}, {"HOST", 0x20, 0}, {"GROUP", 0x1e, 0x0010}};
    for (size_t i = 0; i < 4; i++) {
        struct bytes packet =
            question(6, queries[i].flags, queries[i].name, queries[i].suffix, STATUS);
        struct bytes expected =
            answer(6, 0x8400, queries[i].name, queries[i].suffix, STATUS, 0, data, sizeof data);
        check_answered(&host, 1, &packet, &expected);
    }
    struct bytes packet = question(6, 0, "HOST", 0x21, STATUS);
    check(!asked(&host, 1, &packet));
}

static void node_status_leaves_out_what_is_in_conflict(void **state) {
    (void)state;
    struct host host;
    msi_node_config config = no_names();
    add_name(&config, "HOST", 0x20, false);
    add_name(&config, "HOST", 0x00, false);
    host_init(&host, &config);
    host_on(&host, &first_subnet, 1);
    struct bytes packet = refusal(id_of(&host.sent[0]));
    host_hears(&host, 0, LOWER, PORT, &packet);
    host_run(&host, 5000);
    packet = question(6, 0, "*", 0, STATUS);
    check(asked(&host, 0, &packet));
    check_int(1, last_sent(&host)->bytes.at[56]);
    check_int(0x00, last_sent(&host)->bytes.at[57 + 15]);
}

/* ---- Claims ---- */

static void every_claim_of_a_held_name_is_refused(void **state) {
    (void)state;
    static const uint16_t flags[] = {
        0x2910, 0x2900, 0x2810, 0x2800, /* registrations and overwrite demands */
        0x4010, 0x4000, 0x4810, 0x4800, /* refreshes */
        0x7910, 0x7900,                 /* multihomed */
    };
    struct host host;
    hold_three(&host, false);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        struct bytes packet = claim((uint16_t)i, flags[i], "HOST", 0x20, 1234, 0x6000, ASKER);
        struct bytes expected = address_answer((uint16_t)i, 0xad06, "HOST", 0x20, 0, 0x6000, ASKER);
        check(expected.len < packet.len);
        check_answered(&host, 0, &packet, &expected);
    }
    check_int(0, (int64_t)host.told_count);
}

static void a_group_may_be_joined_but_not_be_taken(void **state) {
    (void)state;
    static const uint16_t flags[] = {0x2910, 0x2900, 0x2810, 0x4000, 0x7900};
    struct host host;
    hold_three(&host, false);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        struct bytes packet = claim(1, flags[i], "GROUP", 0x1e, TTL, GROUP, ASKER);
        check(!asked(&host, 0, &packet));
        packet = claim(1, flags[i], "GROUP", 0x1e, TTL, 0, ASKER);
        check(asked(&host, 0, &packet));
        packet = claim(1, flags[i], "HOST", 0x20, TTL, GROUP, ASKER);
        check(asked(&host, 0, &packet));
    }
}

static void what_others_call_themselves_does_not_matter(void **state) {
    (void)state;
    struct host host;
    hold_three(&host, false);
    struct bytes packet = claim(1, 0x2910, "HOST", 0x00, TTL, 0, ASKER);
    check(!asked(&host, 0, &packet));
    packet = claim(1, 0x2910, "*", 0x00, TTL, 0, ASKER);
    check(!asked(&host, 0, &packet));
}

static void releases_by_others_change_nothing(void **state) {
    (void)state;
    static const uint16_t flags[] = {0x3010, 0x3000, 0x3100};
    struct host host;
    hold_three(&host, false);
    uint64_t next = msi_node_next(&host.node);
    for (size_t i = 0; i < 3; i++) {
        struct bytes packet = claim(1, flags[i], "GROUP", 0x1e, 0, GROUP, ASKER);
        check(!asked(&host, 0, &packet));
        packet = claim(1, flags[i], "HOST", 0x20, 0, 0, OURS);
        check(!asked(&host, 0, &packet));
    }
    check(next == msi_node_next(&host.node));
    check_int(0, (int64_t)host.told_count);
}

static void what_is_no_whole_claim_is_none(void **state) {
    (void)state;
    struct host host;
    hold_three(&host, false);
    struct bytes packet = question(1, 0x2910, "HOST", 0x20, NB);
    check(!asked(&host, 0, &packet)); /* no record */
    packet = claim(1, 0x2910, "HOST", 0x20, 0, 0, ASKER);
    packet.at[61] = 5; /* too short for an address */
    check(!asked(&host, 0, &packet));
    packet = claim(1, 0x2910, "HOST", 0x20, 0, 0, ASKER);
    packet.at[53] = STATUS; /* the record's type */
    check(!asked(&host, 0, &packet));
    packet.at[53] = NB;
    packet.at[47] = STATUS; /* the question's */
    check(!asked(&host, 0, &packet));
    packet.at[47] = NB;
    check(asked(&host, 0, &packet));
    packet = address_answer(1, 0x2910, "HOST", 0x20, 0, 0, ASKER); /* no question */
    check(!asked(&host, 0, &packet));
}

static void a_record_about_another_name_is_no_claim(void **state) {
    (void)state;
    struct host host;
    hold_three(&host, false);
    struct bytes ours = claim(1, 0x2910, "HOST", 0x20, 0, 0, ASKER);
    struct bytes other = address_answer(1, 0, "OTHER", 0, 0, 0, ASKER);
    memcpy(ours.at + 50, other.at + 12, other.len - 12);
    ours.len = 50 + other.len - 12;
    check(!asked(&host, 0, &ours));
}

/* ---- Whom not to answer ---- */

static void nothing_is_sent_to_broadcast_addresses_or_port_0(void **state) {
    (void)state;
    static const uint32_t nobody[] = {
        IP(10, 0, 0, 255),      IP(192, 168, 7, 255), 0,
        IP(255, 255, 255, 255), IP(224, 0, 0, 1),     IP(240, 0, 0, 1)};
    struct host host;
    hold_three(&host, false);
    struct bytes packets[] = {
        question(1, 0x0110, "HOST", 0x20, NB), question(1, 0x0100, "NOBODY", 0x20, NB),
        question(1, 0x0000, "*", 0, STATUS), claim(1, 0x2910, "HOST", 0x20, 0, 0, ASKER)};
    for (size_t i = 0; i < 4; i++) {
        check(host_hears(&host, 0, ASKER, PORT, &packets[i]));
        check(!host_hears(&host, 0, ASKER, 0, &packets[i]));
        for (size_t j = 0; j < sizeof nobody / sizeof nobody[0]; j++)
            check(!host_hears(&host, 0, nobody[j], PORT, &packets[i]));
    }
}

static void own_packets_are_left_alone_but_other_programs_of_the_host_are_not(void **state) {
    (void)state;
    struct host host;
    hold_three(&host, false);
    struct bytes packet = question(1, 0x0110, "HOST", 0x20, NB);
    check(!host_hears(&host, 0, OURS, PORT, &packet));
    check(!host_hears(&host, 0, second_subnet.ip, PORT, &packet));
    check(host_hears(&host, 0, OURS, 40000, &packet));
}

static void responses_are_never_answered(void **state) {
    (void)state;
    struct host host;
    hold_three(&host, false);
    for (unsigned flags = 0x8000; flags <= 0xffff; flags++) {
        if (flags & 0x0260) /* truncated, and bits that mean nothing: as without */
            continue;
        struct bytes packet = address_answer(1, (uint16_t)flags, "HOST", 0x20, 0, 0, ASKER);
        msi_node_receive(&host.node, 0, (msi_udp_address){ASKER, PORT}, packet.at, packet.len,
                         host.now);
    }
    check_int(0, (int64_t)(host.sent_count + host.told_count));
}

static void what_is_unsound_is_told_and_ignored(void **state) {
    (void)state;
    struct host host;
    hold_three(&host, false);
    struct bytes packet = claim(1, 0x2910, "HOST", 0x20, 0, 0, ASKER);
    for (size_t len = 0; len < packet.len; len++)
        check(msi_node_receive(&host.node, 0, (msi_udp_address){ASKER, PORT}, packet.at, len,
                               host.now) != MSI_WIRE_SOUND);
    check_int(0, (int64_t)host.sent_count);
}

static void a_subnet_that_is_none_is_as_unknown(void **state) {
    (void)state;
    struct host host;
    hold_three(&host, false);
    struct bytes packet = question(1, 0x0110, "HOST", 0x20, NB);
    msi_udp_address from = {ASKER, PORT};
    msi_node_receive(&host.node, 2, from, packet.at, packet.len, host.now);
    check_int(-1, last_sent(&host)->subnet);
    msi_node_receive(&host.node, -7, from, packet.at, packet.len, host.now);
    check_int(-1, last_sent(&host)->subnet);
}

/* ---- Hosts elsewhere ---- */

static unsigned answers_to(struct host *host, uint32_t ip, unsigned requests) {
    unsigned answers = 0;
    for (unsigned i = 0; i < requests; i++) {
        struct bytes packet = question((uint16_t)i, 0, "*", 0, MSI_NS_TYPE_STATUS);
        host_forget(host);
        answers += host_hears(host, 0, ip, PORT, &packet);
    }
    return answers;
}

/* Each answer is longer than its request, and a source address may be a third host's. */
static void hosts_elsewhere_get_a_few_answers_a_second(void **state) {
    (void)state;
    struct host host;
    host_holding(&host);
    host_run(&host, 1000 - host.now / 1000000 % 1000);
    check_int(MSI_NODE_ROUTED_PER_S, answers_to(&host, IP(172, 20, 0, 5), 1000));
    check_int(0, answers_to(&host, IP(172, 20, 0, 6), 1000));
    check_int(200, answers_to(&host, LOWER, 200));
    host_run(&host, 1000);
    check_int(1, answers_to(&host, IP(172, 20, 0, 6), 1));
    check_int(MSI_NODE_ROUTED_PER_S - 1, answers_to(&host, IP(172, 20, 0, 5), 1000));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_elsewhere_get_a_few_answers_a_second),
        cmocka_unit_test(a_query_is_answered_with_every_address_the_asked_subnets_first),
        cmocka_unit_test(a_third_subnets_address_comes_first_when_asked_there),
        cmocka_unit_test(a_group_is_answered_for_as_one),
        cmocka_unit_test(everybody_is_the_host_too),
        cmocka_unit_test(an_h_node_says_that_it_is_one),
        cmocka_unit_test(a_name_not_held_is_denied_to_who_asks_by_unicast_only),
        cmocka_unit_test(a_name_is_not_answered_for_before_it_is_held_nor_in_conflict),
        cmocka_unit_test(other_questions_are_not_answered),
        cmocka_unit_test(names_are_of_one_scope),
        cmocka_unit_test(node_status_lists_the_names_held),
        cmocka_unit_test(node_status_leaves_out_what_is_in_conflict),
        cmocka_unit_test(every_claim_of_a_held_name_is_refused),
        cmocka_unit_test(a_group_may_be_joined_but_not_be_taken),
        cmocka_unit_test(what_others_call_themselves_does_not_matter),
        cmocka_unit_test(releases_by_others_change_nothing),
        cmocka_unit_test(what_is_no_whole_claim_is_none),
        cmocka_unit_test(a_record_about_another_name_is_no_claim),
        cmocka_unit_test(nothing_is_sent_to_broadcast_addresses_or_port_0),
        cmocka_unit_test(own_packets_are_left_alone_but_other_programs_of_the_host_are_not),
        cmocka_unit_test(responses_are_never_answered),
        cmocka_unit_test(what_is_unsound_is_told_and_ignored),
        cmocka_unit_test(a_subnet_that_is_none_is_as_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
