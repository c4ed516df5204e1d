/* Node status queries (RFC 1002 4.2.17) to many hosts at once; see nbstat.h. */
#include "nbstat.h"
#include "error.h"

#include <stdlib.h>

/* Receive up to this many answers after each packet sent: the answers of many hosts would
 * overflow the socket's buffer if they were read only after the last query. */
enum { AT_ONCE = 16 };

typedef struct {
    const msi_asker *asker;
    msi_udp socket;
    msi_nbstat_answer *list;
    size_t count, silent;
    bool sent;
    mailslot_err err;
} nbstat_state;

/* The query to one host; made again to check its answer. The host is its only server and it has no
 * interfaces, so it is sent to that host alone. Its schedule is not used (the time is 0):
 * nbstat_ask_round() has one for all hosts. */
static void nbstat_begin_query(const nbstat_state *state, const msi_nbstat_answer *one,
                               msi_query *query) {
    msi_question question = {
        .type = MSI_NS_TYPE_STATUS,
        .id = one->id,
        .port = state->asker->host->name_port,
        .servers = {one->ip},
        .server_count = 1,
    };
    msi_nbname_set(&question.name, "*", 0);
    (void)msi_nbname_set_scope(&question.name, state->asker->host->scope);
    msi_query_begin(query, &question, 0);
}

/* Keep the error and go on: one host that cannot be reached must not hide the others. */
static void nbstat_send(nbstat_state *state, const msi_nbstat_answer *one) {
    msi_query query;
    msi_query_packet packet;
    nbstat_begin_query(state, one, &query);
    if (!msi_query_fetch(&query, 0, &packet))
        return;
    mailslot_err err = msi_udp_send(&state->socket, NULL, packet.to, packet.bytes, packet.len);
    state->sent = state->sent || !err;
    state->err = err ? err : state->err;
}

static int nbstat_compare_ip(const void *a, const void *b) {
    const msi_nbstat_answer *first = a, *second = b;
    return (first->ip > second->ip) - (first->ip < second->ip);
}

/* If there is no memory for its names, the host still counts as answered. */
static void nbstat_keep_answer(nbstat_state *state, msi_nbstat_answer *one,
                               const msi_ns_packet *answer) {
    one->answered = true;
    state->silent--;
    one->name_count = msi_ns_status_count(answer);
    one->names = calloc(one->name_count, sizeof *one->names);
    if (!one->names)
        one->name_count = 0;
    for (size_t i = 0; i < one->name_count; i++)
        one->names[i] = msi_ns_status_at(answer, i);
}

/* Accepts only answers that match the query sent to that address; its random id makes them hard
 * to forge. A host that has answered is left alone: its names must not be allocated twice. */
static void nbstat_match_answer(nbstat_state *state, msi_udp_address from,
                                const unsigned char *bytes, size_t len) {
    const msi_nbstat_answer wanted = {.ip = from.ip};
    msi_nbstat_answer *one =
        bsearch(&wanted, state->list, state->count, sizeof wanted, nbstat_compare_ip);
    if (!one || one->answered)
        return;
    msi_query query;
    msi_ns_packet answer;
    nbstat_begin_query(state, one, &query);
    if (msi_query_receive(&query, from, bytes, len, &answer))
        nbstat_keep_answer(state, one, &answer);
}

static bool nbstat_receive_one(nbstat_state *state, uint64_t deadline) {
    unsigned char bytes[MSI_NS_MAX];
    size_t len;
    msi_udp_address from;
    if (!msi_udp_receive(&state->socket, bytes, sizeof bytes, &len, &from, deadline))
        return false;
    nbstat_match_answer(state, from, bytes, len);
    return true;
}

/* Sends to every host that has not answered yet, reading what has arrived (deadline 0) in
 * between, then waits for the rest of the round. */
static void nbstat_ask_round(nbstat_state *state) {
    for (size_t i = 0; i < state->count; i++) {
        if (state->list[i].answered)
            continue;
        nbstat_send(state, &state->list[i]);
        int received = 0;
        while (received < AT_ONCE && nbstat_receive_one(state, 0))
            received++;
    }
    uint64_t until = msi_now() + (uint64_t)MSI_QUERY_WAIT_MS * MSI_NS_PER_MS;
    while (state->silent && msi_now() < until)
        (void)nbstat_receive_one(state, until);
}

mailslot_err msi_nbstat(const msi_asker *asker, msi_nbstat_answer *list, size_t count) {
    nbstat_state state = {.asker = asker, .list = list, .count = count, .silent = count};
    mailslot_err err = msi_udp_open(&state.socket);
    if (err)
        return err;
    for (size_t i = 0; i < count; i++)
        list[i].id = (uint16_t)msi_udp_random();
    for (int try = 0; try < MSI_QUERY_TRIES && state.silent; try++)
        nbstat_ask_round(&state);
    msi_udp_close(&state.socket);
    /* Hosts that cannot be reached are silent; it is an error only if nothing could be sent. */
    return state.sent ? MAILSLOT_OK : state.err;
}
