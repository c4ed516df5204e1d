/* Datagrams: the header's every field, and its lengths. S40: what is not sound is dropped. */
#include "same.h"
#include "test.h"

enum { PLAIN = MSI_DATAGRAM_HEADER + 2 * MSI_NBNAME_PLAIN };

static msi_datagram example(const char *data) {
    msi_datagram datagram = {.type = MSI_DATAGRAM_GROUP,
                             .id = 0x3711,
                             .source_ip = 0x0a4d0002,
                             .source_port = MSI_DATAGRAM_PORT,
                             .data = (const unsigned char *)data,
                             .len = strlen(data)};
    msi_nbname_set(&datagram.source, "FRED", 0x00);
    msi_nbname_set(&datagram.destination, "WORKGROUP", 0x1d);
    return datagram;
}

static size_t encoded(unsigned char out[MSI_DATAGRAM_MAX]) {
    msi_datagram datagram = example("hello");
    size_t len = msi_datagram_encode(&datagram, out, MSI_DATAGRAM_MAX);
    check_int(PLAIN + 5, (int64_t)len);
    return len;
}

static void check_kind(msi_wire_err expected, const unsigned char *packet, size_t len) {
    msi_datagram datagram;
    check_int(expected, msi_datagram_decode(&datagram, packet, len));
}

static void the_header_has_its_fields_in_place(void **state) {
    (void)state;
    static const unsigned char header[MSI_DATAGRAM_HEADER] = {
        0x11, 0x02, 0x37, 0x11, 0x0a, 0x4d, 0x00, 0x02, 0x00, 0x8a, 0x00, 73, 0, 0};
    unsigned char packet[MSI_DATAGRAM_MAX];
    size_t len = encoded(packet);
    check(memcmp(packet, header, sizeof header) == 0);
    check(memcmp(packet + len - 5, "hello", 5) == 0);
}

static void what_was_encoded_decodes_equal(void **state) {
    (void)state;
    unsigned char packet[MSI_DATAGRAM_MAX];
    size_t len = encoded(packet);
    msi_datagram datagram, expected = example("hello");
    check_int(MSI_WIRE_SOUND, msi_datagram_decode(&datagram, packet, len));
    check(same_datagram(&expected, &datagram));
    check(datagram.data == packet + PLAIN);
}

static void an_empty_datagram_is_sound(void **state) {
    (void)state;
    unsigned char packet[MSI_DATAGRAM_MAX];
    msi_datagram datagram = example("");
    datagram.data = NULL;
    size_t len = msi_datagram_encode(&datagram, packet, sizeof packet);
    check_int(PLAIN, (int64_t)len);
    check_kind(MSI_WIRE_SOUND, packet, len);
}

static void every_flag_of_a_node_type_is_the_same_to_us(void **state) {
    (void)state;
    unsigned char packet[MSI_DATAGRAM_MAX];
    size_t len = encoded(packet);
    for (unsigned node = 0; node < 4; node++) {
        packet[1] = (unsigned char)(0x02 | node << 2);
        check_kind(MSI_WIRE_SOUND, packet, len);
    }
}

static void fragments_are_refused(void **state) {
    (void)state;
    unsigned char packet[MSI_DATAGRAM_MAX];
    size_t len = encoded(packet);
    packet[1] |= 0x01;
    check_kind(MSI_WIRE_FRAGMENT, packet, len);
    packet[1] = 0x02;
    packet[13] = 1;
    check_kind(MSI_WIRE_FRAGMENT, packet, len);
    packet[13] = 0;
    packet[12] = 1;
    check_kind(MSI_WIRE_FRAGMENT, packet, len);
}

static void types_without_data_are_refused(void **state) {
    (void)state;
    unsigned char packet[MSI_DATAGRAM_MAX];
    size_t len = encoded(packet);
    for (unsigned type = 0; type < 256; type++) {
        packet[0] = (unsigned char)type;
        check_kind(type >= 0x10 && type <= 0x12 ? MSI_WIRE_SOUND : MSI_WIRE_NOT_DATAGRAM, packet,
                   len);
    }
}

static void a_datagram_that_is_cut_anywhere_is_refused(void **state) {
    (void)state;
    unsigned char packet[MSI_DATAGRAM_MAX];
    size_t len = encoded(packet);
    for (size_t cut = 0; cut < len; cut++)
        check_kind(MSI_WIRE_SHORT, packet, cut);
}

