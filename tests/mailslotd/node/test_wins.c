/* An H-node's dealings with WINS servers. */
#include "host.h"

#include <test.h>

enum { REGISTRATION = 0x2900, REFRESH = 0x4000, MULTIHOMED = 0x7900, RELEASE = 0x3000 };
enum { H_NODE = 0x6000, GROUP = 0x8000, MINUTE = 60000, HOUR = 60 * MINUTE };

static void start(struct host *host, size_t servers, bool group, size_t subnets) {
    msi_node_config config = no_names();
    add_name(&config, "HOST", 0x20, group);
    config.servers[0] = SERVER;
    config.servers[1] = SERVER2;
    config.server_count = servers;
    host_init(host, &config);
    host_on(host, (msi_subnet[]){first_subnet, second_subnet}, subnets);
}

static bool is_to_server(const struct sent *sent) {
    return sent->to.ip == SERVER || sent->to.ip == SERVER2;
}

/* How many packets a server got, and the nth of them. */
static size_t asked_count(const struct host *host) {
    size_t count = 0;
    for (size_t i = 0; i < host->sent_count; i++)
        count += is_to_server(&host->sent[i]);
    return count;
}

static const struct sent *asked(const struct host *host, size_t nth) {
    size_t i = 0;
    while (i < host->sent_count && (!is_to_server(&host->sent[i]) || nth--))
        i++;
    check(i < host->sent_count);
    return &host->sent[i];
}

static const struct sent *last_asked(const struct host *host) {
    return asked(host, asked_count(host) - 1);
}

/* What a server answers to a request, and to the last one. */
static void verdict_on(struct host *host, const struct sent *sent, uint32_t server, uint16_t flags,
                       uint32_t ttl) {
    struct bytes packet = address_answer(id_of(sent), flags, "HOST", 0x20, ttl, H_NODE, OURS);
    check(!host_hears(host, -1, server, PORT, &packet));
}

static void verdict(struct host *host, uint32_t server, uint16_t flags, uint32_t ttl) {
    verdict_on(host, last_asked(host), server, flags, ttl);
}

/* Each request leaves from the address that it is about. */
static void check_asked(const struct sent *sent, uint32_t server, uint16_t flags, uint32_t ip) {
    struct bytes expected =
        claim(id_of(sent), flags, "HOST", 0x20, flags == RELEASE ? 0 : TTL, H_NODE, ip);
    check_sent(sent, sent->subnet, server, PORT, &expected);
}

static void check_asks(const struct host *host, uint32_t server, uint16_t flags, uint32_t ip) {
    check_asked(last_asked(host), server, flags, ip);
    check(last_asked(host)->subnet == (ip != OURS && host->node.subnet_count > 1));
}

/* Held, with a registration at SERVER granted for two hours. */
static void hold(struct host *host, size_t servers, size_t subnets) {
    start(host, servers, false, subnets);
    for (size_t i = 0; i < subnets; i++)
        verdict_on(host, asked(host, i), SERVER, 0xad80, 7200);
    host_run(host, 5000);
    check_int(MSI_NAME_HELD, host_state(host));
    host_forget(host);
}

/* ---- Registration ---- */

static void a_name_is_registered_while_it_is_claimed_by_broadcast(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 1);
    check_int(2, (int64_t)host.sent_count);
    check_int(1, (int64_t)asked_count(&host));
    check_asks(&host, SERVER, REGISTRATION, OURS);
    host_run(&host, 20);
    verdict(&host, SERVER, 0xad80, 7200);
    host_run(&host, 5000);
    check_int(1, (int64_t)asked_count(&host));
    check_int(MSI_NAME_HELD, host_state(&host));
    check_int(750, (int64_t)host.told[0].ms);
}

/* A server may be slow, down, or out of reach of the first address. */
static void no_server_delays_the_claim_by_broadcast(void **state) {
    (void)state;
    static const uint16_t verdicts[] = {0, 0xbc00, 0xad82};
    for (size_t i = 0; i < 3; i++) {
        struct host host;
        start(&host, 1, false, 2);
        if (verdicts[i])
            verdict_on(&host, asked(&host, 0), SERVER, verdicts[i], 60);
        host_run(&host, 750);
        check_int(MSI_NAME_HELD, host_state(&host));
    }
}

