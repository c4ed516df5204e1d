/* Resolves NetBIOS names: sends queries, waits, and caches what came of them. */
#include "resolve.h"
#include "error.h"

#include <stdio.h>
#include <string.h>

/* How often a wait checks for an interrupt. */
#define SLICE_NS (50 * (uint64_t)MSI_NS_PER_MS)

/* Shared by all slots of the process. Under msi_fork_lock(), so that a fork finds the table
 * whole. */
static msi_namecache known;
static atomic_uint changes; /* counts finished queries; threads that wait for one sleep on it */

static mailslot_err resolve_check_interrupted(const msi_asker *asker) {
    return asker->interrupted && atomic_load(asker->interrupted)
               ? msi_fail_plain(MAILSLOT_ERR_CLOSED)
               : MAILSLOT_OK;
}

/* ---- Error details ---- */

typedef struct {
    char text[MSI_DETAIL_SIZE];
    size_t len;
} list_text;

/* An entry that does not fit is left out as a whole: half an address would mislead. */
static void resolve_list_add(list_text *list, const char *what, const char *name, uint32_t ip) {
    char address[MSI_IP_TEXT];
    msi_ip_text(ip, address);
    int len = snprintf(list->text + list->len, sizeof list->text - list->len, "%s%s%s (%s)",
                       list->len ? ", " : "", what, name, address);
    if (len > 0 && (size_t)len < sizeof list->text - list->len)
        list->len += (size_t)len;
}

mailslot_err msi_resolve_fail_no_interface(const msi_config *host, bool has_address) {
    char wanted[MSI_DETAIL_SIZE] = "";
    size_t len = 0;
    for (size_t i = 0; i < host->interface_count && len < sizeof wanted; i++)
        len += (size_t)snprintf(wanted + len, sizeof wanted - len, "%s%s", i ? ", " : " of ",
                                host->interfaces[i]);
    if (has_address)
        return mailslot_fail(MAILSLOT_ERR_NO_HOST,
                             "no interface%s can broadcast: only computers that a WINS server "
                             "knows can be reached",
                             wanted);
    return mailslot_fail(MAILSLOT_ERR_NO_HOST,
                         "no interface%s is up and has an IPv4 address, which NetBIOS needs: IPv6 "
                         "alone does not do",
                         wanted);
}

mailslot_err msi_resolve_fail_no_owner(const msi_asker *asker, const msi_nbname *name) {
    const msi_config *host = asker->host;
    if (!msi_interfaces_broadcast(asker->interfaces, asker->interface_count) && !host->wins_count)
        return msi_resolve_fail_no_interface(host, asker->interface_count);
    list_text asked = {.len = 0};
    for (size_t i = 0; i < host->wins_count; i++)
        resolve_list_add(&asked, "WINS", "", host->wins[i]);
    for (size_t i = 0; i < asker->interface_count; i++)
        if (asker->interfaces[i].broadcast)
            resolve_list_add(&asked, "", asker->interfaces[i].name, asker->interfaces[i].broadcast);
    char text[MSI_NBNAME_TEXT];
    msi_nbname_text(name, text);
    char host_name[MSI_NBNAME_SIZE];
    msi_nbname_computer(name, host_name);
    int dot = (int)strcspn(host_name, "."); /* a DNS name, which NetBIOS names do not have */
    if (host_name[dot])
        return mailslot_fail(MAILSLOT_ERR_NO_HOST,
                             "no answer for the name %s; a computer with this host name is called "
                             "'%.*s'; asked: %s",
                             text, dot, host_name, asked.text);
    return mailslot_fail(MAILSLOT_ERR_NO_HOST, "no answer for the name %s; asked: %s", text,
                         asked.text);
}

/* ---- Asking ---- */

void msi_resolve_question_init(msi_question *question, const msi_asker *asker,
                               const msi_nbname *name) {
    *question = (msi_question){
        .name = *name,
        .type = MSI_NS_TYPE_NB,
        .id = (uint16_t)msi_udp_random(),
        .port = asker->host->name_port,
        .server_count = asker->host->wins_count,
        .interface_count = asker->interface_count,
        .is_own = msi_udp_is_own,
    };
    for (size_t i = 0; i < question->server_count; i++)
        question->servers[i] = asker->host->wins[i];
    for (size_t i = 0; i < question->interface_count; i++)
        question->interfaces[i] = asker->interfaces[i];
}

