/* Requests of others: queries, node status, and claims of names that are the node's. */
#include "node_answer.h"
#include "node_claim.h"
#include "node_wins.h"

#include <string.h>

/* RFC 1001: addresses from 224.0.0.0 on are no host's, and the broadcast address is the last. */
enum { MULTICAST = 0xe0 };

/* Whether an address is one host's, so that an answer cannot reach many. */
static bool is_a_host(const msi_node *node, msi_udp_address from) {
    bool broadcast = false;
    for (size_t i = 0; i < node->subnet_count; i++)
        broadcast = broadcast || node->subnets[i].broadcast == from.ip;
    return from.port && from.ip && from.ip >> 24 < MULTICAST && !broadcast;
}

/* Answers with a record about the name in the question. */
static void answer_reply(const msi_node *node, const msi_node_packet *packet,
                         msi_ns_packet *answer) {
    unsigned char bytes[MSI_NS_MAX];
    answer->id = packet->ns.id;
    answer->flags |= MSI_NS_RESPONSE | MSI_NS_AUTHORITATIVE;
    answer->has_record = true;
    answer->name = packet->ns.name;
    size_t len = msi_ns_encode(answer, bytes, sizeof bytes);
    node->owner.send(node->owner.ctx, packet->subnet, packet->from, bytes, len);
}

static bool name_is_held(const msi_node *node, size_t name) {
    return name < node->config.name_count && node->claims[name].state == MSI_NAME_HELD;
}

static bool any_name_is_held(const msi_node *node) {
    size_t i = 0;
    while (i < node->config.name_count && !name_is_held(node, i))
        i++;
    return i < node->config.name_count;
}

/* Whether the name is the wildcard of the node's scope; only a node that holds a name answers it.
 */
static bool is_wildcard_for_us(const msi_node *node, const msi_nbname *name) {
    if (!msi_nbname_is_wildcard(name) || !any_name_is_held(node))
        return false;
    msi_nbname ours = node->config.names[0].name;
    memcpy(ours.bytes, name->bytes, sizeof ours.bytes);
    return msi_nbname_equal(&ours, name);
}

/* ---- Queries ---- */

/* Writes the node's addresses, beginning with that on the subnet of the question. Returns the
 * bytes. */
static size_t put_addresses(const msi_node *node, int first, uint16_t flags, unsigned char *out) {
    size_t len = 0;
    for (size_t i = 0; i < node->subnet_count; i++, len += MSI_NS_ADDRESS) {
        size_t subnet = i;
        /* The asker tries the first address first, which should be on its own network. */
        if (first >= 0 && i <= (size_t)first)
            subnet = i ? i - 1 : (size_t)first;
        msi_ns_address_put(out + len, (msi_ns_address){flags, node->subnets[subnet].ip});
    }
    return len;
}

static void answer_found(const msi_node *node, const msi_node_packet *packet, bool group) {
    unsigned char addresses[MSI_NODE_SUBNETS * MSI_NS_ADDRESS];
    size_t len = put_addresses(node, packet->subnet, msi_node_flags(node, group), addresses);
    msi_ns_packet answer = {.flags = MSI_NS_RECURSION_DESIRED,
                            .opcode = MSI_NS_QUERY,
                            .record_type = MSI_NS_TYPE_NB,
                            .ttl = node->config.ttl,
                            .rdata = addresses,
                            .rdata_len = (uint16_t)len};
    answer_reply(node, packet, &answer);
}

static void answer_not_found(const msi_node *node, const msi_node_packet *packet) {
    msi_ns_packet answer = {.flags = MSI_NS_RECURSION_DESIRED | MSI_NS_NAME_ERROR,
                            .opcode = MSI_NS_QUERY,
                            .record_type = MSI_NS_TYPE_NULL};
    answer_reply(node, packet, &answer);
}

/* A WINS server that has granted one address queries the name before it adds the next one, while
 * the node does not hold it yet. */
static bool name_is_granted(const msi_node *node, size_t name) {
    return name < node->config.name_count && node->claims[name].state == MSI_NAME_CLAIMING &&
           msi_wins_is_registered(node, name);
}

/* A broadcast query gets no negative answer, a unicast query always gets an answer. */
static void answer_query(const msi_node *node, const msi_node_packet *packet) {
    bool by_broadcast = packet->ns.flags & MSI_NS_BROADCAST;
    size_t name = msi_node_find(node, &packet->ns.name);
    if (name_is_held(node, name) || (!by_broadcast && name_is_granted(node, name)))
        answer_found(node, packet, node->config.names[name].group);
    else if (is_wildcard_for_us(node, &packet->ns.name))
        answer_found(node, packet, false);
    else if (!by_broadcast)
        answer_not_found(node, packet);
}

