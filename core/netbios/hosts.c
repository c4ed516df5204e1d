/* mailslot_node_status() and mailslot_hosts(): the names that computers report. */
#include "client.h"
#include "error.h"
#include "nbstat.h"
#include "unwind.h"

#include <mailslot/network.h>

#include <stdlib.h>
#include <string.h>

typedef mailslot_err node_fn(void *ctx, const mailslot_node *node);

/* ---- Reporting ---- */

enum { NAMES_MAX = 255 }; /* RFC 1002 4.2.18: NUM_NAMES is one byte */

/* A node status lists names without their scope (RFC 1002 section 4.2.18). */
static void hosts_describe_name(const msi_ns_status_name *name, char text[MSI_NBNAME_SIZE],
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

/* The first name of suffix 0x00 that is, or is not, a group name; "" if there is none. A
 * computer registers its own name as the unique one and its workgroup as the group. */
static const char *hosts_workstation_name(const mailslot_node_name *names, size_t count,
                                          bool group) {
    for (size_t i = 0; i < count; i++)
        if (names[i].suffix == MSI_SUFFIX_WORKSTATION && names[i].group == group)
            return names[i].name;
    return "";
}

/* Everything lies on the stack: the callback must copy what it keeps. */
static mailslot_err hosts_report_node(const msi_nbstat_answer *one, node_fn *each, void *ctx) {
    char address[MSI_IP_TEXT];
    char texts[NAMES_MAX][MSI_NBNAME_SIZE];
    mailslot_node_name names[NAMES_MAX];
    size_t count = one->name_count < NAMES_MAX ? one->name_count : NAMES_MAX;
    msi_ip_text(one->ip, address);
    for (size_t i = 0; i < count; i++)
        hosts_describe_name(&one->names[i], texts[i], &names[i]);
    const mailslot_node node = {
        .address = address,
        .computer = hosts_workstation_name(names, count, false),
        .workgroup = hosts_workstation_name(names, count, true),
        .names = names,
        .name_count = count,
    };
    return each(ctx, &node);
}

/* ---- One computer ---- */

static mailslot_err hosts_fail_silent(const char *address) {
    return mailslot_fail(MAILSLOT_ERR_NO_HOST, "no answer from %s", address);
}

static void hosts_free_names(msi_nbstat_answer *one) {
    free(one->names);
    one->names = NULL;
}

/* The address must be one host's: many computers would answer a query sent to a broadcast
 * address. */
mailslot_err mailslot_node_status(const char *address, const mailslot_host *host, node_fn *each,
                                  void *ctx) {
    MSI_ON_UNWIND(hosts_free_names) msi_nbstat_answer one = {.ip = 0};
    if (!address || !each)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "%s is NULL", address ? "each" : "address");
    if (!msi_ip_parse(address, &one.ip) || !msi_query_is_host(one.ip))
        return mailslot_fail(MAILSLOT_ERR_INVALID, "not the IPv4 address of a computer: '%.64s'",
                             address);
    msi_client client;
    mailslot_err err = msi_client_init(&client, host);
    if (!err)
        err = msi_nbstat(&client.asker, &one, 1);
    if (!err)
        err = one.answered ? hosts_report_node(&one, each, ctx) : hosts_fail_silent(address);
    hosts_free_names(&one);
    return err;
}

/* ---- All computers ---- */

typedef struct {
    msi_nbstat_answer list[MSI_CLIENT_MAX];
    size_t count;
} node_list;

/* Sorted by address, as msi_nbstat() requires and callers expect. Hosts answer each of the
 * repeated queries: keep one entry of each. Hosts beyond MSI_CLIENT_MAX are left out. Returns
 * false, to go on receiving: every host is wanted, not only the first. */
static bool hosts_take_address(void *ctx, const msi_query *query, uint32_t by,
                               const msi_ns_packet *answer) {
    (void)query, (void)answer;
    node_list *nodes = ctx;
    size_t at = 0;
    while (at < nodes->count && nodes->list[at].ip < by)
        at++;
    if (nodes->count == MSI_CLIENT_MAX || (at < nodes->count && nodes->list[at].ip == by))
        return false;
    memmove(&nodes->list[at + 1], &nodes->list[at], (nodes->count - at) * sizeof nodes->list[0]);
    nodes->list[at] = (msi_nbstat_answer){.ip = by};
    nodes->count++;
    return false;
}

/* WINS servers cannot list computers: ask the segments only, for "*", which every host answers.
 * msi_ask() ends with NO_HOST when its time is over, however many hosts answered. */
static mailslot_err hosts_find_addresses(msi_client *client, node_list *nodes) {
    msi_question question;
    msi_nbname wildcard;
    if (!msi_interfaces_broadcast(client->interfaces, client->asker.interface_count))
        return msi_resolve_fail_no_interface(&client->config, client->asker.interface_count);
    client->config.wins_count = 0;
    msi_client_name(client, &wildcard, "*", 0);
    msi_resolve_question_init(&question, &client->asker, &wildcard);
    question.every_try = true; /* a host may have missed the first query */
    mailslot_err err = msi_ask(&client->asker, &question, hosts_take_address, nodes);
    if (err != MAILSLOT_ERR_NO_HOST)
        return err;
    return nodes->count ? MAILSLOT_OK : msi_resolve_fail_no_owner(&client->asker, &wildcard);
}

static mailslot_err hosts_report_all(msi_client *client, node_list *nodes, node_fn *each,
                                     void *ctx) {
    mailslot_err err = hosts_find_addresses(client, nodes);
    if (!err)
        err = msi_nbstat(&client->asker, nodes->list, nodes->count);
    for (size_t i = 0; i < nodes->count && !err; i++)
        err = hosts_report_node(&nodes->list[i], each, ctx);
    return err;
}

/* Each host's names are memory of their own. */
static void hosts_free_nodes(node_list **nodes) {
    for (size_t i = 0; *nodes && i < (*nodes)->count; i++)
        hosts_free_names(&(*nodes)->list[i]);
    free(*nodes);
    *nodes = NULL;
}

mailslot_err mailslot_hosts(const mailslot_host *host, node_fn *each, void *ctx) {
    if (!each)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "each is NULL");
    msi_client client;
    mailslot_err err = msi_client_init(&client, host);
    if (err)
        return err;
    MSI_ON_UNWIND(hosts_free_nodes) node_list *nodes = calloc(1, sizeof *nodes);
    if (!nodes)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to look for computers");
    err = hosts_report_all(&client, nodes, each, ctx);
    hosts_free_nodes(&nodes);
    return err;
}
