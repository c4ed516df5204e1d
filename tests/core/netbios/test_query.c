/* Asking for a name, without sockets and without a clock: who is asked when (S35). */
#include "question.h"

/* Fetches the next packet and checks that it goes to ip with those flags. */
static void check_fetch(msi_query *query, int at_ms, uint32_t ip, unsigned flags) {
    msi_query_packet packet;
    msi_ns_packet sent;
    check(msi_query_fetch(query, MS(START + at_ms), &packet));
    check_int(ip, packet.to.ip);
    check_int(PORT, packet.to.port);
    check_int(MSI_WIRE_SOUND, msi_ns_decode(&sent, packet.bytes, packet.len));
    check_int(ID, sent.id);
    check_int(flags, sent.flags);
    check_int(MSI_NS_QUERY, sent.opcode);
    check(sent.has_question && !sent.has_record);
    check(msi_nbname_equal(&query->question.name, &sent.name));
    check_int(query->question.type, sent.question_type);
    check((flags & MSI_NS_BROADCAST) ? packet.from && packet.from->broadcast == ip : !packet.from);
}

static void check_nothing(msi_query *query, int at_ms) {
    msi_query_packet packet;
    check(!msi_query_fetch(query, MS(START + at_ms), &packet));
}

static void check_due(const msi_query *query, int at_ms) {
    check_int(MS(START + at_ms), msi_query_due(query));
}

static void check_broadcasts(msi_query *query, int at_ms) {
    check_fetch(query, at_ms, eth0.broadcast, 0x0110);
    check_fetch(query, at_ms, eth1.broadcast, 0x0110);
}

/* ---- Whom to ask when ---- */

static void without_servers_every_segment_is_asked_three_times(void **state) {
    (void)state;
    msi_query query = begun(0, 2);
    for (int at = 0; at <= 500; at += 250) {
        check_broadcasts(&query, at);
        check_nothing(&query, at + 249);
        check_due(&query, at + 250);
        check(!msi_query_is_over(&query));
    }
    check_nothing(&query, 750);
    check(msi_query_is_over(&query));
    check(msi_query_due(&query) == MSI_NEVER);
}

static void servers_are_asked_first_and_broadcasts_follow_soon(void **state) {
    (void)state;
    msi_query query = begun(2, 2);
    check_fetch(&query, 0, server_a, 0x0100);
    check_fetch(&query, 0, server_b, 0x0100);
    check_nothing(&query, 149);
    check_due(&query, 150);
    for (int at = 150; at <= 650; at += 250) {
        check_fetch(&query, at, server_a, 0x0100);
        check_fetch(&query, at, server_b, 0x0100);
        check_broadcasts(&query, at);
        check_nothing(&query, at);
    }
    check_nothing(&query, 900);
    check(msi_query_is_over(&query));
}

static void with_servers_alone_they_are_asked_three_times(void **state) {
    (void)state;
    msi_query query = begun(1, 0);
    for (int at = 0; at <= 500; at += 250) {
        check_fetch(&query, at, server_a, 0x0100);
        check_nothing(&query, at);
    }
    check_nothing(&query, 750);
    check(msi_query_is_over(&query));
}

static void with_nobody_to_ask_it_is_over_at_once(void **state) {
    (void)state;
    msi_query query = begun(0, 0);
    check_int(0, msi_query_due(&query));
    check_nothing(&query, 0);
    check(msi_query_is_over(&query));
}

static void a_late_caller_makes_no_burst(void **state) {
    (void)state;
    msi_query query = begun(0, 1);
    check_fetch(&query, 0, eth0.broadcast, 0x0110);
    check_fetch(&query, 10000, eth0.broadcast, 0x0110);
    check_nothing(&query, 10000);
    check_due(&query, 10250);
}

/* ---- Servers that do not know ---- */

static void when_all_servers_know_not_the_segments_are_asked_at_once(void **state) {
    (void)state;
    msi_query query = begun(2, 1);
    check_fetch(&query, 0, server_a, 0x0100);
    check_fetch(&query, 0, server_b, 0x0100);
    msi_ns_packet no = does_not_know();
    check(!hears(&query, server_a, PORT, &no));
    check_nothing(&query, 1);
    check(!hears(&query, server_b, PORT, &no));
    check_int(0, msi_query_due(&query));
    check_fetch(&query, 1, eth0.broadcast, 0x0110);
    check_nothing(&query, 1);
    check_due(&query, 251);
}

