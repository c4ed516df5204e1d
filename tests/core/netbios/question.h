/* A question, and answers to it, for tests of netbios/query.h. */
#ifndef MAILSLOT_TEST_NETBIOS_QUESTION_H
#define MAILSLOT_TEST_NETBIOS_QUESTION_H

#include "test.h"

#include <netbios/query.h>

#define MS(n) ((uint64_t)(n)*MSI_NS_PER_MS)

enum { PORT = 137, ID = 0x4711, START = 5000 };

static const uint32_t server_a = 0xac100001, server_b = 0xac100002; /* 172.16.0.1 and .2 */
static const uint32_t near_host = 0x0a4d0007;                       /* 10.77.0.7 */
static const uint32_t far_host = 0xc0000207;                        /* 192.0.2.7 */

static const msi_interface eth0 = {"eth0", 2, 0x0a4d0001, 0xffffff00, 0x0a4d00ff};
static const msi_interface eth1 = {"eth1", 3, 0x0a4e0001, 0xffffff00, 0x0a4e00ff};

static inline msi_question question_for(const char *name, size_t servers, size_t interfaces) {
    msi_question question = {
        .type = MSI_NS_TYPE_NB,
        .id = ID,
        .port = PORT,
        .servers = {server_a, server_b},
        .server_count = servers,
        .interfaces = {eth0, eth1},
        .interface_count = interfaces,
    };
    msi_nbname_set(&question.name, name, 0);
    return question;
}

static inline msi_query begun(size_t servers, size_t interfaces) {
    msi_question question = question_for("HOST", servers, interfaces);
    msi_query query;
    msi_query_begin(&query, &question, MS(START));
    return query;
}

static const unsigned char at_near_host[] = {0x60, 0x00, 10, 77, 0, 7};

static inline msi_ns_packet reply_with(const unsigned char *data, size_t len) {
    msi_ns_packet reply = {
        .id = ID,
        .flags = MSI_NS_RESPONSE | MSI_NS_AUTHORITATIVE | MSI_NS_RECURSION_DESIRED,
        .opcode = MSI_NS_QUERY,
        .has_record = true,
        .record_type = MSI_NS_TYPE_NB,
        .ttl = 300,
        .rdata = data,
        .rdata_len = (uint16_t)len,
    };
    msi_nbname_set(&reply.name, "HOST", 0);
    return reply;
}

static inline msi_ns_packet good_reply(void) {
    return reply_with(at_near_host, sizeof at_near_host);
}

static inline msi_ns_packet does_not_know(void) {
    msi_ns_packet reply = reply_with(NULL, 0);
    reply.flags |= MSI_NS_NAME_ERROR;
    reply.record_type = MSI_NS_TYPE_NULL;
    return reply;
}

static inline bool hears(msi_query *query, uint32_t ip, uint16_t port, const msi_ns_packet *reply) {
    static unsigned char bytes[MSI_NS_MAX]; /* what an answer's data points into */
    size_t len = msi_ns_encode(reply, bytes, sizeof bytes);
    check(len > 0);
    msi_ns_packet answer;
    bool accepted = msi_query_receive(query, (msi_udp_address){ip, port}, bytes, len, &answer);
    check(!accepted || msi_ns_address_count(&answer) > 0);
    return accepted;
}

static inline bool hears_near(msi_query *query, const msi_ns_packet *reply) {
    return hears(query, near_host, PORT, reply);
}

#endif
