/* Registration of a name with WINS servers (RFC 1002 section 5.1.2: an H-node acts as a P-node
 * first). */
#include "node_wins.h"

static msi_wins_lease *lease_of(msi_node *node, size_t name) { return &node->claims[name].wins; }

/* A unique name is registered once per address of the host, a group once per member. */
static size_t address_count(const msi_node *node, size_t name) {
    return node->config.names[name].group ? 1 : node->subnet_count;
}

static void lease_go_idle(msi_wins_lease *lease, uint64_t until) {
    lease->step = MSI_WINS_IDLE;
    lease->next = until;
}

/* ---- Requests ---- */

static void lease_ask_address(msi_node *node, msi_wins_lease *lease, size_t address, uint64_t now) {
    lease->step = MSI_WINS_ASKING;
    lease->address = address;
    lease->id = msi_node_fresh_id(node);
    lease->sent = lease->wacks = 0;
    lease->next = now;
}

static void lease_ask(msi_node *node, msi_wins_lease *lease, bool refreshing, uint64_t now) {
    lease->refreshing = refreshing;
    lease_ask_address(node, lease, 0, now);
}

bool msi_wins_start(msi_node *node, size_t name, uint64_t now) {
    msi_wins_lease *lease = lease_of(node, name);
    lease->server = 0;
    lease->registered = false;
    lease_go_idle(lease, MSI_NODE_NEVER);
    if (!node->config.server_count || !node->subnet_count)
        return false;
    lease_ask(node, lease, false, now);
    return true;
}

void msi_wins_renew(msi_node *node, size_t name, uint64_t now) {
    if (node->config.server_count)
        lease_ask(node, lease_of(node, name), false, now);
}

static void wins_send_request(const msi_node *node, size_t name) {
    const msi_wins_lease *lease = &node->claims[name].wins;
    msi_node_request request = {MSI_NS_REGISTRATION, MSI_NS_RECURSION_DESIRED, lease->id};
    if (lease->refreshing)
        request = (msi_node_request){MSI_NS_REFRESH, 0, lease->id};
    else if (address_count(node, name) > 1)
        request.opcode = MSI_NS_MULTIHOMED;
    msi_node_send_server(node, name, lease->address, node->config.servers[lease->server], request);
}

/* Server timed out: try the next, else fall back to broadcast. */
static msi_wins_event wins_try_next_server(msi_node *node, size_t name, uint64_t now) {
    msi_wins_lease *lease = lease_of(node, name);
    lease->registered = false;
    if (lease->server + 1 < node->config.server_count) {
        lease->server++;
        lease_ask(node, lease, false, now);
        return MSI_WINS_PENDING;
    }
    lease->server = 0;
    lease_go_idle(lease,
                  now + msi_node_random_s(node, MSI_NODE_WINS_AGAIN_S, MSI_NODE_WINS_AGAIN_MOST_S));
    return MSI_WINS_PROCEED;
}

static msi_wins_event wins_retransmit(msi_node *node, size_t name, uint64_t now) {
    msi_wins_lease *lease = lease_of(node, name);
    if (lease->sent == MSI_NODE_WINS_RETRIES)
        return wins_try_next_server(node, name, now);
    wins_send_request(node, name);
    lease->sent++;
    lease->next = now + MSI_NODE_WINS_RETRY_MS * MSI_NODE_MS;
    return MSI_WINS_PENDING;
}

/* ---- Release ---- */

void msi_wins_leave(msi_node *node, size_t name, uint64_t now) {
    msi_wins_lease *lease = lease_of(node, name);
    bool perhaps = lease->registered || lease->step == MSI_WINS_ASKING;
    lease->step = perhaps ? MSI_WINS_LEAVING : MSI_WINS_IDLE;
    lease->next = perhaps ? now : MSI_NODE_NEVER;
}

void msi_wins_release(msi_node *node, size_t name) {
    msi_wins_lease *lease = lease_of(node, name);
    if (!lease->registered && lease->step == MSI_WINS_IDLE)
        return;
    for (size_t i = 0; i < address_count(node, name); i++)
        msi_node_send_server(node, name, i, node->config.servers[lease->server],
                             (msi_node_request){MSI_NS_RELEASE, 0, msi_node_fresh_id(node)});
    lease->registered = false;
}

