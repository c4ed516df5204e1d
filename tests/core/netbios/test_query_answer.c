/* What counts as an answer to a question, whoever sends it (S35, S40). */
#include "question.h"

static void an_answer_from_a_segment_asked_counts(void **state) {
    (void)state;
    msi_query query = begun(0, 2);
    msi_ns_packet reply = good_reply();
    check(hears_near(&query, &reply));
    check(hears(&query, eth1.ip + 5, PORT, &reply));
}

static void an_answer_from_elsewhere_does_not_count(void **state) {
    (void)state;
    msi_query query = begun(1, 2);
    msi_ns_packet reply = good_reply();
    check(!hears(&query, far_host, PORT, &reply));
    check(!hears(&query, server_b, PORT, &reply)); /* not asked */
    check(hears(&query, server_a, PORT, &reply));
}

static void an_answer_from_another_port_does_not_count(void **state) {
    (void)state;
    msi_query query = begun(1, 1);
    msi_ns_packet reply = good_reply();
    check(!hears(&query, near_host, 40000, &reply));
    check(!hears(&query, server_a, 40000, &reply));
}

static void an_answer_to_another_question_does_not_count(void **state) {
    (void)state;
    msi_query query = begun(0, 1);
    msi_ns_packet other_id = good_reply(), other_name = good_reply(), other_suffix = good_reply(),
                  other_scope = good_reply(), other_type = good_reply();
    other_id.id = ID + 1;
    msi_nbname_set(&other_name.name, "HOTS", 0);
    msi_nbname_set(&other_suffix.name, "HOST", 0x20);
    check(msi_nbname_set_scope(&other_scope.name, "elsewhere"));
    other_type.record_type = MSI_NS_TYPE_STATUS;
    const msi_ns_packet *others[] = {&other_id, &other_name, &other_suffix, &other_scope,
                                     &other_type};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        check(!hears_near(&query, others[i]));
}

static void what_is_no_positive_response_does_not_count(void **state) {
    (void)state;
    msi_query query = begun(0, 1);
    msi_ns_packet request = good_reply(), refusal = good_reply(), registration = good_reply();
    request.flags &= (uint16_t)~MSI_NS_RESPONSE;
    refusal.flags |= MSI_NS_REFUSED;
    registration.opcode = MSI_NS_REGISTRATION;
    check(!hears_near(&query, &request));
    check(!hears_near(&query, &refusal));
    check(!hears_near(&query, &registration));
}

static void an_address_that_no_host_has_is_no_answer(void **state) {
    (void)state;
    static const unsigned char impossible[][6] = {
        {0x60, 0, 0, 0, 0, 0},   {0x60, 0, 127, 0, 0, 1},   {0x60, 0, 255, 255, 255, 255},
        {0x60, 0, 224, 0, 0, 1}, {0x60, 0, 10, 77, 0, 255}, /* our own broadcast address */
    };
    msi_query query = begun(0, 1);
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        msi_ns_packet reply = reply_with(impossible[i], sizeof impossible[i]);
        check(!hears_near(&query, &reply));
    }
    msi_ns_packet empty = reply_with(NULL, 0), cut = reply_with(at_near_host, 5);
    check(!hears_near(&query, &empty));
    check(!hears_near(&query, &cut));
}

static void a_group_needs_no_address(void **state) {
    (void)state;
    static const unsigned char group[] = {0xe0, 0x00, 0, 0, 0, 0};
    msi_query query = begun(1, 0);
    msi_ns_packet reply = reply_with(group, sizeof group);
    check(hears(&query, server_a, PORT, &reply));
    check(msi_query_is_group(&reply));
    check(!msi_query_address(&query, server_a, &reply));
    msi_ns_packet unique = good_reply();
    check(!msi_query_is_group(&unique));
}

static void of_several_addresses_the_near_one_is_taken(void **state) {
    (void)state;
    static const unsigned char both[] = {0x60, 0, 192, 0, 2, 7, 0x60, 0, 10, 77, 0, 7};
    static const unsigned char far[] = {0x60, 0, 127, 0, 0, 1, 0x60, 0, 192, 0, 2, 7};
    msi_query query = begun(0, 1);
    msi_ns_packet reply = reply_with(both, sizeof both);
    check_int(near_host, msi_query_address(&query, near_host, &reply));
    reply = reply_with(far, sizeof far);
    check_int(far_host, msi_query_address(&query, near_host, &reply));
}