static void each_address_of_a_unique_name_is_registered(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 2);
    check_int(2, (int64_t)asked_count(&host));
    check_asked(asked(&host, 0), SERVER, MULTIHOMED, OURS);
    check_asked(asked(&host, 1), SERVER, MULTIHOMED, second_subnet.ip);
    check_int(0, asked(&host, 0)->subnet);
    check_int(1, asked(&host, 1)->subnet);
    check(id_of(asked(&host, 0)) != id_of(asked(&host, 1)));
    verdict_on(&host, asked(&host, 0), SERVER, 0xad80, 7200);
    verdict_on(&host, asked(&host, 1), SERVER, 0xad80, 7200);
    host_run(&host, 10000);
    check_int(2, (int64_t)asked_count(&host));
}

/* The first address reaches no server, or is put off. */
static void an_address_does_not_wait_for_another(void **state) {
    (void)state;
    for (int put_off = 0; put_off < 2; put_off++) {
        struct host host;
        start(&host, 1, false, 2);
        if (put_off)
            verdict_on(&host, asked(&host, 0), SERVER, 0xbc00, 60);
        verdict_on(&host, asked(&host, 1), SERVER, 0xad80, 7200);
        host_run(&host, 4 * MINUTE);
        check_int(MSI_NAME_HELD, host_state(&host));
        host_forget(&host);
        msi_node_release(&host.node, host.now);
        check_int(1, (int64_t)asked_count(&host));
        check_asks(&host, SERVER, RELEASE, second_subnet.ip);
    }
}

/* Whichever address is refused, before or after the other is granted or falls silent. */
static void an_address_that_is_refused_costs_no_name(void **state) {
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct host host;
        start(&host, 1, false, 2);
        verdict_on(&host, asked(&host, i / 2), SERVER, i % 2 ? 0xad86 : 0xad80, 7200);
        verdict_on(&host, asked(&host, !(i / 2)), SERVER, i % 2 ? 0xad80 : 0xad85, 7200);
        host_run(&host, 2 * MINUTE);
        check_int(MSI_NAME_HELD, host_state(&host));
        check_int(1, (int64_t)host.told_count);
    }
}

static void what_every_address_is_refused_is_lost(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 2);
    verdict_on(&host, asked(&host, 0), SERVER, 0xad86, 0);
    check_int(MSI_NAME_CLAIMING, host_state(&host));
    verdict_on(&host, asked(&host, 1), SERVER, 0xad86, 0);
    check_int(MSI_NAME_CONFLICT, host_state(&host));
    check_int(SERVER, host.told[0].by);
    start(&host, 1, false, 2);
    verdict_on(&host, asked(&host, 1), SERVER, 0xad86, 0); /* and the first gets no answer */
    host_run(&host, 4499);
    check_int(MSI_NAME_HELD, host_state(&host));
    host_run(&host, 1);
    check_int(MSI_NAME_CONFLICT, host_state(&host));
    check_int(SERVER, host.told[1].by);
}

static void a_server_that_asks_before_it_adds_an_address_is_told(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 2);
    struct bytes packet = question(1, 0x0100, "HOST", 0x20, 0x20);
    check(host_hears(&host, -1, SERVER, PORT, &packet));
    check_int(0x8503, flags_of(last_sent(&host)));
    host.sent_count--;
    verdict(&host, SERVER, 0xad80, 7200);
    check(host_hears(&host, -1, SERVER, PORT, &packet));
    check_int(0x8500, flags_of(last_sent(&host)));
    packet = question(1, 0x0110, "HOST", 0x20, 0x20);
    check(!host_hears(&host, 0, LOWER, PORT, &packet));
}

static void a_member_of_a_group_registers_plainly(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, true, 2);
    const uint32_t addresses[] = {OURS, second_subnet.ip};
    for (int i = 0; i < 2; i++) {
        const struct sent *sent = asked(&host, (size_t)i);
        struct bytes expected =
            claim(id_of(sent), REGISTRATION, "HOST", 0x20, TTL, GROUP | H_NODE, addresses[i]);
        check_sent(sent, i, SERVER, PORT, &expected);
    }
}

