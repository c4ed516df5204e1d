/* Name service packets: header, question, record, and what a record holds (S40). */
#include "same.h"
#include "test.h"

static msi_ns_packet query(const char *name) {
    msi_ns_packet packet = {.id = 0x1234,
                            .flags = MSI_NS_RECURSION_DESIRED | MSI_NS_BROADCAST,
                            .opcode = MSI_NS_QUERY,
                            .has_question = true,
                            .question_type = MSI_NS_TYPE_NB};
    msi_nbname_set(&packet.name, name, 0x20);
    return packet;
}

static void add_record(msi_ns_packet *packet, bool additional, const unsigned char *data,
                       uint16_t len) {
    packet->has_record = true;
    packet->record_is_additional = additional;
    packet->record_type = MSI_NS_TYPE_NB;
    packet->ttl = 300000;
    packet->rdata = data;
    packet->rdata_len = len;
}

static const unsigned char address[MSI_NS_ADDRESS] = {0x60, 0x00, 10, 77, 0, 2};

static msi_ns_packet registration(void) {
    msi_ns_packet packet = query("FRED");
    packet.opcode = MSI_NS_REGISTRATION;
    add_record(&packet, true, address, sizeof address);
    return packet;
}

static msi_ns_packet answer(void) {
    msi_ns_packet packet = query("FRED");
    packet.flags = MSI_NS_RESPONSE | MSI_NS_AUTHORITATIVE | MSI_NS_RECURSION_DESIRED;
    packet.has_question = false;
    add_record(&packet, false, address, sizeof address);
    return packet;
}

static size_t encoded(const msi_ns_packet *packet, unsigned char out[MSI_NS_MAX]) {
    size_t len = msi_ns_encode(packet, out, MSI_NS_MAX);
    check(len > 0);
    return len;
}

static void check_kind(msi_wire_err expected, const unsigned char *bytes, size_t len) {
    msi_ns_packet packet;
    check_int(expected, msi_ns_decode(&packet, bytes, len));
}

static void check_back(const msi_ns_packet *packet) {
    unsigned char bytes[MSI_NS_MAX];
    msi_ns_packet again;
    check_int(MSI_WIRE_SOUND, msi_ns_decode(&again, bytes, encoded(packet, bytes)));
    check(same_ns_packet(packet, &again));
}

static void a_broadcast_query_is_fifty_bytes(void **state) {
    (void)state;
    static const unsigned char expected[12] = {0x12, 0x34, 0x01, 0x10, 0, 1};
    unsigned char bytes[MSI_NS_MAX];
    msi_ns_packet packet = query("FRED");
    check_int(50, (int64_t)encoded(&packet, bytes));
    check(memcmp(bytes, expected, sizeof expected) == 0);
    check(memcmp(bytes + 46, "\0\x20\0\1", 4) == 0);
    check_back(&packet);
}

static void a_registration_points_to_its_question(void **state) {
    (void)state;
    static const unsigned char tail[18] = {0xc0, 0x0c, 0, 0x20, 0,    1,  0,  0x04, 0x93,
                                           0xe0, 0,    6, 0x60, 0x00, 10, 77, 0,    2};
    unsigned char bytes[MSI_NS_MAX];
    msi_ns_packet packet = registration(), again;
    check_int(68, (int64_t)encoded(&packet, bytes));
    check(memcmp(bytes + 2, "\x29\x10\0\1\0\0\0\0\0\1", 10) == 0);
    check(memcmp(bytes + 50, tail, sizeof tail) == 0);
    check_back(&packet);
    check_int(MSI_WIRE_SOUND, msi_ns_decode(&again, bytes, 68));
    check(msi_nbname_equal(&again.name, &again.record_name));
    check(again.rdata == bytes + 62);
}

static void an_answer_has_its_name_in_full(void **state) {
    (void)state;
    unsigned char bytes[MSI_NS_MAX];
    msi_ns_packet packet = answer(), again;
    check_int(62, (int64_t)encoded(&packet, bytes));
    check(memcmp(bytes + 2, "\x85\0\0\0\0\1\0\0\0\0", 10) == 0);
    check_back(&packet);
    check_int(MSI_WIRE_SOUND, msi_ns_decode(&again, bytes, 62));
    check(msi_nbname_equal(&packet.name, &again.name));
}

static void every_opcode_of_the_protocol_is_known_and_no_other(void **state) {
    (void)state;
    static const char known[16] = {[0] = 1, [5] = 1, [6] = 1, [7] = 1, [8] = 1, [9] = 1, [15] = 1};
    for (uint8_t opcode = 0; opcode < 16; opcode++) {
        unsigned char bytes[MSI_NS_MAX];
        msi_ns_packet packet = query("FRED");
        packet.opcode = opcode;
        size_t len = encoded(&packet, bytes);
        check_kind(known[opcode] ? MSI_WIRE_SOUND : MSI_WIRE_NOT_DATAGRAM, bytes, len);
    }
}

