/* Names claimed by broadcast, held and lost (RFC 1002 section 5.1.1). */
#include "node_claim.h"
#include "node_wins.h"

/* ---- Claims ---- */

static void claim_set_state(msi_node *node, size_t name, msi_name_state state, uint32_t by) {
    if (node->claims[name].state == state)
        return;
    node->claims[name].state = state;
    node->owner.state(node->owner.ctx, name, state, by);
}

static void claim_by_broadcast(msi_node *node, size_t name, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    if (!node->subnet_count)
        return;
    claim->claiming_on = msi_node_all_subnets(node);
    claim->id = msi_node_fresh_id(node);
    claim->next = now;
}

void msi_claim_start(msi_node *node, size_t name, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    claim->claiming_on = 0;
    claim->sent = 0;
    claim->refusable_until = 0;
    claim->next = MSI_NODE_NEVER;
    claim_set_state(node, name, MSI_NAME_CLAIMING, 0);
    msi_wins_start(node, name, now);
    claim_by_broadcast(node, name, now);
}

static void claim_register(msi_node *node, size_t name, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    msi_node_broadcast(
        node, name, claim->claiming_on,
        (msi_node_request){MSI_NS_REGISTRATION, MSI_NS_RECURSION_DESIRED, claim->id});
    claim->sent++;
    claim->asked_on = claim->claiming_on & msi_node_broadcast_subnets(node);
    claim->strays = 0;
    claim->refusable_until = now + MSI_NODE_REFUSABLE_MS * MSI_NODE_MS;
    claim->next = now + MSI_NODE_RETRY_MS * MSI_NODE_MS;
}

/* Broadcasts an overwrite demand and holds the name. At the end of a claim it has the claim's
 * transaction id, so that a late answer to the last registration still counts. */
static void claim_announce(msi_node *node, size_t name, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    uint32_t on = claim->claiming_on;
    if (!on) {
        on = msi_node_all_subnets(node);
        claim->id = msi_node_fresh_id(node);
    }
    claim->asked_on = on & msi_node_broadcast_subnets(node);
    claim->strays = 0;
    msi_node_broadcast(node, name, on, (msi_node_request){MSI_NS_REGISTRATION, 0, claim->id});
    claim->claiming_on = 0;
    claim->sent = 0;
    claim->announced = now;
    claim->refusable_until = now + MSI_NODE_REFUSABLE_MS * MSI_NODE_MS;
    claim->next = MSI_NODE_NEVER;
    /* Only a unique name is announced again: it may have been taken while networks were
     * separate. */
    if (!node->config.names[name].group)
        claim->next = now + msi_node_random_s(node, MSI_NODE_ANNOUNCE_S, MSI_NODE_ANNOUNCE_MOST_S);
    claim_set_state(node, name, MSI_NAME_HELD, 0);
}

static void claim_continue(msi_node *node, size_t name, uint64_t now) {
    const msi_node_claim *claim = &node->claims[name];
    if (claim->state == MSI_NAME_CONFLICT)
        msi_claim_start(node, name, now);
    else if (claim->claiming_on && claim->sent < MSI_NODE_RETRIES)
        claim_register(node, name, now);
    else
        claim_announce(node, name, now);
}

void msi_claim_lose(msi_node *node, size_t name, uint32_t by, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    claim->claiming_on = 0;
    claim->sent = 0;
    claim->refusable_until = 0;
    claim->next = now + msi_node_random_s(node, MSI_NODE_RECLAIM_S, MSI_NODE_RECLAIM_MOST_S);
    msi_wins_leave(node, name, now);
    claim_set_state(node, name, MSI_NAME_CONFLICT, by);
}

void msi_claim_release(msi_node *node, size_t name) {
    msi_node_claim *claim = &node->claims[name];
    if (claim->state == MSI_NAME_HELD)
        msi_node_broadcast(node, name, msi_node_all_subnets(node),
                           (msi_node_request){MSI_NS_RELEASE, 0, msi_node_fresh_id(node)});
    msi_wins_release(node, name);
    claim->next = MSI_NODE_NEVER;
    claim_set_state(node, name, MSI_NAME_RELEASED, 0);
}

