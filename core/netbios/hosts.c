/* Which computers there are, and what they say of themselves. */
#include "client.h"
#include "error.h"
#include "nbstat.h"

#include <mailslot/network.h>

#include <stdlib.h>
#include <string.h>

typedef mailslot_err node_fn(void *ctx, const mailslot_node *node);

/* ---- Showing ---- */

enum { NAMES_MAX = 255 }; /* a node status counts its names in a byte */

static void describe_name(const msi_ns_status_name *name, char text[MSI_NBNAME_SIZE],
                          mailslot_node_name *shown) {
    msi_nbname whole = {.scope_len = 0};
    memcpy(whole.bytes, name->bytes, sizeof whole.bytes);
    msi_nbname_computer(&whole, text);
    *shown = (mailslot_node_name){
        .name = text,
        .suffix = name->bytes[MSI_NBNAME_SIZE - 1],
        .group = (name->flags & MSI_NS_GROUP) != 0,
        .active = (name->flags & MSI_NS_NAME_ACTIVE) != 0,
    };
}

/* The first name of suffix 0 that is a group's, or is not. */
static const char *workstation_name(const mailslot_node_name *names, size_t count, bool group) {
    for (size_t i = 0; i < count; i++)
        if (names[i].suffix == MSI_SUFFIX_WORKSTATION && names[i].group == group)
            return names[i].name;
    return "";
}

static mailslot_err show(const msi_nbstat_answer *one, node_fn *each, void *ctx) {
    char address[MSI_IP_TEXT];
    char texts[NAMES_MAX][MSI_NBNAME_SIZE];
    mailslot_node_name names[NAMES_MAX];
    size_t count = one->name_count < NAMES_MAX ? one->name_count : NAMES_MAX;
    msi_ip_text(one->ip, address);
    for (size_t i = 0; i < count; i++)
        describe_name(&one->names[i], texts[i], &names[i]);
    const mailslot_node node = {
        .address = address,
        .computer = workstation_name(names, count, false),
        .workgroup = workstation_name(names, count, true),
        .names = names,
        .name_count = count,
    };
    return each(ctx, &node);
}

/* ---- One computer ---- */

static mailslot_err silent(const char *address) {
    return mailslot_fail(MAILSLOT_ERR_NO_HOST, "no answer from %s", address);
}

mailslot_err mailslot_node_status(const char *address, const mailslot_host *host, node_fn *each,
                                  void *ctx) {
    msi_nbstat_answer one = {.ip = 0};
    if (!address || !each)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "%s is NULL", address ? "each" : "address");
    if (!msi_ip_parse(address, &one.ip) || !msi_query_is_host(one.ip))
        return mailslot_fail(MAILSLOT_ERR_INVALID, "not the IPv4 address of a computer: '%.64s'",
                             address);
    msi_client onlooker;
    mailslot_err err = msi_client_init(&onlooker, host);
    if (!err)
        err = msi_nbstat(&onlooker.asker, &one, 1);
    if (!err)
        err = one.answered ? show(&one, each, ctx) : silent(address);
    free(one.names);
    return err;
}

/* ---- Everybody ---- */

typedef struct {
    msi_nbstat_answer list[MSI_CLIENT_MAX];
    size_t count;
} node_list;

/* Kept in order, for the survey and for the reader's eye. */
static bool take_address(void *ctx, const msi_query *query, uint32_t by,
                         const msi_ns_packet *answer) {
    (void)query, (void)answer;
    node_list *crowd = ctx;
    size_t at = 0;
    while (at < crowd->count && crowd->list[at].ip < by)
        at++;
    if (crowd->count == MSI_CLIENT_MAX || (at < crowd->count && crowd->list[at].ip == by))
        return false;
    memmove(&crowd->list[at + 1], &crowd->list[at], (crowd->count - at) * sizeof crowd->list[0]);
    crowd->list[at] = (msi_nbstat_answer){.ip = by};
    crowd->count++;
    return false;
}

/* Servers do not know who is there: only the segments are asked. */
static mailslot_err find_everybody(msi_client *onlooker, node_list *crowd) {
    msi_question question;
    msi_nbname everybody;
    if (!onlooker->asker.interface_count)
        return msi_no_interface(&onlooker->host);
    onlooker->host.wins_count = 0;
    msi_client_name(onlooker, &everybody, "*", 0);
    msi_question_for(&question, &onlooker->asker, &everybody);
    question.every_try = true;
    mailslot_err err = msi_ask(&onlooker->asker, &question, take_address, crowd);
    if (err != MAILSLOT_ERR_NO_HOST)
        return err;
    return crowd->count ? MAILSLOT_OK : msi_nobody_has(&onlooker->asker, &everybody);
}

static mailslot_err show_everybody(msi_client *onlooker, node_list *crowd, node_fn *each,
                                   void *ctx) {
    mailslot_err err = find_everybody(onlooker, crowd);
    if (!err)
        err = msi_nbstat(&onlooker->asker, crowd->list, crowd->count);
    for (size_t i = 0; i < crowd->count && !err; i++)
        err = show(&crowd->list[i], each, ctx);
    for (size_t i = 0; i < crowd->count; i++)
        free(crowd->list[i].names);
    return err;
}

mailslot_err mailslot_hosts(const mailslot_host *host, node_fn *each, void *ctx) {
    if (!each)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "each is NULL");
    msi_client onlooker;
    mailslot_err err = msi_client_init(&onlooker, host);
    if (err)
        return err;
    node_list *crowd = calloc(1, sizeof *crowd);
    if (!crowd)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to look for computers");
    err = show_everybody(&onlooker, crowd, each, ctx);
    free(crowd);
    return err;
}