static void a_server_that_knows_not_is_not_asked_again(void **state) {
    (void)state;
    msi_query query = begun(2, 1);
    msi_ns_packet no = does_not_know();
    check_fetch(&query, 0, server_a, 0x0100);
    check_fetch(&query, 0, server_b, 0x0100);
    check(!hears(&query, server_a, PORT, &no));
    check_fetch(&query, 150, server_b, 0x0100);
    check_fetch(&query, 150, eth0.broadcast, 0x0110);
}

static void when_nobody_else_is_left_it_is_over(void **state) {
    (void)state;
    msi_query query = begun(1, 0);
    msi_ns_packet no = does_not_know();
    check_fetch(&query, 0, server_a, 0x0100);
    check(!hears(&query, server_a, PORT, &no));
    check_nothing(&query, 1);
    check(msi_query_is_over(&query));
}

static void a_refusal_from_a_segment_means_nothing(void **state) {
    (void)state;
    msi_query query = begun(1, 1);
    msi_ns_packet no = does_not_know();
    check_fetch(&query, 0, server_a, 0x0100);
    check(!hears(&query, near_host, PORT, &no));
    check_nothing(&query, 1);
    check_fetch(&query, 150, server_a, 0x0100);
}

/* ---- More than one answer ---- */

static void who_wants_all_answers_waits_to_the_end_of_the_try(void **state) {
    (void)state;
    msi_query query = begun(0, 1);
    msi_ns_packet reply = good_reply();
    check_fetch(&query, 0, eth0.broadcast, 0x0110);
    check(hears_near(&query, &reply));
    check_nothing(&query, 249);
    check(!msi_query_is_over(&query));
    check_nothing(&query, 250);
    check(msi_query_is_over(&query));
}

static void who_wants_every_host_asks_three_times_all_the_same(void **state) {
    (void)state;
    msi_question question = question_for("*", 0, 1);
    question.every_try = true;
    msi_query query;
    msi_query_begin(&query, &question, MS(START));
    msi_ns_packet reply = good_reply();
    msi_nbname_set(&reply.name, "*", 0);
    for (int at = 0; at <= 500; at += 250) {
        check_fetch(&query, at, eth0.broadcast, 0x0110);
        check(hears_near(&query, &reply));
    }
    check_nothing(&query, 750);
    check(msi_query_is_over(&query));
}

/* ---- Node status ---- */

static void a_nodes_status_is_asked_of_the_node_alone(void **state) {
    (void)state;
    msi_question question = question_for("*", 1, 0);
    question.type = MSI_NS_TYPE_STATUS;
    msi_query query;
    msi_query_begin(&query, &question, MS(START));
    check_fetch(&query, 0, server_a, 0);
    const msi_ns_status_name name = {"HOST           ", MSI_NS_NAME_ACTIVE};
    unsigned char data[1 + MSI_NS_STATUS_NAME + MSI_NS_STATISTICS], bytes[MSI_NS_MAX];
    size_t data_len = msi_ns_status_put(data, sizeof data, &name, 1, (unsigned char[6]){0});
    msi_ns_packet reply = reply_with(data, data_len), answer;
    msi_nbname_set(&reply.name, "*", 0);
    reply.record_type = MSI_NS_TYPE_STATUS;
    reply.flags = MSI_NS_RESPONSE | MSI_NS_AUTHORITATIVE;
    size_t len = msi_ns_encode(&reply, bytes, sizeof bytes);
    check(!msi_query_receive(&query, (msi_udp_address){near_host, PORT}, bytes, len, &answer));
    check(msi_query_receive(&query, (msi_udp_address){server_a, PORT}, bytes, len, &answer));
    check_int(1, msi_ns_status_count(&answer));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_servers_every_segment_is_asked_three_times),
        cmocka_unit_test(servers_are_asked_first_and_broadcasts_follow_soon),
        cmocka_unit_test(with_servers_alone_they_are_asked_three_times),
        cmocka_unit_test(with_nobody_to_ask_it_is_over_at_once),
        cmocka_unit_test(a_late_caller_makes_no_burst),
        cmocka_unit_test(when_all_servers_know_not_the_segments_are_asked_at_once),
        cmocka_unit_test(a_server_that_knows_not_is_not_asked_again),
        cmocka_unit_test(when_nobody_else_is_left_it_is_over),
        cmocka_unit_test(a_refusal_from_a_segment_means_nothing),
        cmocka_unit_test(who_wants_all_answers_waits_to_the_end_of_the_try),
        cmocka_unit_test(who_wants_every_host_asks_three_times_all_the_same),
        cmocka_unit_test(a_nodes_status_is_asked_of_the_node_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
