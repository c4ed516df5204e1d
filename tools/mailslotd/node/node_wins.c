/* A name's dealings with WINS servers (RFC 1002 section 5.1.2, P-nodes, which an H-node is first).
 */
#include "node_private.h"

static msi_wins_lease *lease_of(msi_node *node, size_t name) { return &node->claims[name].wins; }

/* All addresses of a host are told, each by itself. Members of a group are not told apart. */
static size_t address_count(const msi_node *node, size_t name) {
    return node->config.names[name].group ? 1 : node->subnet_count;
}

static void rest(msi_wins_lease *lease, uint64_t until) {
    lease->step = MSI_WINS_IDLE;
    lease->next = until;
}

/* ---- Asking ---- */

static void ask_for_address(msi_node *node, msi_wins_lease *lease, size_t address, uint64_t now) {
    lease->step = MSI_WINS_ASKING;
    lease->address = address;
    lease->id = msi_node_fresh_id(node);
    lease->sent = lease->wacks = 0;
    lease->next = now;
}

static void ask(msi_node *node, msi_wins_lease *lease, bool refreshing, uint64_t now) {
    lease->refreshing = refreshing;
    ask_for_address(node, lease, 0, now);
}

bool msi_wins_start(msi_node *node, size_t name, uint64_t now) {
    msi_wins_lease *lease = lease_of(node, name);
    lease->server = 0;
    lease->registered = false;
    rest(lease, MSI_NODE_NEVER);
    if (!node->config.server_count || !node->subnet_count)
        return false;
    ask(node, lease, false, now);
    return true;
}

void msi_wins_renew(msi_node *node, size_t name, uint64_t now) {
    if (node->config.server_count)
        ask(node, lease_of(node, name), false, now);
}

static void send(const msi_node *node, size_t name) {
    const msi_wins_lease *lease = &node->claims[name].wins;
    msi_node_request request = {MSI_NS_REGISTRATION, MSI_NS_RECURSION_DESIRED, lease->id};
    if (lease->refreshing)
        request = (msi_node_request){MSI_NS_REFRESH, 0, lease->id};
    else if (address_count(node, name) > 1)
        request.opcode = MSI_NS_MULTIHOMED;
    msi_node_send_server(node, name, lease->address, node->config.servers[lease->server], request);
}

/* No word from a server: on with the next one, or without. */
static void pass_on(msi_node *node, size_t name, uint64_t now) {
    msi_wins_lease *lease = lease_of(node, name);
    lease->registered = false;
    if (lease->server + 1 < node->config.server_count) {
        lease->server++;
        ask(node, lease, false, now);
        return;
    }
    lease->server = 0;
    rest(lease, now + msi_node_random_s(node, MSI_NODE_WINS_AGAIN_S, MSI_NODE_WINS_AGAIN_MOST_S));
    msi_node_claim_by_broadcast(node, name, now);
}

static void insist(msi_node *node, size_t name, uint64_t now) {
    msi_wins_lease *lease = lease_of(node, name);
    if (lease->sent == MSI_NODE_WINS_RETRIES) {
        pass_on(node, name, now);
        return;
    }
    send(node, name);
    lease->sent++;
    lease->next = now + MSI_NODE_WINS_RETRY_MS * MSI_NODE_MS;
}

/* ---- Letting go ---- */

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

void msi_wins_tick(msi_node *node, size_t name, uint64_t now) {
    msi_wins_lease *lease = lease_of(node, name);
    switch (lease->step) {
    case MSI_WINS_ASKING:
        insist(node, name, now);
        break;
    case MSI_WINS_LEAVING:
        msi_wins_release(node, name);
        rest(lease, MSI_NODE_NEVER);
        break;
    default:
        ask(node, lease, lease->registered, now);
    }
}

/* ---- Answers ---- */

/* A TTL of 0 is one without end. */
static uint64_t refresh_after(uint32_t ttl) {
    uint64_t seconds = ttl ? ttl / 2 : MSI_NODE_REFRESH_MOST_S;
    if (seconds < MSI_NODE_REFRESH_S)
        seconds = MSI_NODE_REFRESH_S;
    if (seconds > MSI_NODE_REFRESH_MOST_S)
        seconds = MSI_NODE_REFRESH_MOST_S;
    return seconds * MSI_NODE_S;
}

static void agreed(msi_node *node, size_t name, const msi_node_packet *packet) {
    msi_wins_lease *lease = lease_of(node, name);
    lease->registered = true;
    if (lease->address + 1 < address_count(node, name)) {
        ask_for_address(node, lease, lease->address + 1, packet->now);
        return;
    }
    rest(lease, packet->now + refresh_after(packet->ns.ttl));
    msi_node_claim_by_broadcast(node, name, packet->now);
}

/* The server says that it is somebody else's, or will not have us; what it had of us before, it
 * has if this was not about our first address. */
static void refused(msi_node *node, size_t name, const msi_node_packet *packet) {
    msi_wins_lease *lease = lease_of(node, name);
    lease->registered = lease->registered && lease->address;
    rest(lease, MSI_NODE_NEVER);
    msi_node_lose(node, name, packet->from.ip, packet->now);
}

/* The server cannot. If it only does not know what was to be refreshed, it is told. */
static void failed(msi_node *node, msi_wins_lease *lease, const msi_node_packet *packet) {
    if (lease->refreshing) {
        ask(node, lease, false, packet->now);
        return;
    }
    lease->sent = MSI_NODE_WINS_RETRIES;
    lease->next = packet->now;
}

static void wait_for_verdict(msi_wins_lease *lease, const msi_node_packet *packet) {
    uint64_t seconds = packet->ns.ttl;
    if (!seconds || seconds > MSI_NODE_WACK_MOST_S)
        seconds = MSI_NODE_WACK_MOST_S;
    if (lease->wacks < MSI_NODE_WACKS) {
        lease->wacks++;
        lease->next = packet->now + seconds * MSI_NODE_S;
    }
}

/* RFC 1002 section 4.2.7: with RA clear, success is an order to ask the owner oneself, which no
 * server of today gives; it counts as silence. */
static void take_verdict(msi_node *node, size_t name, const msi_node_packet *packet) {
    switch (packet->ns.flags & MSI_NS_RCODE) {
    case MSI_NS_OK:
        if (packet->ns.flags & MSI_NS_RECURSION_AVAILABLE)
            agreed(node, name, packet);
        break;
    case MSI_NS_REFUSED:
    case MSI_NS_ACTIVE:
    case MSI_NS_CONFLICT:
        refused(node, name, packet);
        break;
    default:
        failed(node, lease_of(node, name), packet);
    }
}

static bool is_verdict(uint8_t opcode) {
    return opcode == MSI_NS_REGISTRATION || opcode == MSI_NS_MULTIHOMED ||
           opcode == MSI_NS_REFRESH || opcode == MSI_NS_REFRESH_ALT;
}

bool msi_wins_receive(msi_node *node, size_t name, const msi_node_packet *packet) {
    msi_wins_lease *lease = lease_of(node, name);
    if (lease->step != MSI_WINS_ASKING || !lease->sent || packet->ns.id != lease->id ||
        packet->from.ip != node->config.servers[lease->server])
        return false;
    if (packet->ns.opcode == MSI_NS_WACK)
        wait_for_verdict(lease, packet);
    else if (is_verdict(packet->ns.opcode))
        take_verdict(node, name, packet);
    return true;
}
