/* What claims, leases and answers have in common: random numbers, the node's names, and requests
 * as they are encoded and sent. */
#include "node_common.h"

/* ---- Random numbers ---- */

static uint64_t node_random(msi_node *node) {
    /* xorshift64 */
    node->random ^= node->random << 13;
    node->random ^= node->random >> 7;
    node->random ^= node->random << 17;
    return node->random;
}

/* Not the low bits, which are the weakest of xorshift. */
uint16_t msi_node_fresh_id(msi_node *node) { return (uint16_t)(node_random(node) >> 24); }

uint64_t msi_node_random_s(msi_node *node, uint64_t least, uint64_t most) {
    return least * MSI_NODE_S + (node_random(node) >> 8) % ((most - least) * MSI_NODE_S);
}

/* ---- Names and subnets ---- */

size_t msi_node_find(const msi_node *node, const msi_nbname *name) {
    size_t i = 0;
    while (i < node->config.name_count && !msi_nbname_equal(&node->config.names[i].name, name))
        i++;
    return i;
}

uint16_t msi_node_flags(const msi_node *node, bool group) {
    return (uint16_t)((group ? MSI_NS_GROUP : 0) | (node->config.server_count ? MSI_NS_NODE_H : 0));
}

uint32_t msi_node_all_subnets(const msi_node *node) {
    /* In 64 bits: a shift by 32 of a uint32_t would be undefined. */
    return (uint32_t)(((uint64_t)1 << node->subnet_count) - 1);
}

uint32_t msi_node_broadcast_subnets(const msi_node *node) {
    uint32_t mask = 0;
    for (size_t i = 0; i < node->subnet_count; i++)
        mask |= node->subnets[i].broadcast ? 1u << i : 0;
    return mask;
}

/* ---- Requests ---- */

static void node_send_request(const msi_node *node, size_t name, uint32_t ip, int from,
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
    node_send_request(node, name, node->subnets[subnet].ip, (int)subnet, to, request);
}

void msi_node_broadcast(const msi_node *node, size_t name, uint32_t on, msi_node_request request) {
    request.flags |= MSI_NS_BROADCAST;
    on &= msi_node_broadcast_subnets(node);
    for (size_t i = 0; i < node->subnet_count; i++) {
        msi_udp_address to = {node->subnets[i].broadcast, node->config.port};
        if (on >> i & 1)
            node_send_request(node, name, node->subnets[i].ip, (int)i, to, request);
    }
}