static void silence_passes_on_to_the_next_server(void **state) {
    (void)state;
    struct host host;
    start(&host, 2, false, 1);
    host_run(&host, 10000);
    check_int(6, (int64_t)asked_count(&host));
    for (size_t i = 0; i < 6; i++) {
        check_int(i < 3 ? SERVER : SERVER2, asked(&host, i)->to.ip);
        check_int((int64_t)i * 1500, (int64_t)asked(&host, i)->ms);
        check(id_of(asked(&host, i)) == id_of(asked(&host, i - i % 3)));
    }
    check_int(MSI_NAME_HELD, host_state(&host));
    check_int(750, (int64_t)host.told[0].ms);
}

static void servers_that_were_silent_are_tried_again_after_5_to_10_minutes(void **state) {
    (void)state;
    struct host host;
    start(&host, 2, false, 1);
    host_run(&host, 10000);
    host_forget(&host);
    host_run(&host, 11 * MINUTE);
    check_int(SERVER, asked(&host, 0)->to.ip);
    uint64_t wait = asked(&host, 0)->ms - 9000;
    check(wait >= 5 * MINUTE && wait <= 10 * MINUTE);
    check_int(MSI_NAME_HELD, host_state(&host));
}

static void a_server_that_comes_back_may_take_the_name(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 1);
    host_run(&host, 10000);
    host_forget(&host);
    while (!asked_count(&host))
        host_run(&host, 100);
    verdict(&host, SERVER, 0xad86, 0);
    check_int(MSI_NAME_CONFLICT, host_state(&host));
}

/* ---- Verdicts ---- */

static void a_negative_verdict_is_a_conflict(void **state) {
    (void)state;
    static const uint16_t verdicts[] = {0xad85, 0xad86, 0xad87};
    for (size_t i = 0; i < 3; i++) {
        struct host host;
        start(&host, 1, false, 1);
        verdict(&host, SERVER, verdicts[i], 0);
        check_int(MSI_NAME_CONFLICT, host_state(&host));
        check_int(SERVER, host.told[0].by);
        host_run(&host, 29000);
        check_int(1, (int64_t)asked_count(&host));
        host_run(&host, 32000);
        check_int(REGISTRATION, flags_of(asked(&host, 1)));
    }
}

static void a_server_that_cannot_is_passed_over(void **state) {
    (void)state;
    struct host host;
    start(&host, 2, false, 1);
    verdict(&host, SERVER, 0xad82, 0);
    host_run(&host, 0);
    check_asks(&host, SERVER2, REGISTRATION, OURS);
    verdict(&host, SERVER2, 0xad84, 0);
    host_run(&host, 10000);
    check_int(2, (int64_t)asked_count(&host));
    check_int(MSI_NAME_HELD, host_state(&host));
}

static void only_the_server_that_was_asked_decides(void **state) {
    (void)state;
    struct host host;
    start(&host, 2, false, 1);
    verdict(&host, SERVER2, 0xad80, 7200);
    verdict(&host, LOWER, 0xad86, 0);
    struct bytes packet =
        address_answer((uint16_t)(id_of(last_asked(&host)) + 1), 0xad86, "HOST", 0x20, 0, 0, OURS);
    check(!host_hears(&host, -1, SERVER, PORT, &packet));
    packet = address_answer(id_of(last_asked(&host)), 0xb580, "HOST", 0x20, 0, 0, OURS);
    check(!host_hears(&host, -1, SERVER, PORT, &packet)); /* a release's */
    host_run(&host, 0);
    check_int(1, (int64_t)asked_count(&host));
    check_int(MSI_NAME_CLAIMING, host_state(&host));
    host_run(&host, 1500);
    check_int(2, (int64_t)asked_count(&host));
}

static void an_order_to_ask_the_owner_oneself_counts_as_silence(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 1);
    verdict(&host, SERVER, 0xad00, 7200);
    host_run(&host, 1500);
    check_int(2, (int64_t)asked_count(&host));
    check_asks(&host, SERVER, REGISTRATION, OURS);
}

static void a_verdict_is_taken_once(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 1);
    verdict(&host, SERVER, 0xad80, 7200);
    verdict(&host, SERVER, 0xad86, 0);
    check_int(MSI_NAME_CLAIMING, host_state(&host));
}