/* RFC 1002 section 4.2.18: a node status response lists the names that are held. */
static void answer_status(const msi_node *node, const msi_node_packet *packet) {
    unsigned char data[1 + MSI_NODE_NAMES * (size_t)MSI_NS_STATUS_NAME + (size_t)MSI_NS_STATISTICS];
    msi_ns_status_name names[MSI_NODE_NAMES];
    size_t count = 0;
    for (size_t i = 0; i < node->config.name_count; i++) {
        if (!name_is_held(node, i))
            continue;
        const msi_node_name *name = &node->config.names[i];
        memcpy(names[count].bytes, name->name.bytes, sizeof names[count].bytes);
        names[count++].flags = msi_node_flags(node, name->group) | MSI_NS_NAME_ACTIVE;
    }
    size_t len = msi_ns_status_put(data, sizeof data, names, count, node->config.unit_id);
    msi_ns_packet answer = {.opcode = MSI_NS_QUERY,
                            .record_type = MSI_NS_TYPE_STATUS,
                            .rdata = data,
                            .rdata_len = (uint16_t)len};
    answer_reply(node, packet, &answer);
}

static void answer_question(const msi_node *node, const msi_node_packet *packet) {
    const msi_nbname *name = &packet->ns.name;
    if (packet->ns.question_type == MSI_NS_TYPE_NB)
        answer_query(node, packet);
    else if (packet->ns.question_type == MSI_NS_TYPE_STATUS &&
             (name_is_held(node, msi_node_find(node, name)) || is_wildcard_for_us(node, name)))
        answer_status(node, packet);
}

/* ---- Claims by others ---- */

static bool is_claim(const msi_ns_packet *ns) {
    return ns->has_question && ns->question_type == MSI_NS_TYPE_NB && ns->has_record &&
           ns->record_type == MSI_NS_TYPE_NB && msi_ns_address_count(ns) &&
           msi_nbname_equal(&ns->name, &ns->record_name);
}

/* The address that a claimant compares its own with; the lowest if the subnet is not known. */
static uint32_t own_address(const msi_node *node, int subnet) {
    if (subnet >= 0)
        return node->subnets[subnet].ip;
    uint32_t ip = UINT32_MAX;
    for (size_t i = 0; i < node->subnet_count; i++)
        ip = node->subnets[i].ip < ip ? node->subnets[i].ip : ip;
    return ip;
}

/* Whether a claim under way yields: to a host that says it owns the name, and to a claim from a
 * lower address. Not to a unicast claim, which a B-node must not make and other hosts do not see;
 * not to a host elsewhere, since broadcasts are not routed; and not to this host, which has no
 * other node. */
static bool claim_gives_way(const msi_node *node, const msi_node_packet *packet) {
    const msi_ns_packet *ns = &packet->ns;
    if (packet->here || packet->link < 0 || !(ns->flags & MSI_NS_BROADCAST))
        return false;
    bool claims = (ns->opcode == MSI_NS_REGISTRATION && ns->flags & MSI_NS_RECURSION_DESIRED) ||
                  ns->opcode == MSI_NS_MULTIHOMED;
    return !claims || packet->from.ip < own_address(node, packet->subnet);
}

/* RFC 1002 section 4.2.6; with the claimant's first address, so never longer than the claim. */
static void answer_refuse(const msi_node *node, const msi_node_packet *packet) {
    msi_ns_packet answer = {.flags = MSI_NS_RECURSION_DESIRED | MSI_NS_ACTIVE,
                            .opcode = MSI_NS_REGISTRATION,
                            .record_type = MSI_NS_TYPE_NB,
                            .rdata = packet->ns.rdata,
                            .rdata_len = MSI_NS_ADDRESS};
    answer_reply(node, packet, &answer);
}

static void answer_claim(msi_node *node, const msi_node_packet *packet) {
    size_t name = msi_node_find(node, &packet->ns.name);
    if (name == node->config.name_count || !is_claim(&packet->ns))
        return;
    bool group = msi_ns_address_at(&packet->ns, 0).nb_flags & MSI_NS_GROUP;
    /* A group has any number of members; a claim by another one is no conflict. */
    if (group && node->config.names[name].group)
        return;
    msi_name_state state = node->claims[name].state;
    if (state == MSI_NAME_CLAIMING && claim_gives_way(node, packet))
        msi_claim_lose(node, name, packet->from.ip, packet->now);
    else if (state == MSI_NAME_CLAIMING || state == MSI_NAME_HELD)
        answer_refuse(node, packet);
}

static bool is_server(const msi_node *node, uint32_t ip) {
    for (size_t i = 0; i < node->config.server_count; i++)
        if (node->config.servers[i] == ip)
            return true;
    return false;
}

/* An answer may be longer than its request, and a source address elsewhere may be forged. */
static bool may_answer(msi_node *node, const msi_node_packet *packet) {
    if (packet->here || packet->link >= 0 || is_server(node, packet->from.ip))
        return true;
    uint64_t second = packet->now / MSI_NODE_S;
    if (second != node->routed_second)
        node->routed = 0;
    node->routed_second = second;
    return node->routed++ < MSI_NODE_ROUTED_PER_S;
}

void msi_node_answer(msi_node *node, const msi_node_packet *packet) {
    if (!is_a_host(node, packet->from) || !may_answer(node, packet))
        return;
    switch (packet->ns.opcode) {
    case MSI_NS_QUERY:
        if (packet->ns.has_question)
            answer_question(node, packet);
        break;
    case MSI_NS_REGISTRATION:
    case MSI_NS_REFRESH:
    case MSI_NS_REFRESH_ALT:
    case MSI_NS_MULTIHOMED:
        answer_claim(node, packet);
        break;
    default: /* A release concerns caches, not holders. */
        break;
    }
}