msi_wins_event msi_wins_tick(msi_node *node, size_t name, uint64_t now) {
    msi_wins_lease *lease = lease_of(node, name);
    switch (lease->step) {
    case MSI_WINS_ASKING:
        return wins_retransmit(node, name, now);
    case MSI_WINS_LEAVING:
        msi_wins_release(node, name);
        lease_go_idle(lease, MSI_NODE_NEVER);
        break;
    default:
        lease_ask(node, lease, lease->registered, now);
    }
    return MSI_WINS_PENDING;
}

/* ---- Responses ---- */

/* Half the TTL, within bounds. A TTL of 0 means infinite. */
static uint64_t refresh_delay(uint32_t ttl) {
    uint64_t seconds = ttl ? ttl / 2 : MSI_NODE_REFRESH_MOST_S;
    if (seconds < MSI_NODE_REFRESH_S)
        seconds = MSI_NODE_REFRESH_S;
    if (seconds > MSI_NODE_REFRESH_MOST_S)
        seconds = MSI_NODE_REFRESH_MOST_S;
    return seconds * MSI_NODE_S;
}

static msi_wins_event wins_accept_grant(msi_node *node, size_t name,
                                        const msi_node_packet *packet) {
    msi_wins_lease *lease = lease_of(node, name);
    lease->registered = true;
    if (lease->address + 1 < address_count(node, name)) {
        lease_ask_address(node, lease, lease->address + 1, packet->now);
        return MSI_WINS_PENDING;
    }
    lease_go_idle(lease, packet->now + refresh_delay(packet->ns.ttl));
    return MSI_WINS_PROCEED;
}

/* Another host owns the name, or the server rejects us. If this was not about the first address,
 * the server keeps the ones it granted, which must be released later. */
static msi_wins_event wins_accept_refusal(msi_wins_lease *lease) {
    lease->registered = lease->registered && lease->address;
    lease_go_idle(lease, MSI_NODE_NEVER);
    return MSI_WINS_REFUSED;
}

/* The server failed. After a refresh it may only have lost the registration: register again. */
static msi_wins_event wins_accept_error(msi_node *node, msi_wins_lease *lease,
                                        const msi_node_packet *packet) {
    if (lease->refreshing) {
        lease_ask(node, lease, false, packet->now);
        return MSI_WINS_PENDING;
    }
    lease->sent = MSI_NODE_WINS_RETRIES;
    lease->next = packet->now;
    return MSI_WINS_PENDING;
}

static msi_wins_event lease_wait(msi_wins_lease *lease, const msi_node_packet *packet) {
    uint64_t seconds = packet->ns.ttl;
    if (!seconds || seconds > MSI_NODE_WACK_MOST_S)
        seconds = MSI_NODE_WACK_MOST_S;
    if (lease->wacks < MSI_NODE_WACKS) {
        lease->wacks++;
        lease->next = packet->now + seconds * MSI_NODE_S;
    }
    return MSI_WINS_PENDING;
}

/* RFC 1002 section 4.2.7: success with RA clear tells the client to challenge the owner itself. No
 * known server does that; it is ignored like a lost response. */
static msi_wins_event wins_take_verdict(msi_node *node, size_t name,
                                        const msi_node_packet *packet) {
    switch (packet->ns.flags & MSI_NS_RCODE) {
    case MSI_NS_OK:
        if (packet->ns.flags & MSI_NS_RECURSION_AVAILABLE)
            return wins_accept_grant(node, name, packet);
        return MSI_WINS_PENDING;
    case MSI_NS_REFUSED:
    case MSI_NS_ACTIVE:
    case MSI_NS_CONFLICT:
        return wins_accept_refusal(lease_of(node, name));
    default:
        return wins_accept_error(node, lease_of(node, name), packet);
    }
}

static bool is_registration_response(uint8_t opcode) {
    return opcode == MSI_NS_REGISTRATION || opcode == MSI_NS_MULTIHOMED ||
           opcode == MSI_NS_REFRESH || opcode == MSI_NS_REFRESH_ALT;
}

msi_wins_event msi_wins_receive(msi_node *node, size_t name, const msi_node_packet *packet) {
    msi_wins_lease *lease = lease_of(node, name);
    if (lease->step != MSI_WINS_ASKING || !lease->sent || packet->ns.id != lease->id ||
        packet->from.ip != node->config.servers[lease->server])
        return MSI_WINS_UNRELATED;
    if (packet->ns.opcode == MSI_NS_WACK)
        return lease_wait(lease, packet);
    if (is_registration_response(packet->ns.opcode))
        return wins_take_verdict(node, name, packet);
    return MSI_WINS_PENDING;
}