static void verdicts_come_under_any_name_of_a_registration(void **state) {
    (void)state;
    static const uint16_t flags[] = {0xad80, 0xc580, 0xcd80, 0xfd80};
    for (size_t i = 0; i < 4; i++) {
        struct host host;
        start(&host, 1, false, 1);
        verdict(&host, SERVER, flags[i], 7200);
        host_run(&host, 10000);
        check_int(1, (int64_t)asked_count(&host));
    }
}

/* ---- WACK ---- */

static void a_wack_is_waited_for_as_long_as_it_says(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 1);
    verdict(&host, SERVER, 0xbc00, 20);
    host_run(&host, 19999);
    check_int(1, (int64_t)asked_count(&host));
    verdict(&host, SERVER, 0xad80, 7200);
    host_run(&host, MINUTE);
    check_int(1, (int64_t)asked_count(&host));
}

static void waiting_for_a_verdict_has_bounds(void **state) {
    (void)state;
    static const uint32_t ttls[] = {0, 1000000};
    for (size_t i = 0; i < 2; i++) {
        struct host host;
        start(&host, 1, false, 1);
        verdict(&host, SERVER, 0xbc00, ttls[i]);
        host_run(&host, MINUTE - 1);
        check_int(1, (int64_t)asked_count(&host));
        host_run(&host, 1);
        check_int(2, (int64_t)asked_count(&host));
    }
}

static void a_server_cannot_put_off_for_ever(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 1);
    for (int i = 0; i < 260; i++) { /* MSI_NODE_WACKS minutes, and what a silence takes */
        verdict(&host, SERVER, 0xbc00, 0);
        host_run(&host, 1000);
    }
    size_t before = asked_count(&host);
    verdict(&host, SERVER, 0xad86, 0); /* which comes too late */
    host_run(&host, 30000);
    check_int((int64_t)before, (int64_t)asked_count(&host));
    check_int(MSI_NAME_HELD, host_state(&host));
}

/* ---- Refresh ---- */

static void a_registration_is_refreshed_at_half_of_its_ttl(void **state) {
    (void)state;
    static const struct {
        uint32_t ttl, after_s;
    } cases[] = {{7200, 3600}, {10, 60}, {0, 43200}, {UINT32_MAX, 43200}};
    for (size_t i = 0; i < 4; i++) {
        struct host host;
        start(&host, 1, false, 1);
        verdict(&host, SERVER, 0xad80, cases[i].ttl);
        host_run(&host, cases[i].after_s * UINT64_C(1000) - 1);
        check_int(1, (int64_t)asked_count(&host));
        host_run(&host, 1);
        check_asks(&host, SERVER, REFRESH, OURS);
    }
}

static void a_refresh_that_is_granted_leads_to_the_next(void **state) {
    (void)state;
    struct host host;
    hold(&host, 1, 2);
    int refreshes = 0;
    for (uint64_t ms = 0; ms < 9 * HOUR / 2; ms += 100) {
        for (size_t i = 0; i < asked_count(&host); i++) {
            check_asked(asked(&host, i), SERVER, REFRESH, i ? second_subnet.ip : OURS);
            refreshes++;
            verdict_on(&host, asked(&host, i), SERVER, 0xad80, 7200);
        }
        host_forget(&host);
        host_run(&host, 100);
    }
    check_int(2 * 4, refreshes);
}

static void run_to_refresh(struct host *host) {
    while (!asked_count(host)) {
        host_forget(host);
        host_run(host, 100);
    }
    check_int(REFRESH, flags_of(last_asked(host)));
}

static void a_refresh_that_is_refused_loses_the_name(void **state) {
    (void)state;
    struct host host;
    hold(&host, 1, 1);
    run_to_refresh(&host);
    verdict(&host, SERVER, 0xad86, 0);
    check_int(MSI_NAME_CONFLICT, host_state(&host));
}

static void a_server_that_forgot_the_name_is_told_again(void **state) {
    (void)state;
    struct host host;
    hold(&host, 1, 1);
    run_to_refresh(&host);
    verdict(&host, SERVER, 0xad83, 0);
    host_run(&host, 0);
    check_asks(&host, SERVER, REGISTRATION, OURS);
    check_int(MSI_NAME_HELD, host_state(&host));
}