static void a_length_within_the_names_is_refused(void **state) {
    (void)state;
    unsigned char packet[MSI_DATAGRAM_MAX];
    size_t len = encoded(packet);
    for (unsigned length = 0; length < 2 * MSI_NBNAME_PLAIN; length++) {
        msi_put_be16(packet + 10, (uint16_t)length);
        check_kind(MSI_WIRE_NAME, packet, len);
    }
}

static void bytes_behind_the_length_are_left_alone(void **state) {
    (void)state;
    unsigned char packet[MSI_DATAGRAM_MAX];
    size_t len = encoded(packet);
    msi_put_be16(packet + 10, 2 * MSI_NBNAME_PLAIN + 2);
    msi_datagram datagram, expected = example("he");
    check_int(MSI_WIRE_SOUND, msi_datagram_decode(&datagram, packet, len));
    check(same_datagram(&expected, &datagram));
}

static void names_that_are_none_are_refused(void **state) {
    (void)state;
    unsigned char packet[MSI_DATAGRAM_MAX];
    size_t len = encoded(packet);
    packet[MSI_DATAGRAM_HEADER] = 0x1f;
    check_kind(MSI_WIRE_NAME, packet, len);
    encoded(packet);
    packet[MSI_DATAGRAM_HEADER + MSI_NBNAME_PLAIN + 5] = 'Z';
    check_kind(MSI_WIRE_NAME, packet, len);
}

static void data_is_512_bytes_at_most(void **state) {
    (void)state;
    unsigned char packet[MSI_DATAGRAM_MAX + 1], data[MSI_DATAGRAM_DATA_MAX + 1] = {0};
    msi_datagram datagram = example("");
    datagram.data = data;
    datagram.len = MSI_DATAGRAM_DATA_MAX;
    size_t len = msi_datagram_encode(&datagram, packet, sizeof packet);
    check_int(PLAIN + MSI_DATAGRAM_DATA_MAX, (int64_t)len);
    check_kind(MSI_WIRE_SOUND, packet, len);
    msi_put_be16(packet + 10, (uint16_t)(len - MSI_DATAGRAM_HEADER + 1));
    check_kind(MSI_WIRE_LENGTH, packet, len + 1);
    datagram.len++;
    check_int(0, (int64_t)msi_datagram_encode(&datagram, packet, sizeof packet));
}

static void encoding_stays_within_its_room(void **state) {
    (void)state;
    msi_datagram datagram = example("hello");
    unsigned char packet[PLAIN + 6];
    for (size_t cap = 0; cap < PLAIN + 5; cap++) {
        memset(packet, 0xaa, sizeof packet);
        check_int(0, (int64_t)msi_datagram_encode(&datagram, packet, cap));
        for (size_t i = cap; i < sizeof packet; i++)
            check_int(0xaa, packet[i]);
    }
    check_int(PLAIN + 5, (int64_t)msi_datagram_encode(&datagram, packet, PLAIN + 5));
    check_int(0xaa, packet[PLAIN + 5]);
}

/* The longest there is: both names with the longest scope. */
static void a_buffer_of_the_announced_size_holds_every_datagram(void **state) {
    (void)state;
    unsigned char packet[MSI_DATAGRAM_MAX], data[MSI_DATAGRAM_DATA_MAX] = {0};
    msi_datagram datagram = example("");
    char scope[MSI_NBNAME_SCOPE_MAX];
    memset(scope, 'x', sizeof scope);
    scope[63] = scope[127] = scope[191] = '.';
    scope[sizeof scope - 1] = '\0';
    check(msi_nbname_set_scope(&datagram.source, scope));
    check(msi_nbname_set_scope(&datagram.destination, scope));
    datagram.data = data;
    datagram.len = sizeof data;
    check_int(MSI_DATAGRAM_MAX, (int64_t)msi_datagram_encode(&datagram, packet, sizeof packet));
    check_kind(MSI_WIRE_SOUND, packet, sizeof packet);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_has_its_fields_in_place),
        cmocka_unit_test(what_was_encoded_decodes_equal),
        cmocka_unit_test(an_empty_datagram_is_sound),
        cmocka_unit_test(every_flag_of_a_node_type_is_the_same_to_us),
        cmocka_unit_test(fragments_are_refused),
        cmocka_unit_test(types_without_data_are_refused),
        cmocka_unit_test(a_datagram_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(a_length_within_the_names_is_refused),
        cmocka_unit_test(bytes_behind_the_length_are_left_alone),
        cmocka_unit_test(names_that_are_none_are_refused),
        cmocka_unit_test(data_is_512_bytes_at_most),
        cmocka_unit_test(encoding_stays_within_its_room),
        cmocka_unit_test(a_buffer_of_the_announced_size_holds_every_datagram),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
