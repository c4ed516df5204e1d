/* Names claimed, held and lost. */
#include "node_private.h"

/* ---- Small things ---- */

static uint64_t draw(msi_node *node) {
    /* xorshift64 */
    node->random ^= node->random << 13;
    node->random ^= node->random >> 7;
    node->random ^= node->random << 17;
    return node->random;
}

uint16_t msi_node_fresh_id(msi_node *node) { return (uint16_t)(draw(node) >> 24); }

uint64_t msi_node_random_s(msi_node *node, uint64_t least, uint64_t most) {
    return least * MSI_NODE_S + (draw(node) >> 8) % ((most - least) * MSI_NODE_S);
}

size_t msi_node_find(const msi_node *node, const msi_nbname *name) {
    size_t i = 0;
    while (i < node->config.name_count && !msi_nbname_equal(&node->config.names[i].name, name))
        i++;
    return i;
}

uint16_t msi_node_flags(const msi_node *node, bool group) {
    return (uint16_t)((group ? MSI_NS_GROUP : 0) | (node->config.server_count ? MSI_NS_NODE_H : 0));
}

static void set_state(msi_node *node, size_t name, msi_name_state state, uint32_t by) {
    if (node->claims[name].state == state)
        return;
    node->claims[name].state = state;
    node->owner.state(node->owner.ctx, name, state, by);
}

static uint32_t all_subnets(const msi_node *node) {
    return (uint32_t)(((uint64_t)1 << node->subnet_count) - 1);
}

/* ---- Requests ---- */

static void send_request(const msi_node *node, size_t name, uint32_t ip, int from,
                         msi_udp_address to, msi_node_request request) {
    unsigned char address[MSI_NS_ADDRESS], bytes[MSI_NS_MAX];
    uint16_t flags = msi_node_flags(node, node->config.names[name].group);
    msi_ns_address_put(address, (msi_ns_address){flags, ip});
    msi_ns_packet packet = {.id = request.id,
                            .flags = request.flags,
                            .opcode = request.opcode,
                            .has_question = true,
                            .has_record = true,
                            .record_is_additional = true,
                            .name = node->config.names[name].name,
                            .question_type = MSI_NS_TYPE_NB,
                            .record_type = MSI_NS_TYPE_NB,
                            .ttl = request.opcode == MSI_NS_RELEASE ? 0 : node->config.ttl,
                            .rdata = address,
                            .rdata_len = sizeof address};
    size_t len = msi_ns_encode(&packet, bytes, sizeof bytes);
    node->owner.send(node->owner.ctx, from, to, bytes, len);
}

void msi_node_send_server(const msi_node *node, size_t name, size_t subnet, uint32_t server,
                          msi_node_request request) {
    msi_udp_address to = {server, node->config.port};
    send_request(node, name, node->subnets[subnet].ip, -1, to, request);
}

static void broadcast(const msi_node *node, size_t name, uint32_t on, msi_node_request request) {
    request.flags |= MSI_NS_BROADCAST;
    for (size_t i = 0; i < node->subnet_count; i++) {
        msi_udp_address to = {node->subnets[i].broadcast, node->config.port};
        if (on >> i & 1)
            send_request(node, name, node->subnets[i].ip, (int)i, to, request);
    }
}

/* ---- Claims ---- */

void msi_node_claim_by_broadcast(msi_node *node, size_t name, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    if (claim->state != MSI_NAME_CLAIMING || claim->claiming_on || !node->subnet_count)
        return;
    claim->claiming_on = all_subnets(node);
    claim->id = msi_node_fresh_id(node);
    claim->next = now;
}

static void begin(msi_node *node, size_t name, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    claim->claiming_on = 0;
    claim->sent = 0;
    claim->refusable_until = 0;
    claim->next = MSI_NODE_NEVER;
    set_state(node, name, MSI_NAME_CLAIMING, 0);
    if (!msi_wins_start(node, name, now))
        msi_node_claim_by_broadcast(node, name, now);
}

static void register_by_broadcast(msi_node *node, size_t name, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    broadcast(node, name, claim->claiming_on,
              (msi_node_request){MSI_NS_REGISTRATION, MSI_NS_RECURSION_DESIRED, claim->id});
    claim->sent++;
    claim->refusable_until = now + MSI_NODE_REFUSABLE_MS * MSI_NODE_MS;
    claim->next = now + MSI_NODE_RETRY_MS * MSI_NODE_MS;
}

