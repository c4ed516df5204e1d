/* A question about a name and what is heard meanwhile, from whomever. The input: what is asked, of
 * how many servers and segments; then, again and again, the time that passes, who sends, and a
 * packet. */
#include "fuzz.h"

#include <netbios/query.h>

enum { SERVER = 0x0a000001, INTERFACE = 0x0a4d0001, BROADCAST = 0x0a4d00ff, PORT = 137 };

static msi_question take_question(struct input *input) {
    uint64_t what = take_number(input, 1);
    msi_question question = {
        .type = what & 1 ? MSI_NS_TYPE_STATUS : MSI_NS_TYPE_NB,
        .id = 0x1234,
        .port = PORT,
        .servers = {SERVER, SERVER + 1, SERVER + 2},
        .server_count = what >> 1 & 3,
        .interfaces = {{"lan0", 1, INTERFACE, 0xffffff00, BROADCAST},
                       {"lan1", 2, INTERFACE + 256, 0xffffff00, BROADCAST + 256}},
        .interface_count = (what >> 3 & 3) % 3,
        .every_try = what >> 5 & 1,
    };
    msi_nbname_set(&question.name, what & 64 ? "*" : "HOST", 0);
    return question;
}

/* Sends what is due; returns how many packets that were. */
static size_t fetch_all(msi_query *query, uint64_t now) {
    msi_query_packet packet;
    size_t count = 0;
    while (msi_query_fetch(query, now, &packet)) {
        msi_ns_packet sent;
        require(msi_ns_decode(&sent, packet.bytes, packet.len) == MSI_WIRE_SOUND);
        require(sent.has_question && sent.id == query->question.id && packet.to.port == PORT);
        require(!packet.from || packet.to.ip == packet.from->broadcast);
        count++;
    }
    require(msi_query_is_over(query) == (msi_query_due(query) == MSI_NEVER));
    return count;
}

static void check_answer(const msi_query *query, uint32_t from, const msi_ns_packet *answer) {
    const msi_question *question = &query->question;
    require(from < SERVER + question->server_count || from >> 8 == INTERFACE >> 8 ||
            from >> 8 == (INTERFACE >> 8) + 1);
    require(answer->id == question->id && answer->record_type == question->type);
    if (question->type == MSI_NS_TYPE_STATUS) {
        require(msi_ns_status_count(answer) > 0);
        return;
    }
    uint32_t ip = msi_query_address(query, from, answer);
    require(!ip || msi_query_is_host(ip));
    require(ip || msi_query_is_group(answer) || question->interface_count);
    require(ip != BROADCAST || !question->interface_count);
}

static void hear(msi_query *query, struct input *input) {
    static const uint32_t senders[] = {SERVER,        SERVER + 1,      SERVER + 2,
                                       INTERFACE + 6, INTERFACE + 262, 0xc0000207};
    uint64_t who = take_number(input, 1);
    size_t got, len = (size_t)take_number(input, 2);
    const uint8_t *bytes = take_bytes(input, len, &got);
    msi_udp_address from = {senders[who % 6], who & 0x80 ? 40000 : PORT};
    msi_ns_packet answer;
    if (!msi_query_receive(query, from, bytes, got, &answer))
        return;
    require(from.port == PORT);
    check_answer(query, from.ip, &answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    msi_question question = take_question(&input);
    size_t most = (MSI_QUERY_TRIES + 1) * (question.server_count + question.interface_count);
    uint64_t now = 1;
    msi_query query;
    msi_query_begin(&query, &question, now);
    size_t sent = fetch_all(&query, now);
    while (input.left && !msi_query_is_over(&query)) {
        now += take_number(&input, 1) * 4 * MSI_NS_PER_MS;
        hear(&query, &input);
        sent += fetch_all(&query, now);
    }
    while (!msi_query_is_over(&query)) {
        uint64_t due = msi_query_due(&query);
        now = due > now ? due : now;
        sent += fetch_all(&query, now);
    }
    require(sent <= most);
    return 0;
}