/* A socket for each question: its port is new, so late answers to an earlier question do not
 * arrive in it. Opened and closed under the fork lock: a forked child closes the copy that it
 * finds in *asker->socket, which must not be half set. */
static mailslot_err resolve_open_socket(const msi_asker *asker) {
    msi_fork_lock();
    mailslot_err err = msi_udp_open(asker->socket);
    msi_fork_unlock();
    return err;
}

static void resolve_close_socket(const msi_asker *asker) {
    msi_fork_lock();
    msi_udp_close(asker->socket);
    msi_fork_unlock();
}

/* The result of sending a question: a success if any packet could be sent. */
typedef struct {
    bool sent;
    mailslot_err err;
} send_result;

/* Ends: a query yields each server and each segment once in a try. */
static void resolve_send_due(msi_query *query, const msi_udp *socket, send_result *sending) {
    msi_query_packet packet;
    while (msi_query_fetch(query, msi_now(), &packet)) {
        mailslot_err err = msi_udp_send(socket, packet.from, packet.to, packet.bytes, packet.len);
        if (err)
            sending->err = err;
        else
            sending->sent = true;
    }
}

/* Receives at most one packet; whether it was an answer that `answer` accepts. Waits no longer
 * than SLICE_NS, so that the caller can check for an interrupt. */
static bool resolve_receive_one(msi_query *query, const msi_udp *socket, msi_answer_fn *answer,
                                void *ctx) {
    unsigned char bytes[MSI_NS_MAX];
    size_t len;
    msi_udp_address from;
    uint64_t slice = msi_now() + SLICE_NS;
    uint64_t due = msi_query_due(query);
    msi_ns_packet packet;
    return msi_udp_receive(socket, bytes, sizeof bytes, &len, &from, due < slice ? due : slice) &&
           msi_query_receive(query, from, bytes, len, &packet) &&
           answer(ctx, query, from.ip, &packet);
}

/* Ends at the latest when the query's last try is over; packets that are no answers do not
 * prolong it. */
static mailslot_err resolve_exchange(const msi_asker *asker, msi_query *query,
                                     msi_answer_fn *answer, void *ctx) {
    send_result sending = {.sent = false};
    for (;;) {
        mailslot_err err = resolve_check_interrupted(asker);
        if (err)
            return err;
        resolve_send_due(query, asker->socket, &sending);
        if (msi_query_is_over(query))
            return sending.sent || !sending.err ? MAILSLOT_ERR_NO_HOST : sending.err;
        if (resolve_receive_one(query, asker->socket, answer, ctx))
            return MAILSLOT_OK;
    }
}

mailslot_err msi_ask(const msi_asker *asker, const msi_question *question, msi_answer_fn *answer,
                     void *ctx) {
    mailslot_err err = resolve_open_socket(asker);
    if (err)
        return err;
    msi_query query;
    msi_query_begin(&query, question, msi_now());
    err = resolve_exchange(asker, &query, answer, ctx);
    resolve_close_socket(asker);
    return err;
}

/* ---- Resolving ---- */

/* FNV-1a (draft-eastlake-fnv), over four bytes at a time. */
static uint64_t resolve_mix(uint64_t hash, uint32_t value) {
    return (hash ^ value) * 0x100000001b3u;
}

/* Identifies the servers and segments asked: cached answers are valid for these only. */
static uint64_t resolve_view_of(const msi_asker *asker) {
    uint64_t hash = resolve_mix(0xcbf29ce484222325u, asker->host->name_port);
    for (size_t i = 0; i < asker->host->wins_count; i++)
        hash = resolve_mix(hash, asker->host->wins[i]);
    for (size_t i = 0; i < asker->interface_count; i++) {
        const msi_interface *interface = &asker->interfaces[i];
        hash = resolve_mix(resolve_mix(resolve_mix(hash, interface->index), interface->ip),
                           interface->broadcast);
    }
    return hash;
}

