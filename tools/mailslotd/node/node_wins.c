/*
 * Registration of a name with WINS servers (RFC 1002 sections 5.1.2 and 5.1.3). Each address has a
 * lease of its own: its requests, server, retries and refreshes wait for no other address, since an
 * address that no server can reach gets no answer, or WACKs without end.
 */
#include "node_wins.h"

static msi_wins_lease *wins_lease(msi_node *node, size_t name, size_t address) {
    return &node->claims[name].leases[address];
}

static void lease_go_idle(msi_wins_lease *lease, uint64_t until) {
    lease->step = MSI_WINS_IDLE;
    lease->next = until;
}

static void lease_try_later(msi_node *node, msi_wins_lease *lease, uint64_t now) {
    lease_go_idle(lease,
                  now + msi_node_random_s(node, MSI_NODE_WINS_AGAIN_S, MSI_NODE_WINS_AGAIN_MOST_S));
}

/* ---- Requests ---- */

static void lease_ask(msi_node *node, msi_wins_lease *lease, bool refreshing, uint64_t now) {
    lease->step = MSI_WINS_ASKING;
    lease->refreshing = refreshing;
    /* A new id for each address: late answers about the previous one do not match. */
    lease->id = msi_node_fresh_id(node);
    lease->sent = lease->wacks = 0;
    lease->next = now;
}

void msi_wins_start(msi_node *node, size_t name, uint64_t now) {
    for (size_t i = 0; i < MSI_NODE_SUBNETS; i++) {
        msi_wins_lease *lease = wins_lease(node, name, i);
        *lease = (msi_wins_lease){.next = MSI_NODE_NEVER};
        if (i < node->subnet_count && node->config.server_count)
            lease_ask(node, lease, false, now);
    }
}

/* An address that stays is registered again too: whether a name is multi-homed has to be said with
 * each address. */
void msi_wins_move(msi_node *node, size_t name, const msi_subnet_change *change, uint64_t now) {
    msi_wins_lease before[MSI_NODE_SUBNETS];
    for (size_t i = 0; i < MSI_NODE_SUBNETS; i++)
        before[i] = *wins_lease(node, name, i);
    msi_wins_start(node, name, now);
    for (size_t i = 0; i < node->subnet_count; i++)
        if (change->before[i] >= 0) {
            wins_lease(node, name, i)->server = before[change->before[i]].server;
            wins_lease(node, name, i)->registered = before[change->before[i]].registered;
        }
}

/* A group has no addresses to add: servers keep one record for all members, and nmbd refuses a
 * multi-homed registration of it. */
static void lease_send_request(const msi_node *node, size_t name, size_t address) {
    const msi_wins_lease *lease = &node->claims[name].leases[address];
    msi_node_request request = {MSI_NS_REGISTRATION, MSI_NS_RECURSION_DESIRED, lease->id};
    if (lease->refreshing)
        request = (msi_node_request){MSI_NS_REFRESH, 0, lease->id};
    else if (node->subnet_count > 1 && !node->config.names[name].group)
        request.opcode = MSI_NS_MULTIHOMED;
    msi_node_send_server(node, name, address, node->config.servers[lease->server], request);
}

/* Server timed out: try the next, or all of them again later. */
static void lease_try_next_server(msi_node *node, msi_wins_lease *lease, uint64_t now) {
    lease->registered = false;
    if (lease->server + 1 < node->config.server_count) {
        lease->server++;
        lease_ask(node, lease, false, now);
        return;
    }
    lease->server = 0;
    lease_try_later(node, lease, now);
}

static void lease_retransmit(msi_node *node, size_t name, size_t address, uint64_t now) {
    msi_wins_lease *lease = wins_lease(node, name, address);
    if (lease->sent == MSI_NODE_WINS_RETRIES) {
        lease_try_next_server(node, lease, now);
        return;
    }
    lease_send_request(node, name, address);
    lease->sent++;
    lease->next = now + MSI_NODE_WINS_RETRY_MS * MSI_NODE_MS;
}

/* ---- Release ---- */

static bool lease_may_be_known(const msi_wins_lease *lease) {
    return lease->registered || lease->step != MSI_WINS_IDLE;
}

void msi_wins_leave(msi_node *node, size_t name, uint64_t now) {
    for (size_t i = 0; i < node->subnet_count; i++) {
        msi_wins_lease *lease = wins_lease(node, name, i);
        bool perhaps = lease_may_be_known(lease);
        lease->refused_by = 0;
        lease->step = perhaps ? MSI_WINS_LEAVING : MSI_WINS_IDLE;
        lease->next = perhaps ? now : MSI_NODE_NEVER;
    }
}

static void lease_release(msi_node *node, size_t name, size_t address) {
    msi_wins_lease *lease = wins_lease(node, name, address);
    if (lease_may_be_known(lease))
        msi_node_send_server(node, name, address, node->config.servers[lease->server],
                             (msi_node_request){MSI_NS_RELEASE, 0, msi_node_fresh_id(node)});
    lease->registered = false;
    lease_go_idle(lease, MSI_NODE_NEVER);
}

void msi_wins_release(msi_node *node, size_t name) {
    for (size_t i = 0; i < node->subnet_count; i++)
        lease_release(node, name, i);
}

/* ---- The leases together ---- */

bool msi_wins_is_registered(const msi_node *node, size_t name) {
    size_t i = 0;
    while (i < node->subnet_count && !node->claims[name].leases[i].registered)
        i++;
    return i < node->subnet_count;
}

uint32_t msi_wins_refused_by(const msi_node *node, size_t name) {
    uint32_t server = 0;
    for (size_t i = 0; i < node->subnet_count && !server; i++)
        server = node->claims[name].leases[i].refused_by;
    return server;
}

