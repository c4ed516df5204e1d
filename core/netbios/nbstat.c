#include "nbstat.h"
#include "error.h"

#include <stdlib.h>

/* Received at once after each packet sent, so that the answers of many do not fill the socket. */
enum { AT_ONCE = 16 };

typedef struct {
    const msi_asker *asker;
    msi_udp socket;
    msi_nbstat_answer *list;
    size_t count, silent;
    bool sent;
    mailslot_err err;
} survey_state;

/* The same for asking one and for judging what comes from it. */
static void begin_query(const survey_state *survey, const msi_nbstat_answer *one,
                        msi_query *query) {
    msi_question question = {
        .type = MSI_NS_TYPE_STATUS,
        .id = one->id,
        .port = survey->asker->host->name_port,
        .servers = {one->ip},
        .server_count = 1,
    };
    msi_nbname_set(&question.name, "*", 0);
    (void)msi_nbname_set_scope(&question.name, survey->asker->host->scope);
    msi_query_begin(query, &question, 0);
}

static void send_to(survey_state *survey, const msi_nbstat_answer *one) {
    msi_query query;
    msi_query_packet packet;
    begin_query(survey, one, &query);
    if (!msi_query_fetch(&query, 0, &packet))
        return;
    mailslot_err err = msi_udp_send(&survey->socket, NULL, packet.to, packet.bytes, packet.len);
    survey->sent = survey->sent || !err;
    survey->err = err ? err : survey->err;
}

static int by_ip(const void *a, const void *b) {
    const msi_nbstat_answer *first = a, *second = b;
    return (first->ip > second->ip) - (first->ip < second->ip);
}

static void keep(survey_state *survey, msi_nbstat_answer *one, const msi_ns_packet *answer) {
    one->answered = true;
    survey->silent--;
    one->name_count = msi_ns_status_count(answer);
    one->names = calloc(one->name_count, sizeof *one->names);
    if (!one->names)
        one->name_count = 0;
    for (size_t i = 0; i < one->name_count; i++)
        one->names[i] = msi_ns_status_at(answer, i);
}

static void judge(survey_state *survey, msi_udp_address from, const unsigned char *bytes,
                  size_t len) {
    const msi_nbstat_answer wanted = {.ip = from.ip};
    msi_nbstat_answer *one = bsearch(&wanted, survey->list, survey->count, sizeof wanted, by_ip);
    if (!one || one->answered)
        return;
    msi_query query;
    msi_ns_packet answer;
    begin_query(survey, one, &query);
    if (msi_query_receive(&query, from, bytes, len, &answer))
        keep(survey, one, &answer);
}

static bool receive_one(survey_state *survey, uint64_t deadline) {
    unsigned char bytes[MSI_NS_MAX];
    size_t len;
    msi_udp_address from;
    if (!msi_udp_receive(&survey->socket, bytes, sizeof bytes, &len, &from, deadline))
        return false;
    judge(survey, from, bytes, len);
    return true;
}

static void ask_the_silent(survey_state *survey) {
    for (size_t i = 0; i < survey->count; i++) {
        if (survey->list[i].answered)
            continue;
        send_to(survey, &survey->list[i]);
        int received = 0;
        while (received < AT_ONCE && receive_one(survey, 0))
            received++;
    }
    uint64_t until = msi_now() + (uint64_t)MSI_QUERY_WAIT_MS * MSI_NS_PER_MS;
    while (survey->silent && msi_now() < until)
        (void)receive_one(survey, until);
}

mailslot_err msi_nbstat(const msi_asker *asker, msi_nbstat_answer *list, size_t count) {
    survey_state survey = {.asker = asker, .list = list, .count = count, .silent = count};
    mailslot_err err = msi_udp_open(&survey.socket);
    if (err)
        return err;
    for (size_t i = 0; i < count; i++)
        list[i].id = (uint16_t)msi_udp_random();
    for (int try = 0; try < MSI_QUERY_TRIES && survey.silent; try++)
        ask_the_silent(&survey);
    msi_udp_close(&survey.socket);
    return survey.sent ? MAILSLOT_OK : survey.err;
}
