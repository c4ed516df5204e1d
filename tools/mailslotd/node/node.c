/* The node's interface: packets, time and subnets, for all names. */
#include "node_answer.h"
#include "node_claim.h"
#include "node_wins.h"

/* ---- Packets ---- */

static bool has_address(const msi_node *node, uint32_t ip) {
    bool has = false;
    for (size_t i = 0; i < node->subnet_count; i++)
        has = has || node->subnets[i].ip == ip;
    return has;
}

static bool is_on(const msi_subnet *subnet, uint32_t ip) {
    return !((subnet->ip ^ ip) & subnet->netmask);
}

/* The subnet that a sender is on, which is where the packet came in, if that is known. */
static int link_of(const msi_node *node, int subnet, uint32_t ip) {
    if (subnet >= 0)
        return is_on(&node->subnets[subnet], ip) ? subnet : -1;
    for (size_t i = 0; i < node->subnet_count; i++)
        if (is_on(&node->subnets[i], ip))
            return (int)i;
    return -1;
}

msi_wire_err msi_node_receive(msi_node *node, int subnet, msi_udp_address from,
                              const unsigned char *bytes, size_t len, uint64_t now) {
    bool ours = has_address(node, from.ip);
    msi_node_packet packet = {
        .from = from, .subnet = -1, .here = ours || subnet == MSI_NODE_HERE, .now = now};
    msi_wire_err err = msi_ns_decode(&packet.ns, bytes, len);
    /* Our own broadcasts come back to us; they are not requests of another host. Other programs of
     * this computer use other ports. */
    if (err || node->released || (ours && from.port == node->config.port))
        return err;
    if (subnet >= 0 && (size_t)subnet < node->subnet_count)
        packet.subnet = subnet;
    packet.link = link_of(node, packet.subnet, from.ip);
    if (!(packet.ns.flags & MSI_NS_RESPONSE))
        msi_node_answer(node, &packet);
    /* A response of this computer cannot be about our claim: it has no other node. */
    else if (!packet.here)
        msi_claim_receive(node, &packet);
    return MSI_WIRE_SOUND;
}

/* ---- Subnets ---- */

static int subnet_index(const msi_node *node, msi_subnet subnet) {
    for (size_t i = 0; i < node->subnet_count; i++)
        if (node->subnets[i].ip == subnet.ip && node->subnets[i].broadcast == subnet.broadcast &&
            node->subnets[i].netmask == subnet.netmask)
            return (int)i;
    return -1;
}

static msi_subnet_change subnets_compare(const msi_node *node, const msi_subnet *subnets,
                                         size_t count) {
    msi_subnet_change change = {.fresh = 0};
    for (size_t i = 0; i < count; i++) {
        change.before[i] = subnet_index(node, subnets[i]);
        *(change.before[i] < 0 ? &change.fresh : &change.stays) |= 1u << i;
    }
    return change;
}

void msi_node_set_subnets(msi_node *node, const msi_subnet *subnets, size_t count, uint64_t now) {
    if (count > MSI_NODE_SUBNETS)
        count = MSI_NODE_SUBNETS;
    msi_subnet_change change = subnets_compare(node, subnets, count);
    bool same = count == node->subnet_count;
    for (size_t i = 0; i < count; i++) {
        same = same && change.before[i] == (int)i;
        node->subnets[i] = subnets[i];
    }
    node->subnet_count = count;
    /* Claims refer to subnets by index, so they follow every change of the list. */
    for (size_t i = 0; i < node->config.name_count && !same && !node->released; i++)
        msi_claim_move(node, i, &change, now);
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
    for (size_t i = 0; i < node->config.name_count; i++) {
        node->claims[i].next = MSI_NODE_NEVER;
        msi_wins_start(node, i, 0); /* no subnets yet: all leases idle */
    }
}

uint64_t msi_node_next(const msi_node *node) {
    uint64_t next = MSI_NODE_NEVER;
    for (size_t i = 0; i < node->config.name_count; i++) {
        uint64_t claim = node->claims[i].next, lease = msi_wins_next(node, i);
        uint64_t sooner = claim < lease ? claim : lease;
        next = sooner < next ? sooner : next;
    }
    return next;
}

void msi_node_tick(msi_node *node, uint64_t now) {
    for (size_t i = 0; i < node->config.name_count; i++)
        msi_claim_tick(node, i, now);
}

void msi_node_release(msi_node *node, uint64_t now) {
    (void)now;
    for (size_t i = 0; i < node->config.name_count && !node->released; i++)
        msi_claim_release(node, i);
    node->released = true;
}

msi_name_state msi_node_name_state(const msi_node *node, size_t name) {
    return node->claims[name].state;
}