/* Both computers have 172.17.0.1 for a bridge of containers, ours on an interface not chosen. */
static bool is_container_bridge(uint32_t ip) { return ip == 0xac110001; }

static void an_own_address_is_none_to_send_to(void **state) {
    (void)state;
    static const unsigned char both[] = {0x60, 0, 172, 17, 0, 1, 0x60, 0, 10, 77, 0, 7};
    static const unsigned char eths[] = {0x60, 0, 10, 78, 0, 1, 0x60, 0, 10, 77, 0, 7};
    static const unsigned char alone[] = {0x60, 0, 172, 17, 0, 1};
    msi_query query = begun(1, 2);
    query.question.is_own = is_container_bridge;
    msi_ns_packet reply = reply_with(both, sizeof both);
    check_int(near_host, msi_query_address(&query, near_host, &reply));
    reply = reply_with(eths, sizeof eths);
    check_int(near_host, msi_query_address(&query, server_a, &reply));
    reply = reply_with(alone, sizeof alone);
    check(hears(&query, server_a, PORT, &reply)); /* a lookup shows it */
    check_int(0, msi_query_address(&query, server_a, &reply));
    check(!query.answered);
}

/* A name of this computer that is not ours, as with mailslotd --name. */
static void an_own_address_is_one_if_we_answer(void **state) {
    (void)state;
    static const unsigned char own[] = {0x60, 0, 10, 77, 0, 1};
    msi_query query = begun(0, 1);
    msi_ns_packet reply = reply_with(own, sizeof own);
    check_int(eth0.ip, msi_query_address(&query, eth0.ip, &reply));
    check(hears(&query, eth0.ip, PORT, &reply) && query.answered);
}

static void the_segment_of_the_answer_goes_before_others(void **state) {
    (void)state;
    static const unsigned char both[] = {0x60, 0, 10, 78, 0, 7, 0x60, 0, 10, 77, 0, 7};
    msi_query query = begun(1, 2);
    msi_ns_packet reply = reply_with(both, sizeof both);
    check_int(near_host, msi_query_address(&query, near_host, &reply));
    check_int(0x0a4e0007, msi_query_address(&query, server_a, &reply));
}

static void every_cut_and_every_changed_byte_is_survived(void **state) {
    (void)state;
    msi_query query = begun(1, 1);
    msi_ns_packet reply = good_reply(), answer;
    unsigned char bytes[MSI_NS_MAX];
    const msi_udp_address from = {near_host, PORT};
    size_t len = msi_ns_encode(&reply, bytes, sizeof bytes);
    for (size_t cut = 0; cut < len; cut++)
        check(!msi_query_receive(&query, from, bytes, cut, &answer));
    for (size_t i = 0; i < len; i++)
        for (unsigned flip = 1; flip < 256; flip++) {
            bytes[i] ^= (unsigned char)flip;
            if (msi_query_receive(&query, from, bytes, len, &answer))
                check(msi_query_is_group(&answer) ||
                      msi_query_address(&query, near_host, &answer) ||
                      msi_ns_address_at(&answer, 0).ip == eth0.ip);
            bytes[i] ^= (unsigned char)flip;
        }
    check(msi_query_receive(&query, from, bytes, len, &answer));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_from_a_segment_asked_counts),
        cmocka_unit_test(an_answer_from_elsewhere_does_not_count),
        cmocka_unit_test(an_answer_from_another_port_does_not_count),
        cmocka_unit_test(an_answer_to_another_question_does_not_count),
        cmocka_unit_test(what_is_no_positive_response_does_not_count),
        cmocka_unit_test(an_address_that_no_host_has_is_no_answer),
        cmocka_unit_test(a_group_needs_no_address),
        cmocka_unit_test(of_several_addresses_the_near_one_is_taken),
        cmocka_unit_test(an_own_address_is_none_to_send_to),
        cmocka_unit_test(an_own_address_is_one_if_we_answer),
        cmocka_unit_test(the_segment_of_the_answer_goes_before_others),
        cmocka_unit_test(every_cut_and_every_changed_byte_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