/* Looks a name up. If it is unknown and no thread asks, marks it as being asked and returns
 * MSI_NAMECACHE_UNKNOWN: the caller must ask. Both under one lock, or two threads would ask.
 * With a full table nothing is marked and the caller asks all the same; its answer is not kept. */
static msi_namecache_state resolve_look(const msi_namecache_key *key, msi_name_owner *owner) {
    uint64_t until;
    uint64_t now = msi_now();
    msi_fork_lock();
    msi_namecache_state state = msi_namecache_look(&known, key, now, owner, &until);
    if (state == MSI_NAMECACHE_UNKNOWN)
        (void)msi_namecache_ask(&known, key, now);
    msi_fork_unlock();
    return state;
}

typedef struct {
    msi_name_owner owner;
    uint32_t ttl;
} found;

static bool resolve_take_first(void *ctx, const msi_query *query, uint32_t by,
                               const msi_ns_packet *answer) {
    bool group = msi_query_is_group(answer);
    uint32_t ip = group ? 0 : msi_query_address(query, by, answer);
    *(found *)ctx = (found){{group, ip}, answer->ttl};
    return group || ip;
}

/* Must follow every question, or the threads that wait for it never see it end. Only NO_HOST is
 * cached as an absence: any other error says nothing about the name. msi_wake_one() is enough,
 * see resolve_wait_for_change(). */
static void resolve_note(const msi_namecache_key *key, mailslot_err err, const found *answer) {
    uint64_t now = msi_now();
    msi_fork_lock();
    if (!err)
        msi_namecache_found(&known, key, answer->owner, answer->ttl, now);
    else if (err == MAILSLOT_ERR_NO_HOST)
        msi_namecache_not_found(&known, key, now);
    else
        msi_namecache_give_up(&known, key);
    msi_fork_unlock();
    atomic_fetch_add(&changes, 1);
    msi_wake_one(&changes);
}

static mailslot_err resolve_ask_and_note(const msi_asker *asker, const msi_namecache_key *key,
                                         msi_name_owner *owner) {
    msi_question question;
    found answer = {.ttl = 0};
    msi_resolve_question_init(&question, asker, &key->name);
    mailslot_err err = msi_ask(asker, &question, resolve_take_first, &answer);
    resolve_note(key, err, &answer);
    if (err == MAILSLOT_ERR_NO_HOST)
        return msi_resolve_fail_no_owner(asker, &key->name);
    *owner = answer.owner;
    return err;
}

/* Each woken thread wakes the next one, since it may itself have waited for another name. */
static mailslot_err resolve_wait_for_change(const msi_asker *asker, unsigned before) {
    msi_sleep_on(&changes, before, SLICE_NS);
    if (atomic_load(&changes) != before)
        msi_wake_one(&changes);
    return resolve_check_interrupted(asker);
}

mailslot_err msi_resolve(const msi_asker *asker, const msi_nbname *name, msi_name_owner *owner) {
    const msi_namecache_key key = {*name, resolve_view_of(asker)};
    for (;;) {
        /* Read before looking: a question that ends in between changes it, so the wait below
         * returns. */
        unsigned before = atomic_load(&changes);
        switch (resolve_look(&key, owner)) {
        case MSI_NAMECACHE_FOUND:
            return MAILSLOT_OK;
        case MSI_NAMECACHE_NOT_FOUND:
            return msi_resolve_fail_no_owner(asker, name);
        case MSI_NAMECACHE_UNKNOWN:
            /* Also in a thread that waited, if the one that asked was interrupted. */
            return resolve_ask_and_note(asker, &key, owner);
        case MSI_NAMECACHE_ASKING:
            break;
        }
        mailslot_err err = resolve_wait_for_change(asker, before);
        if (err)
            return err;
    }
}

/* The parent's threads do not exist here: their questions would never end. */
void msi_resolve_after_fork(void) { msi_namecache_give_up_all(&known); }