static void flags_and_rcode_come_through(void **state) {
    (void)state;
    msi_ns_packet packet = answer();
    packet.opcode = MSI_NS_REGISTRATION;
    packet.flags = 0x8000 | MSI_NS_AUTHORITATIVE | MSI_NS_TRUNCATED | MSI_NS_RECURSION_AVAILABLE |
                   MSI_NS_ACTIVE;
    check_back(&packet);
    packet.flags = 0x07ff;
    check_back(&packet);
}

/* The bits of the opcode belong to opcode alone. */
static void an_opcode_among_the_flags_is_left_out(void **state) {
    (void)state;
    unsigned char bytes[MSI_NS_MAX];
    msi_ns_packet packet = query("FRED"), again;
    packet.flags |= 0x7800;
    check_int(MSI_WIRE_SOUND, msi_ns_decode(&again, bytes, encoded(&packet, bytes)));
    check_int(MSI_NS_QUERY, again.opcode);
    check_int(0x0110, again.flags);
}

static void a_packet_that_is_cut_anywhere_is_refused(void **state) {
    (void)state;
    unsigned char bytes[MSI_NS_MAX];
    msi_ns_packet packet = registration();
    size_t len = encoded(&packet, bytes);
    for (size_t cut = 0; cut < len; cut++) {
        bool in_name = (cut >= 12 && cut < 46) || cut == 50 || cut == 51;
        check_kind(in_name ? MSI_WIRE_NAME : MSI_WIRE_SHORT, bytes, cut);
    }
    check_kind(MSI_WIRE_SOUND, bytes, len);
}

static void a_packet_that_says_nothing_is_refused(void **state) {
    (void)state;
    unsigned char bytes[MSI_NS_HEADER] = {0};
    check_kind(MSI_WIRE_NOT_DATAGRAM, bytes, sizeof bytes);
    msi_ns_packet packet = {.id = 1};
    check_int(0, (int64_t)msi_ns_encode(&packet, bytes, sizeof bytes));
}

static void another_class_is_refused(void **state) {
    (void)state;
    unsigned char bytes[MSI_NS_MAX];
    msi_ns_packet packet = query("FRED");
    size_t len = encoded(&packet, bytes);
    bytes[len - 1] = 3;
    check_kind(MSI_WIRE_NOT_DATAGRAM, bytes, len);
    packet = answer();
    len = encoded(&packet, bytes);
    bytes[49] = 3;
    check_kind(MSI_WIRE_NOT_DATAGRAM, bytes, len);
}

static void a_record_longer_than_the_packet_is_refused(void **state) {
    (void)state;
    unsigned char bytes[MSI_NS_MAX];
    msi_ns_packet packet = answer();
    size_t len = encoded(&packet, bytes);
    bytes[55] = 7;
    check_kind(MSI_WIRE_SHORT, bytes, len);
    bytes[54] = 0xff;
    check_kind(MSI_WIRE_SHORT, bytes, len);
}

/* ---- More than one of a kind ---- */

/* A packet with three questions, or two answers, an authority and an additional record. */
static size_t crowded(unsigned char bytes[MSI_NS_MAX], bool questions) {
    msi_ns_packet packet = questions ? query("FIRST") : answer();
    size_t len = encoded(&packet, bytes), part = len - MSI_NS_HEADER;
    for (int i = 0; i < 3; i++, len += part)
        memcpy(bytes + len, bytes + MSI_NS_HEADER, part);
    memset(bytes + 4, 0, 8);
    static const unsigned char counts[] = {4, 6, 6, 8, 10}; /* where they lie */
    if (questions) {
        bytes[counts[0] + 1] = 3;
        return len - part;
    }
    for (int i = 1; i < 5; i++)
        bytes[counts[i] + 1]++;
    return len;
}

static void the_first_question_counts(void **state) {
    (void)state;
    unsigned char bytes[MSI_NS_MAX];
    size_t len = crowded(bytes, true);
    bytes[len - 1] = 77; /* the class of the last does not matter, */
    msi_ns_packet packet, expected = query("FIRST");
    check_int(MSI_WIRE_SOUND, msi_ns_decode(&packet, bytes, len));
    check(same_ns_packet(&expected, &packet));
    check_kind(MSI_WIRE_SHORT, bytes, len - 1); /* but it must be there */
    bytes[5] = 4;
    check_kind(MSI_WIRE_NAME, bytes, len);
}

