/* mailslot_lookup(): asks WINS servers and segments for a name, and reports every owner. */
#include "client.h"
#include "error.h"
#include "name.h"
#include "unwind.h"

#include <mailslot/network.h>

#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t ip, by;
    bool group, wins;
} owner;

typedef struct {
    owner owners[MSI_CLIENT_MAX];
    size_t count;
} owner_list;

/* Answers of WINS servers are marked: they list addresses that others registered. */
static bool lookup_is_server(const msi_question *question, uint32_t ip) {
    for (size_t i = 0; i < question->server_count; i++)
        if (question->servers[i] == ip)
            return true;
    return false;
}

/* Queries are repeated, and some hosts answer each twice (nmbd does in its default
 * configuration): keep one of each. Owners beyond MSI_CLIENT_MAX are left out. */
static void lookup_add_owner(owner_list *list, owner one) {
    for (size_t i = 0; i < list->count; i++)
        if (list->owners[i].ip == one.ip && list->owners[i].by == one.by)
            return;
    if (list->count < MSI_CLIENT_MAX)
        list->owners[list->count++] = one;
}

/* Collects the addresses of an answer (RFC 1002 4.2.13). Returns false, since every host that has
 * the name is wanted, not only the first that answers. */
static bool lookup_take_answer(void *ctx, const msi_query *query, uint32_t by,
                               const msi_ns_packet *answer) {
    for (size_t i = 0; i < msi_ns_address_count(answer); i++) {
        msi_ns_address address = msi_ns_address_at(answer, i);
        lookup_add_owner(ctx, (owner){
                                  .ip = address.ip,
                                  .by = by,
                                  .group = (address.nb_flags & MSI_NS_GROUP) != 0,
                                  .wins = lookup_is_server(&query->question, by),
                              });
    }
    return false;
}

/* Runs after the last answer: a slow callback must not delay receiving. */
static mailslot_err lookup_report(const owner_list *list,
                                  mailslot_err (*each)(void *ctx, const mailslot_name_owner *owner),
                                  void *ctx) {
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; i < list->count && !err; i++) {
        const owner *one = &list->owners[i];
        char address[MSI_IP_TEXT], by[MSI_IP_TEXT];
        msi_ip_text(one->ip, address);
        msi_ip_text(one->by, by);
        const mailslot_name_owner shown = {
            .address = address, .group = one->group, .wins = one->wins, .by = by};
        err = each(ctx, &shown);
    }
    return err;
}

/* msi_ask() ends with NO_HOST when its time is over, since lookup_take_answer() never stops it. */
static mailslot_err lookup_ask(const msi_client *client, const msi_nbname *name, owner_list *list) {
    msi_question question;
    msi_resolve_question_init(&question, &client->asker, name);
    mailslot_err err = msi_ask(&client->asker, &question, lookup_take_answer, list);
    if (err != MAILSLOT_ERR_NO_HOST)
        return err;
    return list->count ? MAILSLOT_OK : msi_resolve_fail_no_owner(&client->asker, name);
}

static mailslot_err lookup_check_arguments(const char *name, unsigned suffix, const void *each,
                                           char computer[MSI_COMPUTER_MAX + 1]) {
    if (!name || !each)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "%s is NULL", name ? "each" : "name");
    if (suffix > 0xff)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "suffix 0x%x is greater than 0xff", suffix);
    return msi_computer_parse(computer, name, strlen(name));
}

/* What a lookup needs. On the heap: 14 KB is much for the stack of a caller's thread. */
typedef struct {
    msi_client client;
    owner_list list;
} lookup_state;

static void lookup_free(lookup_state **all) {
    free(*all);
    *all = NULL;
}

mailslot_err mailslot_lookup(const char *name, unsigned suffix, const mailslot_host *host,
                             mailslot_err (*each)(void *ctx, const mailslot_name_owner *owner),
                             void *ctx) {
    char computer[MSI_COMPUTER_MAX + 1];
    /* ISO C has no conversion from a function pointer to void *: pass the address of `each`
     * instead. */
    mailslot_err err = lookup_check_arguments(name, suffix, each ? &each : NULL, computer);
    if (err)
        return err;
    MSI_ON_UNWIND(lookup_free) lookup_state *all = calloc(1, sizeof *all);
    if (!all)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to look up a name");
    err = msi_client_init(&all->client, host);
    if (!err) {
        msi_nbname wanted;
        msi_client_name(&all->client, &wanted, computer, (uint8_t)suffix);
        err = lookup_ask(&all->client, &wanted, &all->list);
    }
    if (!err)
        err = lookup_report(&all->list, each, ctx);
    lookup_free(&all);
    return err;
}
