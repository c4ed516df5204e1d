/* The state machine of one query; query.h describes its schedule. */
#include "query.h"

/* ---- Sending ---- */

/* Also true if there is no server. */
static bool query_all_denied(const msi_query *query) {
    for (size_t i = 0; i < query->question.server_count; i++)
        if (!query->knows_not[i])
            return false;
    return true;
}

static bool query_can_broadcast(const msi_query *query) {
    return msi_interfaces_broadcast(query->question.interfaces, query->question.interface_count);
}

static void query_begin_try(msi_query *query, unsigned try, uint64_t now) {
    query->try = try;
    query->next = 0;
    query->until = now + (uint64_t)(try ? MSI_QUERY_WAIT_MS : MSI_QUERY_SERVERS_MS) * MSI_NS_PER_MS;
}

/* Try 0 gives the servers a head start before the broadcasts; with servers alone, or segments
 * alone, there is nothing to put first. A node status query has its node as the only server. */
void msi_query_begin(msi_query *query, const msi_question *question, uint64_t now) {
    *query = (msi_query){.question = *question};
    query_begin_try(query, question->server_count && query_can_broadcast(query) ? 0 : 1, now);
}

bool msi_query_is_over(const msi_query *query) { return query->try > MSI_QUERY_TRIES; }

/* No segment to broadcast on, and no server that could still answer: waiting is useless. */
static bool query_none_left(const msi_query *query) {
    return !query_can_broadcast(query) && query_all_denied(query);
}

static bool query_is_enough(const msi_query *query) {
    return query->answered && !query->question.every_try;
}

/* Goes on to the next try when this one has timed out, or in try 0 when every server has denied
 * the name. A try above MSI_QUERY_TRIES means that the query is over. */
static void query_advance(msi_query *query, uint64_t now) {
    bool ends = now >= query->until || (!query->try && query_all_denied(query));
    if (query_none_left(query) || (ends && query_is_enough(query)))
        query->try = MSI_QUERY_TRIES + 1;
    else if (ends)
        query_begin_try(query, query->try + 1, now);
}

/* RFC 1002 sections 4.2.12 and 4.2.17: a name query sets RD, and B when it is broadcast; a node
 * status query sets neither. */
static void query_encode(const msi_question *question, bool broadcast, msi_query_packet *packet) {
    msi_ns_packet query = {
        .id = question->id,
        .opcode = MSI_NS_QUERY,
        .has_question = true,
        .name = question->name,
        .question_type = question->type,
    };
    if (question->type == MSI_NS_TYPE_NB)
        query.flags = MSI_NS_RECURSION_DESIRED | (broadcast ? MSI_NS_BROADCAST : 0);
    packet->len = msi_ns_encode(&query, packet->bytes, sizeof packet->bytes);
}

static void query_address_to_server(const msi_query *query, size_t i, msi_query_packet *packet) {
    packet->from = NULL;
    packet->to = (msi_udp_address){query->question.servers[i], query->question.port};
    query_encode(&query->question, false, packet);
}

static void query_address_to_segment(const msi_query *query, size_t i, msi_query_packet *packet) {
    packet->from = &query->question.interfaces[i];
    packet->to = (msi_udp_address){packet->from->broadcast, query->question.port};
    query_encode(&query->question, true, packet);
}

/* One packet per call: `next` counts first the servers, then the segments, which try 0 leaves
 * out. Servers that do not know the name are not asked again. */
static bool query_fetch_in_try(msi_query *query, msi_query_packet *packet) {
    const msi_question *question = &query->question;
    while (query->next < question->server_count) {
        size_t i = query->next++;
        if (!query->knows_not[i]) {
            query_address_to_server(query, i, packet);
            return true;
        }
    }
    while (query->try && query->next < question->server_count + question->interface_count) {
        size_t i = query->next++ - question->server_count;
        if (question->interfaces[i].broadcast) {
            query_address_to_segment(query, i, packet);
            return true;
        }
    }
    return false;
}

bool msi_query_fetch(msi_query *query, uint64_t now, msi_query_packet *packet) {
    if (!msi_query_is_over(query))
        query_advance(query, now);
    return !msi_query_is_over(query) && query_fetch_in_try(query, packet);
}

/* At once (0) where query_advance() has something to do before the try's time is over. */
uint64_t msi_query_due(const msi_query *query) {
    if (msi_query_is_over(query))
        return MSI_NEVER;
    return query_none_left(query) || (!query->try && query_all_denied(query)) ? 0 : query->until;
}

/* ---- Receiving ---- */

bool msi_query_is_near(const msi_interface *interface, uint32_t ip) {
    return ((interface->ip ^ ip) & interface->netmask) == 0;
}

static bool query_is_near_any(const msi_question *question, uint32_t ip) {
    for (size_t i = 0; i < question->interface_count; i++)
        if (msi_query_is_near(&question->interfaces[i], ip))
            return true;
    return false;
}

/* The server's place in the list; server_count if it is not in it. */
static size_t query_server_at(const msi_question *question, uint32_t ip) {
    size_t i = 0;
    while (i < question->server_count && question->servers[i] != ip)
        i++;
    return i;
}

