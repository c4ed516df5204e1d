/* What is encoded decodes equal, whatever it is; cut anywhere it is refused; and damaged anywhere,
 * what is still accepted can be encoded again. The seed is printed, and MAILSLOT_TEST_SEED sets
 * it. */
#include "random_packets.h"
#include "same.h"
#include "test.h"

#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 3000, DAMAGES = 4 };

static struct random random_state;

static int set_seed(void **state) {
    (void)state;
    const char *seed = getenv("MAILSLOT_TEST_SEED");
    random_state.state = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
    printf("MAILSLOT_TEST_SEED=%llu\n", (unsigned long long)random_state.state);
    return 0;
}

/* Encoded bytes in memory of their size, so that a sanitizer sees what reads further. */
static unsigned char *exactly(const unsigned char *bytes, size_t len) {
    unsigned char *copy = malloc(len ? len : 1);
    check(copy != NULL);
    if (len)
        memcpy(copy, bytes, len);
    return copy;
}

/* A copy of the first part of a packet. */
static unsigned char *cut(const unsigned char *bytes, size_t len, size_t *left) {
    *left = random_below(&random_state, (uint32_t)len);
    return exactly(bytes, *left);
}

/* A copy of a packet with a few bytes changed. */
static unsigned char *damaged(const unsigned char *bytes, size_t len) {
    unsigned char *copy = exactly(bytes, len);
    for (uint32_t times = 1 + random_below(&random_state, 3); times; times--)
        copy[random_below(&random_state, (uint32_t)len)] =
            (unsigned char)random_below(&random_state, 256);
    return copy;
}

/* ---- Names ---- */

static void check_name(const unsigned char *bytes, size_t len) {
    unsigned char out[MSI_NBNAME_ENCODED_MAX];
    msi_nbname name, again;
    size_t next = 0, end = 0;
    if (!msi_nbname_decode(&name, bytes, len, &next))
        return;
    size_t size = msi_nbname_encode(&name, out, sizeof out);
    check(next <= len && size == (size_t)MSI_NBNAME_PLAIN + name.scope_len);
    check(msi_nbname_decode(&again, out, size, &end) && end == size && same_name(&name, &again));
}

static void names(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        unsigned char out[MSI_NBNAME_ENCODED_MAX];
        msi_nbname name, again;
        random_name(&random_state, &name);
        size_t len = msi_nbname_encode(&name, out, sizeof out), next = 0, left;
        check_int(0, (int64_t)msi_nbname_encode(&name, out, len - 1));
        unsigned char *copy = exactly(out, len);
        check(msi_nbname_decode(&again, copy, len, &next) && next == len);
        check(same_name(&name, &again));
        free(copy);
        copy = cut(out, len, &left);
        next = 0;
        check(!msi_nbname_decode(&again, copy, left, &next) && next == 0);
        free(copy);
        for (int i = 0; i < DAMAGES; i++) {
            copy = damaged(out, len);
            check_name(copy, len);
            free(copy);
        }
    }
}

/* ---- Datagrams ---- */

static void check_datagram(const unsigned char *bytes, size_t len) {
    unsigned char out[MSI_DATAGRAM_MAX];
    msi_datagram datagram, again;
    if (msi_datagram_decode(&datagram, bytes, len))
        return;
    size_t size = msi_datagram_encode(&datagram, out, sizeof out);
    check_int(MSI_WIRE_SOUND, msi_datagram_decode(&again, out, size));
    check(same_datagram(&datagram, &again));
}

static void datagrams(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        unsigned char out[MSI_DATAGRAM_MAX], data[MSI_DATAGRAM_DATA_MAX];
        msi_datagram datagram, again;
        random_datagram(&random_state, &datagram, data);
        size_t len = msi_datagram_encode(&datagram, out, sizeof out), left;
        check(len > 0 && !msi_datagram_encode(&datagram, out, len - 1));
        check_int((int64_t)len, (int64_t)msi_datagram_encode(&datagram, out, len));
        unsigned char *copy = exactly(out, len);
        check_int(MSI_WIRE_SOUND, msi_datagram_decode(&again, copy, len));
        check(same_datagram(&datagram, &again));
        free(copy);
        copy = cut(out, len, &left);
        check_int(MSI_WIRE_SHORT, msi_datagram_decode(&again, copy, left));
        free(copy);
        for (int i = 0; i < DAMAGES; i++) {
            copy = damaged(out, len);
            check_datagram(copy, len);
            free(copy);
        }
    }
}

/* ---- Mailslot writes ---- */

static void check_write(const unsigned char *bytes, size_t len) {
    unsigned char out[MSI_DATAGRAM_DATA_MAX];
    msi_smb_mailslot write, again;
    if (msi_smb_mailslot_decode(&write, bytes, len))
        return;
    size_t size = msi_smb_mailslot_encode(&write, out, sizeof out);
    check_int(MSI_WIRE_SOUND, msi_smb_mailslot_decode(&again, out, size));
    check(same_write(&write, &again));
}

static void mailslot_writes(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        unsigned char out[MSI_DATAGRAM_DATA_MAX], data[MSI_SMB_MAILSLOT_DATA_MAX];
        msi_smb_mailslot write, again;
        random_write(&random_state, &write, data);
        size_t len = msi_smb_mailslot_encode(&write, out, sizeof out), left;
        check(len > 0 && !msi_smb_mailslot_encode(&write, out, len - 1));
        unsigned char *copy = exactly(out, len);
        check_int(MSI_WIRE_SOUND, msi_smb_mailslot_decode(&again, copy, len));
        check(same_write(&write, &again));
        free(copy);
        copy = cut(out, len, &left);
        check_int(MSI_WIRE_SHORT, msi_smb_mailslot_decode(&again, copy, left));
        free(copy);
        for (int i = 0; i < DAMAGES; i++) {
            copy = damaged(out, len);
            check_write(copy, len);
            free(copy);
        }
    }
}

/* ---- Name service packets ---- */

static void check_ns(const unsigned char *bytes, size_t len) {
    unsigned char out[MSI_NS_MAX];
    msi_ns_packet packet, again;
    if (msi_ns_decode(&packet, bytes, len))
        return;
    for (size_t i = 0; i < msi_ns_address_count(&packet); i++)
        (void)msi_ns_address_at(&packet, i);
    for (size_t i = 0; i < msi_ns_status_count(&packet); i++)
        (void)msi_ns_status_at(&packet, i);
    size_t size = msi_ns_encode(&packet, out, sizeof out);
    check_int(MSI_WIRE_SOUND, msi_ns_decode(&again, out, size));
    check(same_ns_packet(&packet, &again));
}

static void name_service_packets(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        unsigned char out[MSI_NS_MAX], data[600];
        msi_ns_packet packet, again;
        random_ns(&random_state, &packet, data);
        size_t len = msi_ns_encode(&packet, out, sizeof out), left;
        check(len > 0 && !msi_ns_encode(&packet, out, len - 1));
        unsigned char *copy = exactly(out, len);
        check_int(MSI_WIRE_SOUND, msi_ns_decode(&again, copy, len));
        check(same_ns_packet(&packet, &again));
        free(copy);
        copy = cut(out, len, &left);
        check(msi_ns_decode(&again, copy, left) != MSI_WIRE_SOUND);
        free(copy);
        for (int i = 0; i < DAMAGES; i++) {
            copy = damaged(out, len);
            check_ns(copy, len);
            free(copy);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(datagrams),
        cmocka_unit_test(mailslot_writes),
        cmocka_unit_test(name_service_packets),
    };
    return cmocka_run_group_tests(tests, set_seed, NULL);
}