static void a_server_that_fell_silent_is_replaced_by_the_next(void **state) {
    (void)state;
    struct host host;
    hold(&host, 2, 1);
    run_to_refresh(&host);
    host_run(&host, 4500);
    check_asks(&host, SERVER2, REGISTRATION, OURS);
    check_int(MSI_NAME_HELD, host_state(&host));
}

/* ---- Lost and released ---- */

static void a_name_lost_on_the_subnet_is_released_at_the_server(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 1);
    verdict(&host, SERVER, 0xad80, 7200);
    host_run(&host, 0);
    struct bytes packet = refusal(id_of(&host.sent[0]));
    check(!host_hears(&host, 0, LOWER, PORT, &packet));
    check_int(MSI_NAME_CONFLICT, host_state(&host));
    host_run(&host, 29000);
    check_int(2, (int64_t)asked_count(&host));
    check_asks(&host, SERVER, RELEASE, OURS);
}

static void a_name_given_up_while_the_server_was_asked_is_released_there(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 1);
    struct bytes packet = claim(1, 0x2810, "HOST", 0x20, TTL, 0, LOWER);
    check(!host_hears(&host, 0, LOWER, PORT, &packet));
    host_run(&host, 0);
    check_asks(&host, SERVER, RELEASE, OURS);
    verdict(&host, SERVER, 0xad80, 7200);
    check_int(MSI_NAME_CONFLICT, host_state(&host));
}

static void what_the_server_refused_is_not_released_there(void **state) {
    (void)state;
    struct host host;
    hold(&host, 1, 1);
    run_to_refresh(&host);
    verdict(&host, SERVER, 0xad86, 0);
    host_forget(&host);
    host_run(&host, 29000);
    check_int(0, (int64_t)host.sent_count);
}

static void release_tells_the_server_each_address(void **state) {
    (void)state;
    struct host host;
    hold(&host, 1, 2);
    msi_node_release(&host.node, host.now);
    check_int(4, (int64_t)host.sent_count);
    check_int(2, (int64_t)asked_count(&host));
    check_asked(asked(&host, 0), SERVER, RELEASE, OURS);
    check_asks(&host, SERVER, RELEASE, second_subnet.ip);
    check(msi_node_next(&host.node) == UINT64_MAX);
}

static void a_server_that_never_answered_is_not_told_of_a_release(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 1);
    host_run(&host, 10000);
    host_forget(&host);
    msi_node_release(&host.node, host.now);
    check_int(1, (int64_t)host.sent_count);
    check_int(0, (int64_t)asked_count(&host));
}

static void a_server_that_fell_silent_is_not_told_either(void **state) {
    (void)state;
    struct host host;
    hold(&host, 1, 1);
    run_to_refresh(&host);
    host_run(&host, 5000);
    host_forget(&host);
    msi_node_release(&host.node, host.now);
    check_int(1, (int64_t)host.sent_count);
    check_int(0, (int64_t)asked_count(&host));
}

/* ---- Subnets ---- */

static void the_server_is_told_when_addresses_change(void **state) {
    (void)state;
    struct host host;
    hold(&host, 1, 1);
    host_on(&host, (msi_subnet[]){first_subnet, second_subnet}, 2);
    check_int(3, (int64_t)host.sent_count);
    check_asked(asked(&host, 0), SERVER, MULTIHOMED, OURS);
    check_asks(&host, SERVER, MULTIHOMED, second_subnet.ip);
    host_on(&host, (msi_subnet[]){first_subnet, second_subnet}, 2);
    check_int(3, (int64_t)host.sent_count);
    host_on(&host, &second_subnet, 1);
    check_int(3, (int64_t)asked_count(&host));
    check_asked(asked(&host, 2), SERVER, REGISTRATION, second_subnet.ip);
}