/* Another address may still be granted the name while it is being asked for. */
static msi_wins_event wins_outcome(const msi_node *node, size_t name) {
    bool asking = false;
    for (size_t i = 0; i < node->subnet_count; i++)
        asking = asking || node->claims[name].leases[i].step == MSI_WINS_ASKING;
    bool refused = msi_wins_refused_by(node, name) && !msi_wins_is_registered(node, name);
    return refused && !asking ? MSI_WINS_REFUSED : MSI_WINS_PENDING;
}

uint64_t msi_wins_next(const msi_node *node, size_t name) {
    uint64_t next = MSI_NODE_NEVER;
    for (size_t i = 0; i < node->subnet_count; i++)
        if (node->claims[name].leases[i].next < next)
            next = node->claims[name].leases[i].next;
    return next;
}

static void lease_tick(msi_node *node, size_t name, size_t address, uint64_t now) {
    msi_wins_lease *lease = wins_lease(node, name, address);
    switch (lease->step) {
    case MSI_WINS_ASKING:
        lease_retransmit(node, name, address, now);
        break;
    case MSI_WINS_LEAVING:
        lease_release(node, name, address);
        break;
    default:
        lease->refused_by = 0;
        lease_ask(node, lease, lease->registered, now);
    }
}

msi_wins_event msi_wins_tick(msi_node *node, size_t name, uint64_t now) {
    bool due = false;
    for (size_t i = 0; i < node->subnet_count; i++)
        if (node->claims[name].leases[i].next <= now) {
            lease_tick(node, name, i, now);
            due = true;
        }
    return due ? wins_outcome(node, name) : MSI_WINS_PENDING;
}

/* ---- Responses ---- */

/* Half the TTL, within bounds. A TTL of 0 means infinite. */
static uint64_t lease_refresh_delay(uint32_t ttl) {
    uint64_t seconds = ttl ? ttl / 2 : MSI_NODE_REFRESH_MOST_S;
    if (seconds < MSI_NODE_REFRESH_S)
        seconds = MSI_NODE_REFRESH_S;
    if (seconds > MSI_NODE_REFRESH_MOST_S)
        seconds = MSI_NODE_REFRESH_MOST_S;
    return seconds * MSI_NODE_S;
}

static void lease_accept_grant(msi_wins_lease *lease, const msi_node_packet *packet) {
    lease->registered = true;
    lease->refused_by = 0;
    lease_go_idle(lease, packet->now + lease_refresh_delay(packet->ns.ttl));
}

/* Another host owns the name, or the server rejects this address. */
static void lease_accept_refusal(msi_node *node, msi_wins_lease *lease,
                                 const msi_node_packet *packet) {
    lease->registered = false;
    lease->refused_by = packet->from.ip;
    lease_try_later(node, lease, packet->now);
}

/* The server failed. After a refresh it may only have lost the registration: register again. */
static void lease_accept_error(msi_node *node, msi_wins_lease *lease,
                               const msi_node_packet *packet) {
    if (lease->refreshing) {
        lease_ask(node, lease, false, packet->now);
        return;
    }
    lease->sent = MSI_NODE_WINS_RETRIES;
    lease->next = packet->now;
}

static void lease_wait(msi_wins_lease *lease, const msi_node_packet *packet) {
    uint64_t seconds = packet->ns.ttl;
    if (!seconds || seconds > MSI_NODE_WACK_MOST_S)
        seconds = MSI_NODE_WACK_MOST_S;
    if (lease->wacks < MSI_NODE_WACKS) {
        lease->wacks++;
        lease->next = packet->now + seconds * MSI_NODE_S;
    }
}

/* RFC 1002 section 4.2.7: success with RA clear tells the client to challenge the owner itself. No
 * known server does that; it is ignored like a lost response. */
static void lease_take_verdict(msi_node *node, msi_wins_lease *lease,
                               const msi_node_packet *packet) {
    switch (packet->ns.flags & MSI_NS_RCODE) {
    case MSI_NS_OK:
        if (packet->ns.flags & MSI_NS_RECURSION_AVAILABLE)
            lease_accept_grant(lease, packet);
        break;
    case MSI_NS_REFUSED:
    case MSI_NS_ACTIVE:
    case MSI_NS_CONFLICT:
        lease_accept_refusal(node, lease, packet);
        break;
    default:
        lease_accept_error(node, lease, packet);
    }
}

static bool wins_is_registration_response(uint8_t opcode) {
    return opcode == MSI_NS_REGISTRATION || opcode == MSI_NS_MULTIHOMED ||
           opcode == MSI_NS_REFRESH || opcode == MSI_NS_REFRESH_ALT;
}

static bool lease_is_answered(const msi_node *node, const msi_wins_lease *lease,
                              const msi_node_packet *packet) {
    return lease->step == MSI_WINS_ASKING && lease->sent && packet->ns.id == lease->id &&
           packet->from.ip == node->config.servers[lease->server];
}

msi_wins_event msi_wins_receive(msi_node *node, size_t name, const msi_node_packet *packet) {
    size_t i = 0;
    while (i < node->subnet_count && !lease_is_answered(node, wins_lease(node, name, i), packet))
        i++;
    if (i == node->subnet_count)
        return MSI_WINS_UNRELATED;
    if (packet->ns.opcode == MSI_NS_WACK)
        lease_wait(wins_lease(node, name, i), packet);
    else if (wins_is_registration_response(packet->ns.opcode))
        lease_take_verdict(node, wins_lease(node, name, i), packet);
    return wins_outcome(node, name);
}
