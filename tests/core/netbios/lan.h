/*
 * A network of this process's own, where what it broadcasts it hears itself, and the part of the
 * others on it, played by the test. Needs root.
 */
#ifndef MAILSLOT_TEST_NETBIOS_LAN_H
#define MAILSLOT_TEST_NETBIOS_LAN_H

#include "slotdir.h"
#include "slots.h"
#include "thread.h"

#include <arpa/inet.h>
#include <netbios/nameservice.h>
#include <netbios/smb_mailslot.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#define OWN_ADDRESS 0x0a4d0001 /* 10.77.0.1 */

/* ---- The network ---- */

static int name_port, datagram_port;

static inline bool lan_is_possible(void) {
    return geteuid() == 0 && unshare(CLONE_NEWNET) == 0 &&
           system("ip link set lo up && ip link add lan0 type veth peer name far0 &&"
                  " ip addr add 10.77.0.1/24 brd + dev lan0 &&"
                  " ip link set lan0 up && ip link set far0 up") == 0;
}

static inline int lan_port(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    check(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

static inline int lan_setup(void **state) {
    name_port = lan_port(137);
    datagram_port = lan_port(138);
    setenv("MAILSLOT_CONFIG", "/dev/null", 1);
    setenv("MAILSLOT_NAME", "SENDER", 1);
    setenv("MAILSLOT_WORKGROUP", "LAB", 1);
    return slotdir_setup(state);
}

static inline int lan_teardown(void **state) {
    close(name_port);
    close(datagram_port);
    return slotdir_teardown(state);
}

static inline bool has_packet(int fd, int timeout_ms) {
    struct pollfd one = {fd, POLLIN, 0};
    return poll(&one, 1, timeout_ms) == 1;
}

/* ---- The other side ---- */

struct query {
    uint16_t id;
    char name[MSI_NBNAME_SIZE];
    msi_nbname whole;
    struct sockaddr_in from;
};

static inline struct query hear_query(void) {
    unsigned char bytes[MSI_NS_MAX];
    struct query query;
    socklen_t size = sizeof query.from;
    check(has_packet(name_port, SOON_MS));
    ssize_t len =
        recvfrom(name_port, bytes, sizeof bytes, 0, (struct sockaddr *)&query.from, &size);
    msi_ns_packet packet;
    check(len > 0 && msi_ns_decode(&packet, bytes, (size_t)len) == MSI_WIRE_SOUND);
    check(packet.has_question && packet.opcode == MSI_NS_QUERY);
    query.id = packet.id;
    query.whole = packet.name;
    msi_nbname_computer(&packet.name, query.name);
    return query;
}

/* Hears queries until one is for that name. */
static inline struct query hear_query_for(const char *name) {
    struct query query;
    do
        query = hear_query();
    while (strcmp(query.name, name) != 0);
    return query;
}

static inline void answer(const struct query *query, uint32_t ip, uint32_t ttl) {
    unsigned char address[MSI_NS_ADDRESS], bytes[MSI_NS_MAX];
    msi_ns_address_put(address, (msi_ns_address){0, ip});
    msi_ns_packet packet = {
        .id = query->id,
        .flags = MSI_NS_RESPONSE | MSI_NS_AUTHORITATIVE,
        .opcode = MSI_NS_QUERY,
        .has_record = true,
        .name = query->whole,
        .record_type = MSI_NS_TYPE_NB,
        .ttl = ttl,
        .rdata = address,
        .rdata_len = sizeof address,
    };
    size_t len = msi_ns_encode(&packet, bytes, sizeof bytes);
    check(sendto(name_port, bytes, len, 0, (const struct sockaddr *)&query->from,
                 sizeof query->from) == (ssize_t)len);
}

/* Hears queries until one for the same name is of another question. */
static inline struct query hear_new_query(const struct query *old) {
    struct query query;
    do
        query = hear_query_for(old->name);
    while (query.id == old->id);
    return query;
}

/* All queries for that name that have come since are of the same question. */
static inline void check_no_new_query(const struct query *old) {
    while (has_packet(name_port, 0)) {
        struct query query = hear_query();
        check(query.id == old->id || strcmp(query.name, old->name) != 0);
    }
}

/* Receives one datagram; returns its DGM_ID and checks what it says. */
static inline uint16_t hear_datagram(const char *text) {
    unsigned char bytes[MSI_DATAGRAM_MAX];
    check(has_packet(datagram_port, SOON_MS));
    ssize_t len = recv(datagram_port, bytes, sizeof bytes, 0);
    msi_datagram datagram;
    msi_smb_mailslot write;
    check(len > 0 && msi_datagram_decode(&datagram, bytes, (size_t)len) == MSI_WIRE_SOUND);
    check_int(MSI_WIRE_SOUND, msi_smb_mailslot_decode(&write, datagram.data, datagram.len));
    check(write.len == strlen(text) && memcmp(write.data, text, write.len) == 0);
    return datagram.id;
}

/* ---- Threads that put ---- */

static inline mailslot_err put_hello(mailslot *slot) { return mailslot_put(slot, "hello"); }

static inline mailslot *open_writer_to(const char *computer) {
    char name[128];
    snprintf(name, sizeof name, "//%s/mailslot/x", computer);
    return open_writer(name);
}

/* Returns once the thread waits, or has waited in vain. */
static inline void start_asking(struct blocker *blocker) {
    blocker_begin(blocker);
    check_within(SOON_MS, thread_sleeps(blocker->tid) || blocker->done);
}

static inline void start_put_to(struct blocker *blocker, mailslot *slot) {
    *blocker = (struct blocker){.slot = slot, .call = put_hello};
    start_asking(blocker);
}

static inline void start_put(struct blocker *blocker, const char *computer) {
    start_put_to(blocker, open_writer_to(computer));
}

/* Whether what asks ended as expected, or at least because nobody answered in time. */
static inline bool ends(struct blocker *blocker, mailslot_err expected) {
    mailslot_err err = blocker_join(blocker);
    if (err != MAILSLOT_ERR_NO_HOST)
        check_err(expected, err);
    return err == expected;
}

static inline bool put_ends(struct blocker *blocker, mailslot_err expected) {
    bool as_expected = ends(blocker, expected);
    mailslot_close(blocker->slot);
    return as_expected;
}

static inline bool put_arrives(struct blocker *blocker) {
    bool sent = put_ends(blocker, MAILSLOT_OK);
    if (sent)
        (void)hear_datagram("hello");
    return sent;
}

/* ---- Being late ---- */

enum { TRIES = 5 };

/* Asking for a name ends by itself after a while. On a machine too busy to answer before that,
 * body, which says whether all was in time, is tried again with another name. */
static inline void try_names(const char *name, bool (*body)(const char *name)) {
    bool in_time = false;
    for (int i = 0; i < TRIES && !in_time; i++) {
        char fresh[32];
        snprintf(fresh, sizeof fresh, "%s%d", name, i);
        in_time = body(fresh);
    }
    check(in_time);
}

#define lan_test(function) cmocka_unit_test_setup_teardown(function, lan_setup, lan_teardown)

/** Runs tests, or ends as skipped where there can be no such network. */
static inline int lan_run(const struct CMUnitTest *tests, size_t count) {
    if (!lan_is_possible()) {
        fprintf(stderr, "SKIPPED: a network namespace needs root, iproute2 and veth\n");
        return 77;
    }
    return _cmocka_run_group_tests("network", tests, count, NULL, NULL);
}

#endif