/* Tells everybody that the name is the node's. What ends a claim keeps its transaction id, so that
 * a late answer to the last registration is still an answer. */
static void demand(msi_node *node, size_t name, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    uint32_t on = claim->claiming_on;
    if (!on) {
        on = all_subnets(node);
        claim->id = msi_node_fresh_id(node);
    }
    broadcast(node, name, on, (msi_node_request){MSI_NS_REGISTRATION, 0, claim->id});
    claim->claiming_on = 0;
    claim->sent = 0;
    claim->announced = now;
    claim->refusable_until = now + MSI_NODE_REFUSABLE_MS * MSI_NODE_MS;
    claim->next = MSI_NODE_NEVER;
    if (!node->config.names[name].group)
        claim->next = now + msi_node_random_s(node, MSI_NODE_ANNOUNCE_S, MSI_NODE_ANNOUNCE_MOST_S);
    set_state(node, name, MSI_NAME_HELD, 0);
}

static void go_on(msi_node *node, size_t name, uint64_t now) {
    const msi_node_claim *claim = &node->claims[name];
    if (claim->state == MSI_NAME_CONFLICT)
        begin(node, name, now);
    else if (claim->claiming_on && claim->sent < MSI_NODE_RETRIES)
        register_by_broadcast(node, name, now);
    else
        demand(node, name, now);
}

void msi_node_lose(msi_node *node, size_t name, uint32_t by, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    claim->claiming_on = 0;
    claim->sent = 0;
    claim->refusable_until = 0;
    claim->next = now + msi_node_random_s(node, MSI_NODE_RECLAIM_S, MSI_NODE_RECLAIM_MOST_S);
    msi_wins_leave(node, name, now);
    set_state(node, name, MSI_NAME_CONFLICT, by);
}

/* ---- Responses ---- */

/* Somebody says, out of turn, that a name is in conflict. If it is, whoever else holds it will
 * refuse it. */
static void doubt(msi_node *node, size_t name, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    if (claim->state != MSI_NAME_HELD || claim->claiming_on || node->config.names[name].group)
        return;
    uint64_t soon = now + msi_node_random_s(node, 0, 1);
    uint64_t soonest = claim->announced + MSI_NODE_DOUBT_S * MSI_NODE_S;
    if (soon < soonest)
        soon = soonest;
    if (soon < claim->next)
        claim->next = soon;
}

static bool in_time(const msi_node_claim *claim, const msi_node_packet *packet) {
    return (claim->state == MSI_NAME_CLAIMING || claim->state == MSI_NAME_HELD) &&
           packet->ns.id == claim->id && packet->now < claim->refusable_until;
}

static void take_response(msi_node *node, const msi_node_packet *packet) {
    size_t name = msi_node_find(node, &packet->ns.name);
    if (name == node->config.name_count || msi_wins_receive(node, name, packet))
        return;
    unsigned rcode = packet->ns.flags & MSI_NS_RCODE;
    if (packet->ns.opcode != MSI_NS_REGISTRATION ||
        (rcode != MSI_NS_ACTIVE && rcode != MSI_NS_CONFLICT))
        return;
    if (in_time(&node->claims[name], packet))
        msi_node_lose(node, name, packet->from.ip, packet->now);
    else if (rcode == MSI_NS_CONFLICT)
        doubt(node, name, packet->now);
}

static bool has_address(const msi_node *node, uint32_t ip) {
    bool has = false;
    for (size_t i = 0; i < node->subnet_count; i++)
        has = has || node->subnets[i].ip == ip;
    return has;
}

msi_wire_err msi_node_receive(msi_node *node, int subnet, msi_udp_address from,
                              const unsigned char *bytes, size_t len, uint64_t now) {
    bool ours = has_address(node, from.ip);
    msi_node_packet packet = {
        .from = from, .subnet = -1, .here = ours || subnet == MSI_NODE_HERE, .now = now};
    msi_wire_err err = msi_ns_decode(&packet.ns, bytes, len);
    if (err || node->released || (ours && from.port == node->config.port))
        return err;
    if (subnet >= 0 && (size_t)subnet < node->subnet_count)
        packet.subnet = subnet;
    if (!(packet.ns.flags & MSI_NS_RESPONSE))
        msi_node_answer(node, &packet);
    else if (!packet.here)
        take_response(node, &packet);
    return MSI_WIRE_SOUND;
}

/* ---- Subnets ---- */