bool msi_query_is_host(uint32_t ip) {
    return ip >> 24 != 0 && ip >> 24 != 127 && ip >> 28 < 0xe; /* RFC 1122 section 3.2.1.3 */
}

/* Not a broadcast address: a message sent there would reach every computer on the segment. */
static bool query_is_usable(const msi_question *question, uint32_t ip) {
    for (size_t i = 0; i < question->interface_count; i++)
        if (question->interfaces[i].broadcast == ip)
            return false;
    return msi_query_is_host(ip);
}

bool msi_query_is_group(const msi_ns_packet *answer) {
    return msi_ns_address_count(answer) && (msi_ns_address_at(answer, 0).nb_flags & MSI_NS_GROUP);
}

/* A host with several addresses lists them all: prefer one that needs no router. */
static bool query_is_own(const msi_question *question, uint32_t ip) {
    for (size_t i = 0; i < question->interface_count; i++)
        if (question->interfaces[i].ip == ip)
            return true;
    return question->is_own && question->is_own(ip);
}

/* Whether two addresses are on one segment of ours. */
static bool query_shares_segment(const msi_question *question, uint32_t a, uint32_t b) {
    for (size_t i = 0; i < question->interface_count; i++)
        if (msi_query_is_near(&question->interfaces[i], a) &&
            msi_query_is_near(&question->interfaces[i], b))
            return true;
    return false;
}

/* How good an address in an answer is to send to. */
typedef enum { RANK_NONE, RANK_OWN, RANK_ROUTED, RANK_NEAR, RANK_SHARED } query_rank;

static query_rank query_rank_of(const msi_question *question, uint32_t by, uint32_t ip) {
    if (!query_is_usable(question, ip))
        return RANK_NONE;
    if (query_is_own(question, ip))
        return query_is_own(question, by) ? RANK_OWN : RANK_NONE;
    if (query_shares_segment(question, ip, by))
        return RANK_SHARED;
    return query_is_near_any(question, ip) ? RANK_NEAR : RANK_ROUTED;
}

uint32_t msi_query_address(const msi_query *query, uint32_t by, const msi_ns_packet *answer) {
    uint32_t best = 0;
    query_rank best_rank = RANK_NONE;
    for (size_t i = 0; i < msi_ns_address_count(answer); i++) {
        uint32_t ip = msi_ns_address_at(answer, i).ip;
        query_rank rank = query_rank_of(&query->question, by, ip);
        if (rank > best_rank) {
            best_rank = rank;
            best = ip;
        }
    }
    return best;
}

/* Whether a packet is a response to this question, positive or negative. The id and the name are
 * all that the protocol offers against forged ones. An additional record does not count: it
 * belongs to a registration. */
static bool query_is_response(const msi_question *question, const msi_ns_packet *packet) {
    return packet->id == question->id && (packet->flags & MSI_NS_RESPONSE) &&
           packet->opcode == MSI_NS_QUERY && packet->has_record && !packet->record_is_additional &&
           msi_nbname_equal(&packet->record_name, &question->name);
}

/* WINS servers answer for a group with the group bit and 0.0.0.0: go by the bit. Of a computer,
 * an address that no host can have is no answer. */
static bool query_is_answer(const msi_query *query, const msi_ns_packet *packet) {
    if (packet->record_type != query->question.type)
        return false;
    if (packet->record_type == MSI_NS_TYPE_STATUS)
        return msi_ns_status_count(packet) > 0;
    if (msi_query_is_group(packet))
        return true;
    size_t i = 0;
    while (i < msi_ns_address_count(packet) &&
           !query_is_usable(&query->question, msi_ns_address_at(packet, i).ip))
        i++;
    return i < msi_ns_address_count(packet);
}

/* An answer that leads nowhere (addresses of this computer alone) is not enough. */
static bool query_leads_somewhere(const msi_query *query, uint32_t by,
                                  const msi_ns_packet *packet) {
    return packet->record_type == MSI_NS_TYPE_STATUS || msi_query_is_group(packet) ||
           msi_query_address(query, by, packet);
}

bool msi_query_receive(msi_query *query, msi_udp_address from, const unsigned char *bytes,
                       size_t len, msi_ns_packet *answer) {
    const msi_question *question = &query->question;
    size_t server = query_server_at(question, from.ip);
    bool is_server = server < question->server_count;
    if (from.port != question->port || (!is_server && !query_is_near_any(question, from.ip)))
        return false;
    if (msi_ns_decode(answer, bytes, len) != MSI_WIRE_SOUND || !query_is_response(question, answer))
        return false;
    /* A negative response (RFC 1002 section 4.2.14) counts only from a server, which knows all
     * its names; another host of the segment may still have this one. */
    if (is_server && (answer->flags & MSI_NS_RCODE))
        query->knows_not[server] = true;
    if ((answer->flags & MSI_NS_RCODE) || !query_is_answer(query, answer))
        return false;
    query->answered = query->answered || query_leads_somewhere(query, from.ip, answer);
    return true;
}
