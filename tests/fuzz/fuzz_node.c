/*
 * A host's names on the network, driven by the input: packets of any bytes, packets that make some
 * sense, time, late ticks, other subnets, release. Whatever comes, a packet is answered by one at
 * most, to where it came from, and broadcasts come from time alone.
 */
#include "fuzz.h"
#include <node/node.h>

enum { SECOND = 1000000000, PORT = 137 };

/* What is in the corpus by number, so new ones go to the end. */
enum action { RAW, REQUEST, RESPONSE, WAIT, LEAP, SUBNETS, RELEASE, ACTIONS };

enum doing { TICKING, RECEIVING, RELEASING, NOTHING };

struct play {
    struct input input;
    msi_node node;
    msi_node_config config;
    msi_subnet subnets[MSI_NODE_SUBNETS];
    size_t subnet_count;
    uint64_t now;
    enum doing doing;
    msi_udp_address from;
    unsigned replies;
    uint16_t id; /* of what it sent last */
    uint64_t broadcasts, changes;
    bool released;
};

static bool is_broadcast(const struct play *play, uint32_t ip) {
    for (size_t i = 0; i < play->subnet_count; i++)
        if (play->subnets[i].broadcast == ip)
            return true;
    return false;
}

static bool is_server(const struct play *play, uint32_t ip) {
    for (size_t i = 0; i < play->config.server_count; i++)
        if (play->config.servers[i] == ip)
            return true;
    return false;
}

/* ---- What the node does ---- */

static void check_reply(struct play *play, const msi_ns_packet *packet, msi_udp_address to) {
    require(++play->replies == 1);
    require(packet->flags & MSI_NS_RESPONSE);
    require(to.ip == play->from.ip && to.port == play->from.port);
    require(to.port && to.ip && to.ip < 0xe0000000 && !is_broadcast(play, to.ip));
}

static void check_request(struct play *play, const msi_ns_packet *packet, msi_udp_address to) {
    bool by_broadcast = packet->flags & MSI_NS_BROADCAST;
    require(!(packet->flags & MSI_NS_RESPONSE));
    require(packet->has_record && msi_ns_address_count(packet) == 1);
    require(to.port == PORT);
    require(by_broadcast ? is_broadcast(play, to.ip) : is_server(play, to.ip));
    play->broadcasts += by_broadcast;
    play->id = packet->id;
}

static void sent(void *ctx, int subnet, msi_udp_address to, const unsigned char *bytes,
                 size_t len) {
    struct play *play = ctx;
    msi_ns_packet packet;
    require(play->doing != NOTHING && !play->released);
    require(subnet >= -1 && subnet < (int)play->subnet_count);
    require(len <= MSI_NS_MAX && msi_ns_decode(&packet, bytes, len) == MSI_WIRE_SOUND);
    if (play->doing == RECEIVING)
        check_reply(play, &packet, to);
    else
        check_request(play, &packet, to);
}

static void told(void *ctx, size_t name, msi_name_state state, uint32_t by) {
    struct play *play = ctx;
    require(name < play->config.name_count);
    require(msi_node_name_state(&play->node, name) == state);
    require((state == MSI_NAME_CONFLICT) == (play->doing == RECEIVING));
    require(by == (state == MSI_NAME_CONFLICT ? play->from.ip : 0));
}

/* Calls it as often as it wants to be called now. */
static void tick(struct play *play) {
    int calls = 0;
    play->doing = TICKING;
    while (msi_node_next(&play->node) <= play->now) {
        require(++calls <= 4);
        msi_node_tick(&play->node, play->now);
    }
    play->doing = NOTHING;
}

/* ---- What is done to it ---- */

static uint32_t take_ip(struct play *play) {
    uint64_t which = take_number(&play->input, 1);
    if (which < MSI_NODE_SUBNETS)
        return play->subnets[which].ip;
    if (which < 2 * MSI_NODE_SUBNETS)
        return play->subnets[which - MSI_NODE_SUBNETS].broadcast;
    if (which < 2 * MSI_NODE_SUBNETS + MSI_NODE_SERVERS)
        return play->config.servers[which - 2 * (uint64_t)MSI_NODE_SUBNETS];
    return which < 100 ? 0x0a000000u + (uint32_t)which : (uint32_t)take_number(&play->input, 4);
}

static void receive(struct play *play, const unsigned char *bytes, size_t len, bool response) {
    int subnet = (int)(take_number(&play->input, 1) % (MSI_NODE_SUBNETS + 3)) + MSI_NODE_HERE;
    play->from.ip = take_ip(play);
    uint64_t port = take_number(&play->input, 1);
    play->from.port = port < 128 ? PORT : (uint16_t)(port - 128);
    play->replies = 0;
    play->doing = RECEIVING;
    msi_wire_err err = msi_node_receive(&play->node, subnet, play->from, bytes, len, play->now);
    play->doing = NOTHING;
    require(!err || !play->replies);
    require(!response || !play->replies);
}

static void receive_raw(struct play *play) {
    size_t len = (size_t)take_number(&play->input, 1), got;
    const uint8_t *at = take_bytes(&play->input, len, &got);
    unsigned char *bytes = fuzz_memory(got); /* as long as it is, for AddressSanitizer */
    if (got)
        memcpy(bytes, at, got);
    receive(play, bytes, got, got > 2 && bytes[2] & 0x80);
    free(bytes);
}

