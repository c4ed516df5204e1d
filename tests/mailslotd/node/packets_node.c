/* What a node sends, by letting one live: with one subnet or two, with a WINS server or without. */
#include "packets.h"

#include <node/node.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MOST_PACKETS = 128, GRANTED_S = 3600 };

#define SECOND UINT64_C(1000000000)

/* Packets put so far; one that differs in its id alone is not put again. */
static struct {
    unsigned char bytes[MSI_NS_MAX];
    size_t len;
} known[MOST_PACKETS];
static size_t known_count;

struct life {
    msi_node node;
    uint64_t now;
    unsigned char request[MSI_NS_MAX]; /* the last one to the WINS server */
    size_t request_len;
};

static bool is_known(const unsigned char *bytes, size_t len) {
    for (size_t i = 0; i < known_count; i++)
        if (known[i].len == len && memcmp(known[i].bytes + 2, bytes + 2, len - 2) == 0)
            return true;
    return false;
}

static void on_send(void *ctx, int subnet, msi_udp_address to, const unsigned char *bytes,
                    size_t len) {
    (void)subnet;
    struct life *life = ctx;
    if (to.ip == SERVER_IP) {
        memcpy(life->request, bytes, len);
        life->request_len = len;
    }
    if (is_known(bytes, len) || known_count == MOST_PACKETS)
        return;
    memcpy(known[known_count].bytes, bytes, len);
    known[known_count++].len = len;
    char name[32];
    snprintf(name, sizeof name, "name-node-%03zu", known_count);
    packets_put(name, bytes, len, to.ip, to.port);
}

static void on_state(void *ctx, size_t name, msi_name_state state, uint32_t by) {
    (void)ctx, (void)name, (void)state, (void)by;
}

static void receive(struct life *life, uint32_t from, const msi_ns_packet *packet) {
    unsigned char bytes[MSI_NS_MAX];
    size_t len = msi_ns_encode(packet, bytes, sizeof bytes);
    msi_udp_address address = {from, MSI_NS_PORT};
    msi_node_receive(&life->node, 0, address, bytes, len, life->now);
}

/* The server grants whatever it is asked for. */
static void grant(struct life *life) {
    msi_ns_packet packet;
    if (!life->request_len ||
        msi_ns_decode(&packet, life->request, life->request_len) != MSI_WIRE_SOUND)
        return;
    life->request_len = 0;
    packet.flags = MSI_NS_RESPONSE | MSI_NS_AUTHORITATIVE | MSI_NS_RECURSION_DESIRED |
                   MSI_NS_RECURSION_AVAILABLE;
    packet.has_question = packet.record_is_additional = false;
    packet.ttl = GRANTED_S;
    receive(life, SERVER_IP, &packet);
}

static void live(struct life *life, uint64_t seconds) {
    uint64_t until = life->now + seconds * SECOND;
    for (uint64_t next; (next = msi_node_next(&life->node)) <= until;) {
        life->now = next > life->now ? next : life->now;
        msi_node_tick(&life->node, life->now);
        grant(life);
    }
    life->now = until;
}

/* ---- What others send it ---- */

static void ask(struct life *life, const char *name, uint8_t suffix, uint16_t type,
                uint16_t flags) {
    msi_ns_packet packet = {.flags = flags, .has_question = true, .question_type = type};
    msi_nbname_set(&packet.name, name, suffix);
    receive(life, PEER_IP, &packet);
}

static void claim(struct life *life, uint8_t opcode, uint16_t flags) {
    static const unsigned char address[MSI_NS_ADDRESS] = {0, 0, 10, 77, 0, 3};
    msi_ns_packet packet = {.opcode = opcode,
                            .flags = flags,
                            .has_question = true,
                            .question_type = MSI_NS_TYPE_NB,
                            .has_record = true,
                            .record_is_additional = true,
                            .record_type = MSI_NS_TYPE_NB,
                            .rdata = address,
                            .rdata_len = sizeof address};
    msi_nbname_set(&packet.name, "US", MSI_SUFFIX_WORKSTATION);
    receive(life, PEER_IP, &packet);
}

static void disturb(struct life *life) {
    const uint16_t desired = MSI_NS_RECURSION_DESIRED, broadcast = desired | MSI_NS_BROADCAST;
    ask(life, "US", MSI_SUFFIX_WORKSTATION, MSI_NS_TYPE_NB, broadcast);
    ask(life, "US", MSI_SUFFIX_WORKSTATION, MSI_NS_TYPE_NB, desired);
    ask(life, "WORKGROUP", MSI_SUFFIX_WORKSTATION, MSI_NS_TYPE_NB, broadcast);
    ask(life, "NOBODY", MSI_SUFFIX_WORKSTATION, MSI_NS_TYPE_NB, desired);
    ask(life, "*", 0, MSI_NS_TYPE_STATUS, 0);
    claim(life, MSI_NS_REGISTRATION, broadcast);
    claim(life, MSI_NS_REGISTRATION, MSI_NS_BROADCAST);
    claim(life, MSI_NS_REFRESH, 0);
    claim(life, MSI_NS_MULTIHOMED, desired);
}

static void put_life(size_t subnets, size_t servers) {
    static struct life life;
    static const msi_subnet places[2] = {{OUR_IP, BROADCAST_IP, 0xffffff00},
                                         {0x0a4e0002, 0x0a4e00ff, 0xffffff00}};
    msi_node_config config = {.name_count = 2,
                              .servers = {SERVER_IP},
                              .server_count = servers,
                              .port = MSI_NS_PORT,
                              .ttl = 300000,
                              .unit_id = {2, 0, 10, 77, 0, 2},
                              .seed = 1};
    msi_nbname_set(&config.names[0].name, "US", MSI_SUFFIX_WORKSTATION);
    msi_nbname_set(&config.names[1].name, "WORKGROUP", MSI_SUFFIX_WORKSTATION);
    config.names[1].group = true;
    const msi_node_owner owner = {.send = on_send, .state = on_state, .ctx = &life};
    life = (struct life){.now = SECOND};
    msi_node_init(&life.node, &config, &owner);
    msi_node_set_subnets(&life.node, places, subnets, life.now);
    live(&life, 60);
    disturb(&life);
    live(&life, GRANTED_S);
    msi_node_release(&life.node, life.now);
}

/* Nothing it can send was left out: its requests and responses by opcode. */
static void check_kinds(void) {
    static const uint16_t kinds[] = {MSI_NS_RESPONSE | MSI_NS_QUERY << 11,
                                     MSI_NS_REGISTRATION << 11,
                                     MSI_NS_RESPONSE | MSI_NS_REGISTRATION << 11,
                                     MSI_NS_RELEASE << 11,
                                     MSI_NS_REFRESH << 11,
                                     MSI_NS_MULTIHOMED << 11};
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        size_t i = 0;
        while (i < known_count && (msi_get_be16(known[i].bytes + 2) & 0xf800) != kinds[kind])
            i++;
        char what[32];
        snprintf(what, sizeof what, "a packet of kind 0x%04x", kinds[kind]);
        errno = 0;
        if (i == known_count)
            packets_give_up(what);
    }
}

void packets_put_node(void) {
    put_life(1, 0);
    put_life(2, 0);
    put_life(1, 1);
    put_life(2, 1);
    check_kinds();
}