static void claim_follow_wins(msi_node *node, size_t name, msi_wins_event event, uint64_t now) {
    if (event == MSI_WINS_REFUSED)
        msi_claim_lose(node, name, msi_wins_refused_by(node, name), now);
}

void msi_claim_tick(msi_node *node, size_t name, uint64_t now) {
    if (node->claims[name].next <= now)
        claim_continue(node, name, now);
    claim_follow_wins(node, name, msi_wins_tick(node, name, now), now);
}

/* ---- Responses ---- */

/* A conflict demand that answers nothing: repeat the overwrite demand soon. If the conflict is
 * real, the other holder refuses it. */
static void schedule_reannounce(msi_node *node, size_t name, uint64_t now) {
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

static bool response_is_in_time(const msi_node_claim *claim, const msi_node_packet *packet) {
    return (claim->state == MSI_NAME_CLAIMING || claim->state == MSI_NAME_HELD) &&
           packet->now < claim->refusable_until;
}

/* RFC 1002 section 4.2: responses come from the name service port. The hosts that receive a
 * broadcast are on the subnet where it was sent, so a response from elsewhere is forged. */
static bool response_is_from_subnet(const msi_node *node, const msi_node_claim *claim,
                                    const msi_node_packet *packet) {
    return packet->from.port == node->config.port && packet->link >= 0 &&
           claim->asked_on >> packet->link & 1;
}

/* Counts a wrong id. Too many are guesses: no response counts until the next request, which has a
 * new id. */
static void claim_count_stray(msi_node *node, size_t name, uint32_t by) {
    msi_node_claim *claim = &node->claims[name];
    if (++claim->strays < MSI_NODE_STRAYS_MAX)
        return;
    claim->refusable_until = 0;
    claim->id = msi_node_fresh_id(node);
    if (node->owner.forged)
        node->owner.forged(node->owner.ctx, name, by);
}

void msi_claim_receive(msi_node *node, const msi_node_packet *packet) {
    size_t name = msi_node_find(node, &packet->ns.name);
    if (name == node->config.name_count)
        return;
    msi_wins_event event = msi_wins_receive(node, name, packet);
    if (event != MSI_WINS_UNRELATED) {
        claim_follow_wins(node, name, event, packet->now);
        return;
    }
    unsigned rcode = packet->ns.flags & MSI_NS_RCODE;
    if (packet->ns.opcode != MSI_NS_REGISTRATION ||
        (rcode != MSI_NS_ACTIVE && rcode != MSI_NS_CONFLICT))
        return;
    const msi_node_claim *claim = &node->claims[name];
    if (!response_is_from_subnet(node, claim, packet))
        return;
    bool in_time = response_is_in_time(claim, packet);
    if (in_time && packet->ns.id == claim->id) {
        msi_claim_lose(node, name, packet->from.ip, packet->now);
        return;
    }
    if (in_time)
        claim_count_stray(node, name, packet->from.ip);
    if (rcode == MSI_NS_CONFLICT)
        schedule_reannounce(node, name, packet->now);
}

/* ---- Subnets ---- */

/* Maps a mask of former subnet indices to the present ones. */
static uint32_t subnet_mask_moved(const msi_subnet_change *change, uint32_t mask) {
    uint32_t to = 0;
    for (size_t i = 0; i < MSI_NODE_SUBNETS; i++)
        if (change->stays >> i & 1 && mask >> change->before[i] & 1)
            to |= 1u << i;
    return to;
}

void msi_claim_move(msi_node *node, size_t name, const msi_subnet_change *change, uint64_t now) {
    msi_node_claim *claim = &node->claims[name];
    if (claim->state == MSI_NAME_CLAIMING || !change->stays) {
        msi_claim_start(node, name, now);
        return;
    }
    if (claim->state != MSI_NAME_HELD)
        return;
    uint32_t left = subnet_mask_moved(change, claim->claiming_on);
    if (change->fresh) {
        claim->id = msi_node_fresh_id(node);
        claim->sent = 0;
        claim->next = now;
    }
    claim->claiming_on = left | change->fresh;
    claim->asked_on = subnet_mask_moved(change, claim->asked_on);
    msi_wins_move(node, name, change, now);
}