static msi_nbname take_name(struct play *play) {
    msi_nbname name;
    uint64_t which = take_number(&play->input, 1);
    if (which < play->config.name_count)
        return play->config.names[which].name;
    msi_nbname_set(&name, which % 2 ? "*" : "OTHER", (uint8_t)which);
    return name;
}

static void receive_made(struct play *play, bool response) {
    static const uint8_t opcodes[] = {0, 5, 6, 7, 8, 9, 15, 5};
    unsigned char rdata[MSI_NS_ADDRESS] = {0}, bytes[MSI_NS_MAX];
    msi_ns_packet packet = {.name = take_name(play), .rdata = rdata, .rdata_len = sizeof rdata};
    uint64_t how = take_number(&play->input, 2);
    packet.opcode = opcodes[how % 8];
    packet.flags = (how >> 3 & 0x1f0) | (how >> 12 & MSI_NS_RCODE);
    packet.has_question = !response;
    packet.has_record = response || packet.opcode != MSI_NS_QUERY;
    packet.record_is_additional = !response;
    packet.question_type = how & 0x400 ? MSI_NS_TYPE_STATUS : MSI_NS_TYPE_NB;
    packet.record_type = MSI_NS_TYPE_NB;
    packet.id = play->id;
    packet.ttl = (uint32_t)take_number(&play->input, 2);
    if (response)
        packet.flags |= MSI_NS_RESPONSE | MSI_NS_AUTHORITATIVE;
    msi_ns_address_put(rdata, (msi_ns_address){(uint16_t)(packet.ttl & MSI_NS_GROUP), 1});
    receive(play, bytes, msi_ns_encode(&packet, bytes, sizeof bytes), response);
}

static void wait(struct play *play) {
    uint64_t ms = take_number(&play->input, 2) * 16;
    uint64_t until = play->now + ms * (SECOND / 1000);
    while (msi_node_next(&play->node) <= until) {
        play->now = msi_node_next(&play->node);
        tick(play);
    }
    play->now = until;
}

static void leap(struct play *play) {
    play->now += take_number(&play->input, 1) * SECOND * 60;
    tick(play);
}

static void change_subnets(struct play *play) {
    msi_subnet subnets[MSI_NODE_SUBNETS + 2];
    size_t count = (size_t)take_number(&play->input, 1) % (MSI_NODE_SUBNETS + 3);
    for (size_t i = 0; i < count; i++) {
        uint32_t third = (uint32_t)take_number(&play->input, 1) % 32;
        subnets[i] = (msi_subnet){0x0a010001 + (third << 8), 0x0a0100ff + (third << 8), 0xffffff00};
    }
    msi_node_set_subnets(&play->node, subnets, count, play->now);
    play->subnet_count = count < MSI_NODE_SUBNETS ? count : MSI_NODE_SUBNETS;
    memcpy(play->subnets, subnets, play->subnet_count * sizeof *subnets);
    play->changes++;
    tick(play);
}

static void release(struct play *play) {
    play->doing = RELEASING;
    uint64_t before = play->broadcasts;
    msi_node_release(&play->node, play->now);
    require(play->broadcasts - before <= play->config.name_count * MSI_NODE_SUBNETS);
    play->broadcasts = before;
    play->doing = NOTHING;
    play->released = true;
    require(msi_node_next(&play->node) == UINT64_MAX);
}

static void act(struct play *play, enum action action) {
    switch (action) {
    case RAW:
        receive_raw(play);
        break;
    case REQUEST:
    case RESPONSE:
        receive_made(play, action == RESPONSE);
        break;
    case WAIT:
        wait(play);
        break;
    case LEAP:
        leap(play);
        break;
    case SUBNETS:
        change_subnets(play);
        break;
    default:
        release(play);
    }
}

/* ---- The play ---- */

static void begin(struct play *play) {
    msi_node_owner owner = {.send = sent, .state = told, .ctx = play};
    msi_node_config *config = &play->config;
    *config = (msi_node_config){.port = PORT, .ttl = 300000};
    config->name_count = (size_t)take_number(&play->input, 1) % (MSI_NODE_NAMES + 1);
    config->server_count = (size_t)take_number(&play->input, 1) % (MSI_NODE_SERVERS + 1);
    config->seed = (uint32_t)take_number(&play->input, 2);
    uint64_t groups = take_number(&play->input, 2);
    for (size_t i = 0; i < config->name_count; i++) {
        msi_nbname_set(&config->names[i].name, "HOST", (uint8_t)i);
        config->names[i].group = groups >> i & 1;
    }
    for (uint32_t i = 0; i < config->server_count; i++)
        config->servers[i] = 0x0a090901 + i;
    msi_node_init(&play->node, config, &owner);
    play->doing = NOTHING;
}

/* A claim, of a subnet that is new or of what was lost half a minute ago at least, is four
 * broadcasts; a name that is held is announced once a minute at most. */
static void check_rate(const struct play *play) {
    uint64_t claims = 1 + play->changes + play->now / ((uint64_t)MSI_NODE_RECLAIM_S * SECOND);
    require(play->broadcasts <=
            claims * (MSI_NODE_RETRIES + 2) * play->config.name_count * MSI_NODE_SUBNETS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct play play;
    play = (struct play){.input = {data, size}};
    begin(&play);
    while (play.input.left)
        act(&play, (enum action)(take_number(&play.input, 1) % ACTIONS));
    check_rate(&play);
    return 0;
}