/* A tunnel: names are held and registered all the same, and broadcast where they can be. */
static void subnets_without_broadcast_are_registered(void **state) {
    (void)state;
    const msi_subnet tunnel = {IP(10, 8, 0, 2), 0, NETMASK};
    struct host host;
    start(&host, 1, false, 0);
    host_on(&host, &tunnel, 1);
    check_int(1, (int64_t)host.sent_count);
    check_asks(&host, SERVER, REGISTRATION, tunnel.ip);
    verdict(&host, SERVER, 0xad80, 7200);
    host_run(&host, 750);
    check_int(MSI_NAME_HELD, host_state(&host));
    struct bytes packet = question(1, 0x0100, "HOST", 0x20, 0x20);
    check(host_hears(&host, 0, IP(10, 8, 0, 7), PORT, &packet));
    packet = refusal(host.node.claims[0].id); /* nobody was asked there */
    check(!host_hears(&host, 0, IP(10, 8, 0, 7), PORT, &packet));
    check_int(MSI_NAME_HELD, host_state(&host));
    host_forget(&host);
    host_on(&host, (msi_subnet[]){first_subnet, tunnel}, 2);
    host_run(&host, 750);
    for (size_t i = 0; i < host.sent_count; i++)
        check(is_to_server(&host.sent[i]) || host.sent[i].to.ip == first_subnet.broadcast);
}

static void without_subnets_no_server_is_asked(void **state) {
    (void)state;
    struct host host;
    start(&host, 1, false, 0);
    check(msi_node_next(&host.node) == UINT64_MAX);
    host_on(&host, &first_subnet, 1);
    check_int(1, (int64_t)asked_count(&host));
    host_on(&host, NULL, 0);
    check(msi_node_next(&host.node) == UINT64_MAX);
}

static void an_h_node_defends_its_name_on_the_subnet(void **state) {
    (void)state;
    struct host host;
    hold(&host, 1, 1);
    struct bytes packet = claim(1, 0x2910, "HOST", 0x20, TTL, 0, LOWER);
    check(host_hears(&host, 0, LOWER, PORT, &packet));
    check_int(0xad06, flags_of(last_sent(&host)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_registered_while_it_is_claimed_by_broadcast),
        cmocka_unit_test(no_server_delays_the_claim_by_broadcast),
        cmocka_unit_test(each_address_of_a_unique_name_is_registered),
        cmocka_unit_test(an_address_does_not_wait_for_another),
        cmocka_unit_test(an_address_that_is_refused_costs_no_name),
        cmocka_unit_test(what_every_address_is_refused_is_lost),
        cmocka_unit_test(a_server_that_asks_before_it_adds_an_address_is_told),
        cmocka_unit_test(a_member_of_a_group_registers_plainly),
        cmocka_unit_test(silence_passes_on_to_the_next_server),
        cmocka_unit_test(servers_that_were_silent_are_tried_again_after_5_to_10_minutes),
        cmocka_unit_test(a_server_that_comes_back_may_take_the_name),
        cmocka_unit_test(a_negative_verdict_is_a_conflict),
        cmocka_unit_test(a_server_that_cannot_is_passed_over),
        cmocka_unit_test(only_the_server_that_was_asked_decides),
        cmocka_unit_test(an_order_to_ask_the_owner_oneself_counts_as_silence),
        cmocka_unit_test(a_verdict_is_taken_once),
        cmocka_unit_test(verdicts_come_under_any_name_of_a_registration),
        cmocka_unit_test(a_wack_is_waited_for_as_long_as_it_says),
        cmocka_unit_test(waiting_for_a_verdict_has_bounds),
        cmocka_unit_test(a_server_cannot_put_off_for_ever),
        cmocka_unit_test(a_registration_is_refreshed_at_half_of_its_ttl),
        cmocka_unit_test(a_refresh_that_is_granted_leads_to_the_next),
        cmocka_unit_test(a_refresh_that_is_refused_loses_the_name),
        cmocka_unit_test(a_server_that_forgot_the_name_is_told_again),
        cmocka_unit_test(a_server_that_fell_silent_is_replaced_by_the_next),
        cmocka_unit_test(a_name_lost_on_the_subnet_is_released_at_the_server),
        cmocka_unit_test(a_name_given_up_while_the_server_was_asked_is_released_there),
        cmocka_unit_test(what_the_server_refused_is_not_released_there),
        cmocka_unit_test(release_tells_the_server_each_address),
        cmocka_unit_test(a_server_that_never_answered_is_not_told_of_a_release),
        cmocka_unit_test(a_server_that_fell_silent_is_not_told_either),
        cmocka_unit_test(the_server_is_told_when_addresses_change),
        cmocka_unit_test(subnets_without_broadcast_are_registered),
        cmocka_unit_test(without_subnets_no_server_is_asked),
        cmocka_unit_test(an_h_node_defends_its_name_on_the_subnet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