/* What has changed: a bit for each subnet that is new and that was there, and what they were. */
typedef struct {
    uint32_t fresh, stays;
    int before[MSI_NODE_SUBNETS];
} subnet_change;

static int index_of(const msi_node *node, msi_subnet subnet) {
    for (size_t i = 0; i < node->subnet_count; i++)
        if (node->subnets[i].ip == subnet.ip && node->subnets[i].broadcast == subnet.broadcast)
            return (int)i;
    return -1;
}

static subnet_change compare(const msi_node *node, const msi_subnet *subnets, size_t count) {
    subnet_change change = {.fresh = 0};
    for (size_t i = 0; i < count; i++) {
        change.before[i] = index_of(node, subnets[i]);
        *(change.before[i] < 0 ? &change.fresh : &change.stays) |= 1u << i;
    }
    return change;
}

/* The bits of a mask where its subnets are now. */
static uint32_t moved(const subnet_change *change, uint32_t mask) {
    uint32_t to = 0;
    for (size_t i = 0; i < MSI_NODE_SUBNETS; i++)
        if (change->stays >> i & 1 && mask >> change->before[i] & 1)
            to |= 1u << i;
    return to;
}

static void go_along(msi_node *node, size_t name, const subnet_change *change, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    if (claim->state == MSI_NAME_CLAIMING || !change->stays) {
        begin(node, name, now);
        return;
    }
    if (claim->state != MSI_NAME_HELD)
        return;
    uint32_t left = moved(change, claim->claiming_on);
    if (change->fresh) {
        claim->id = msi_node_fresh_id(node);
        claim->sent = 0;
        claim->next = now;
    }
    claim->claiming_on = left | change->fresh;
    msi_wins_renew(node, name, now);
}

void msi_node_set_subnets(msi_node *node, const msi_subnet *subnets, size_t count, uint64_t now) {
    if (count > MSI_NODE_SUBNETS)
        count = MSI_NODE_SUBNETS;
    subnet_change change = compare(node, subnets, count);
    bool same = count == node->subnet_count;
    for (size_t i = 0; i < count; i++) {
        same = same && change.before[i] == (int)i;
        node->subnets[i] = subnets[i];
    }
    node->subnet_count = count;
    for (size_t i = 0; i < node->config.name_count && !same && !node->released; i++)
        go_along(node, i, &change, now);
}

/* ---- Life ---- */

void msi_node_init(msi_node *node, const msi_node_config *config, const msi_node_owner *owner) {
    *node = (msi_node){.config = *config, .owner = *owner};
    /* An odd multiplier spreads small seeds over all bits; xorshift must not start from 0. */
    node->random = ((uint64_t)config->seed + 1) * 0x9e3779b97f4a7c15u;
    if (node->config.name_count > MSI_NODE_NAMES)
        node->config.name_count = MSI_NODE_NAMES;
    if (node->config.server_count > MSI_NODE_SERVERS)
        node->config.server_count = MSI_NODE_SERVERS;
    for (size_t i = 0; i < node->config.name_count; i++)
        node->claims[i].next = node->claims[i].wins.next = MSI_NODE_NEVER;
}

uint64_t msi_node_next(const msi_node *node) {
    uint64_t next = MSI_NODE_NEVER;
    for (size_t i = 0; i < node->config.name_count; i++) {
        const msi_node_claim *claim = &node->claims[i];
        uint64_t sooner = claim->next < claim->wins.next ? claim->next : claim->wins.next;
        next = sooner < next ? sooner : next;
    }
    return next;
}

void msi_node_tick(msi_node *node, uint64_t now) {
    for (size_t i = 0; i < node->config.name_count; i++) {
        if (node->claims[i].next <= now)
            go_on(node, i, now);
        if (node->claims[i].wins.next <= now)
            msi_wins_tick(node, i, now);
    }
}

void msi_node_release(msi_node *node, uint64_t now) {
    (void)now;
    for (size_t i = 0; i < node->config.name_count && !node->released; i++) {
        msi_node_claim *claim = &node->claims[i];
        if (claim->state == MSI_NAME_HELD)
            broadcast(node, i, all_subnets(node),
                      (msi_node_request){MSI_NS_RELEASE, 0, msi_node_fresh_id(node)});
        msi_wins_release(node, i);
        claim->next = claim->wins.next = MSI_NODE_NEVER;
        set_state(node, i, MSI_NAME_RELEASED, 0);
    }
    node->released = true;
}

msi_name_state msi_node_name_state(const msi_node *node, size_t name) {
    return node->claims[name].state;
}