static void the_first_answer_counts(void **state) {
    (void)state;
    unsigned char bytes[MSI_NS_MAX];
    size_t len = crowded(bytes, false);
    msi_ns_packet packet, expected = answer();
    check_int(MSI_WIRE_SOUND, msi_ns_decode(&packet, bytes, len));
    check(same_ns_packet(&expected, &packet) && packet.rdata == bytes + 56);
    for (size_t cut = MSI_NS_HEADER; cut < len; cut++) {
        msi_ns_packet cut_packet;
        check(msi_ns_decode(&cut_packet, bytes, cut) != MSI_WIRE_SOUND);
    }
}

static void without_an_answer_the_additional_record_counts_not_the_authority(void **state) {
    (void)state;
    unsigned char bytes[MSI_NS_MAX];
    crowded(bytes, false);
    bytes[7] = 0;
    msi_ns_packet packet;
    check_int(MSI_WIRE_SOUND, msi_ns_decode(&packet, bytes, MSI_NS_HEADER + 2 * 50));
    check(packet.has_record && packet.record_is_additional);
    check(packet.rdata == bytes + MSI_NS_HEADER + 50 + 44);
    bytes[11] = 0; /* an authority alone is nothing */
    check_kind(MSI_WIRE_NOT_DATAGRAM, bytes, MSI_NS_HEADER + 50);
}

static void counts_that_lie_are_refused(void **state) {
    (void)state;
    for (size_t count = 4; count < MSI_NS_HEADER; count += 2) {
        unsigned char bytes[MSI_NS_MAX];
        msi_ns_packet packet = registration();
        size_t len = encoded(&packet, bytes);
        msi_put_be16(bytes + count, 0xffff);
        check_kind(MSI_WIRE_NAME, bytes, len);
    }
}

static void bytes_behind_the_packet_are_left_alone(void **state) {
    (void)state;
    unsigned char bytes[MSI_NS_MAX];
    msi_ns_packet packet = query("FRED");
    size_t len = encoded(&packet, bytes);
    check_kind(MSI_WIRE_SOUND, bytes, len + 9);
}

static void without_a_record_its_fields_are_nothing(void **state) {
    (void)state;
    unsigned char bytes[MSI_NS_MAX];
    msi_ns_packet packet = query("FRED"), decoded;
    memset(&decoded, 0xff, sizeof decoded);
    check_int(MSI_WIRE_SOUND, msi_ns_decode(&decoded, bytes, encoded(&packet, bytes)));
    check(!decoded.has_record && !decoded.record_is_additional);
    check(!decoded.rdata && !decoded.rdata_len && !decoded.ttl && !decoded.record_type);
    check_int(0, (int64_t)msi_ns_address_count(&decoded));
    check_int(0, (int64_t)msi_ns_status_count(&decoded));
}

/* ---- Room ---- */

static void check_room(const msi_ns_packet *packet) {
    unsigned char bytes[MSI_NS_MAX], out[MSI_NS_MAX];
    size_t len = encoded(packet, bytes);
    for (size_t cap = 0; cap <= len; cap++) {
        memset(out, 0xaa, sizeof out);
        check_int(cap < len ? 0 : (int64_t)len, (int64_t)msi_ns_encode(packet, out, cap));
        for (size_t i = cap; i < len + 8; i++)
            check_int(0xaa, out[i]);
    }
}

static void encoding_stays_within_its_room(void **state) {
    (void)state;
    msi_ns_packet packet = query("FRED");
    check_room(&packet);
    packet = registration();
    check_room(&packet);
    packet = answer();
    check(msi_nbname_set_scope(&packet.name, "a.scope"));
    check_room(&packet);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broadcast_query_is_fifty_bytes),
        cmocka_unit_test(a_registration_points_to_its_question),
        cmocka_unit_test(an_answer_has_its_name_in_full),
        cmocka_unit_test(every_opcode_of_the_protocol_is_known_and_no_other),
        cmocka_unit_test(flags_and_rcode_come_through),
        cmocka_unit_test(an_opcode_among_the_flags_is_left_out),
        cmocka_unit_test(a_packet_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(a_packet_that_says_nothing_is_refused),
        cmocka_unit_test(another_class_is_refused),
        cmocka_unit_test(a_record_longer_than_the_packet_is_refused),
        cmocka_unit_test(the_first_question_counts),
        cmocka_unit_test(the_first_answer_counts),
        cmocka_unit_test(without_an_answer_the_additional_record_counts_not_the_authority),
        cmocka_unit_test(counts_that_lie_are_refused),
        cmocka_unit_test(bytes_behind_the_packet_are_left_alone),
        cmocka_unit_test(without_a_record_its_fields_are_nothing),
        cmocka_unit_test(encoding_stays_within_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
