/* What name service records hold: addresses, and the names of a node status (S40). */
#include "test.h"

#include <netbios/nameservice.h>

static void addresses_are_counted_whole(void **state) {
    (void)state;
    unsigned char data[2 * MSI_NS_ADDRESS + 5];
    msi_ns_packet packet = {.rdata = data};
    for (uint16_t len = 0; len <= sizeof data; len++) {
        packet.rdata_len = len;
        check_int(len / 6, (int64_t)msi_ns_address_count(&packet));
    }
    msi_ns_address_put(data, (msi_ns_address){MSI_NS_GROUP | MSI_NS_NODE_M, 0x0a4d0002});
    msi_ns_address_put(data + MSI_NS_ADDRESS, (msi_ns_address){0, 0xffffffff});
    check(memcmp(data, "\xc0\x00\x0a\x4d\x00\x02\0\0\xff\xff\xff\xff", 12) == 0);
    check_int(0xc000, msi_ns_address_at(&packet, 0).nb_flags);
    check_int(0x0a4d0002, msi_ns_address_at(&packet, 0).ip);
    check_int(0xffffffff, msi_ns_address_at(&packet, 1).ip);
}

static void make_status(msi_ns_status_name *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        memset(names[i].bytes, 'A' + (int)(i % 26), MSI_NBNAME_SIZE);
        names[i].flags = (uint16_t)(MSI_NS_NAME_ACTIVE | (i % 2 ? MSI_NS_GROUP : 0));
    }
}

static void a_node_status_is_names_and_statistics(void **state) {
    (void)state;
    static const unsigned char unit_id[6] = {2, 0, 0, 0, 0, 9};
    unsigned char data[1 + 2 * MSI_NS_STATUS_NAME + MSI_NS_STATISTICS];
    msi_ns_status_name names[2];
    make_status(names, 2);
    memset(data, 0xaa, sizeof data);
    check_int(sizeof data, (int64_t)msi_ns_status_put(data, sizeof data, names, 2, unit_id));
    check_int(2, data[0]);
    check(memcmp(data + 17,
                 "\x04\x00"
                 "BBBBBBBBBBBBBBBB"
                 "\x84\x00\2\0\0\0\0\x9\0",
                 27) == 0);
    for (size_t i = 1 + 2 * MSI_NS_STATUS_NAME + 6; i < sizeof data; i++)
        check_int(0, data[i]);
    msi_ns_packet packet = {.rdata = data, .rdata_len = sizeof data};
    check_int(2, (int64_t)msi_ns_status_count(&packet));
    check_int(0x8400, msi_ns_status_at(&packet, 1).flags);
    check(memcmp(msi_ns_status_at(&packet, 1).bytes, names[1].bytes, MSI_NBNAME_SIZE) == 0);
}

static void only_names_that_are_there_are_counted(void **state) {
    (void)state;
    static const unsigned char unit_id[6] = {0};
    unsigned char data[1 + 3 * MSI_NS_STATUS_NAME + MSI_NS_STATISTICS];
    msi_ns_status_name names[3];
    make_status(names, 3);
    check(msi_ns_status_put(data, sizeof data, names, 3, unit_id) > 0);
    msi_ns_packet packet = {.rdata = data};
    for (uint16_t len = 0; len <= sizeof data; len++) {
        packet.rdata_len = len;
        size_t there = len ? (len - 1u) / MSI_NS_STATUS_NAME : 0;
        check_int((int64_t)(there < 3 ? there : 3), (int64_t)msi_ns_status_count(&packet));
    }
    data[0] = 0xff;
    check_int(5, (int64_t)msi_ns_status_count(&packet)); /* its statistics are taken for names */
    data[0] = 0;
    check_int(0, (int64_t)msi_ns_status_count(&packet));
}

static void a_node_status_stays_within_its_room(void **state) {
    (void)state;
    static const unsigned char unit_id[6] = {0};
    static msi_ns_status_name names[256];
    static unsigned char data[1 + 256 * MSI_NS_STATUS_NAME + MSI_NS_STATISTICS];
    make_status(names, 256);
    check_int(0, (int64_t)msi_ns_status_put(data, 46, names, 0, unit_id));
    check_int(47, (int64_t)msi_ns_status_put(data, 47, names, 0, unit_id));
    check_int(0, (int64_t)msi_ns_status_put(data, 64, names, 1, unit_id));
    check_int(65, (int64_t)msi_ns_status_put(data, 65, names, 1, unit_id));
    check_int(47 + 255 * 18, (int64_t)msi_ns_status_put(data, sizeof data, names, 255, unit_id));
    check_int(0, (int64_t)msi_ns_status_put(data, sizeof data, names, 256, unit_id));
    check_int(0, (int64_t)msi_ns_status_put(data, sizeof data, names, SIZE_MAX, unit_id));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_counted_whole),
        cmocka_unit_test(a_node_status_is_names_and_statistics),
        cmocka_unit_test(only_names_that_are_there_are_counted),
        cmocka_unit_test(a_node_status_stays_within_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
