/* Sends messages as NetBIOS datagrams: finds the route to a name, keeps it for a second, encodes
 * and transmits. See sender.h. */
#include "sender.h"
#include "error.h"
#include "rundown.h"

#include <stdlib.h>
#include <string.h>

/* How long a route stays valid: interfaces come and go, names have a TTL. */
#define ROUTE_NS (1000 * (uint64_t)MSI_NS_PER_MS)
/* How long a put waits for the network card, if the put timeout is not longer. */
#define CARD_NS  (1000 * (uint64_t)MSI_NS_PER_MS)
#define SLICE_NS (50 * (uint64_t)MSI_NS_PER_MS)

struct msi_sender {
    msi_config config;
    bool to_own_group;
    msi_smb_mailslot write; /* all of a message but its data */
    msi_datagram datagram;  /* all of it but type, id, source address and data */
    msi_udp socket;         /* messages leave by this one */
    msi_udp asking;         /* see msi_asker */
    atomic_bool interrupted;
    msi_rundown gate; /* its lock guards the route */
    msi_route route;
};

/* DGM_ID of the next message of this process. A forked child starts from another random number, or
 * receivers would drop its messages as duplicates of its parent's. */
static atomic_uint next_id;
static uint32_t next_id_process; /* the process that chose next_id; under msi_fork_lock() */

/* With msi_fork_lock() held. Checked on opening only: a forked child cannot use the senders that
 * it inherits, so it opens one before it sends. */
static void sender_notice_fork(void) {
    if (next_id_process == msi_udp_process())
        return;
    next_id_process = msi_udp_process();
    atomic_store(&next_id, msi_udp_random());
    msi_resolve_after_fork();
}

/* ---- Opening and closing ---- */

static void sender_set_name(msi_nbname *name, const msi_config *config, const char *text) {
    msi_nbname_set(name, text, MSI_SUFFIX_WORKSTATION);
    (void)msi_nbname_set_scope(name, config->scope);
}

/* "*" means the own workgroup ([MS-MAIL]); so does its name. Source and destination have suffix
 * 0x00, as in Samba's own datagrams to \MAILSLOT\LANMAN. */
static void sender_init(msi_sender *sender, const msi_name *name, const msi_config *config) {
    sender->config = *config;
    sender->to_own_group =
        name->scope == MSI_SCOPE_DOMAIN || strcmp(name->computer, config->workgroup) == 0;
    memcpy(sender->write.path, name->path, strlen(name->path) + 1);
    sender->datagram.source_port = config->datagram_port;
    sender_set_name(&sender->datagram.source, config, config->computer);
    sender_set_name(&sender->datagram.destination, config,
                    sender->to_own_group ? config->workgroup : name->computer);
}

mailslot_err msi_sender_limit(const msi_name *name, size_t *limit) {
    int room = msi_smb_mailslot_limit(name->path);
    if (room < 0)
        return mailslot_fail(MAILSLOT_ERR_BAD_NAME,
                             "a name of %zu bytes leaves no room for a message between computers",
                             strlen(name->path));
    *limit = (size_t)room;
    return MAILSLOT_OK;
}

mailslot_err msi_sender_new(msi_sender **sender, const msi_name *name, const msi_config *config) {
    *sender = calloc(1, sizeof **sender);
    if (!*sender)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a mailslot");
    (*sender)->asking = MSI_UDP_NONE;
    mailslot_err err = msi_udp_open(&(*sender)->socket);
    if (err) {
        free(*sender);
        return err;
    }
    sender_init(*sender, name, config);
    sender_notice_fork();
    return MAILSLOT_OK;
}

void msi_sender_release(msi_sender *sender) {
    msi_udp_close(&sender->socket);
    msi_udp_close(&sender->asking);
}

void msi_sender_abandon(msi_sender *sender) { free(sender); }

void msi_sender_free(msi_sender *sender) {
    msi_sender_release(sender);
    msi_sender_abandon(sender);
}

void msi_sender_interrupt(msi_sender *sender) { atomic_store(&sender->interrupted, true); }

/* ---- Routes ---- */

static mailslot_err sender_list_interfaces(msi_sender *sender, uint64_t now) {
    msi_route *route = &sender->route;
    if (now < route->interfaces_until)
        return MAILSLOT_OK;
    mailslot_err err = msi_udp_list_interfaces(route->interfaces, MSI_INTERFACES_MAX,
                                               &sender->config, &route->interface_count);
    if (!err)
        route->interfaces_until = now + ROUTE_NS;
    return err;
}

/* Skip the query for the own workgroup, which is known to be a group. */
static mailslot_err sender_find_owner(msi_sender *sender) {
    if (sender->to_own_group) {
        sender->route.owner = (msi_name_owner){.group = true};
        return MAILSLOT_OK;
    }
    const msi_asker asker = {
        .host = &sender->config,
        .interfaces = sender->route.interfaces,
        .interface_count = sender->route.interface_count,
        .interrupted = &sender->interrupted,
        .socket = &sender->asking,
    };
    return msi_resolve(&asker, &sender->datagram.destination, &sender->route.owner);
}

/* With the gate locked: other threads that write to the same slot wait while one resolves. Check
 * for an interrupt first, for a thread that waited while the slot was closed. The time is read
 * again for `until`, since resolving may take a second. */
static mailslot_err sender_renew_route(msi_sender *sender, uint64_t now) {
    if (atomic_load(&sender->interrupted))
        return msi_fail_plain(MAILSLOT_ERR_CLOSED);
    mailslot_err err = sender_list_interfaces(sender, now);
    if (!err)
        err = sender_find_owner(sender);
    if (err)
        return err;
    msi_route *route = &sender->route;
    route->source = route->owner.group ? 0 : msi_udp_source_for(route->owner.ip);
    route->until = msi_now() + ROUTE_NS;
    return MAILSLOT_OK;
}

/* Copies the route, so that sending needs no lock: a thread that waits for the network card does
 * not delay the others. */
static mailslot_err sender_find_route(msi_sender *sender, msi_route *found) {
    uint64_t now = msi_now();
    msi_rundown_lock(&sender->gate, MSI_OUTSIDE);
    mailslot_err err = now < sender->route.until ? MAILSLOT_OK : sender_renew_route(sender, now);
    if (!err)
        *found = sender->route;
    msi_rundown_unlock(&sender->gate, MSI_OUTSIDE);
    return err;
}

/* ---- Sending ---- */

/* All but the source address, which differs between interfaces. */
static mailslot_err sender_make_datagram(msi_packet *packet, const msi_sender *sender, bool group,
                                         const void *data, size_t len) {
    msi_smb_mailslot write = sender->write;
    write.data = data;
    write.len = len;
    packet->datagram = sender->datagram;
    packet->datagram.type = group ? MSI_DATAGRAM_GROUP : MSI_DATAGRAM_UNIQUE;
    packet->datagram.id = (uint16_t)atomic_fetch_add(&next_id, 1);
    packet->datagram.data = packet->user_data;
    packet->datagram.len =
        msi_smb_mailslot_encode(&write, packet->user_data, sizeof packet->user_data);
    return packet->datagram.len ? MAILSLOT_OK : msi_fail_plain(MAILSLOT_ERR_TOO_BIG);
}

static void sender_encode(msi_packet *packet, uint32_t source) {
    packet->datagram.source_ip = source;
    packet->len = msi_datagram_encode(&packet->datagram, packet->bytes, sizeof packet->bytes);
}

/* Waits for the card, SLICE_NS at most. CLOSED, FULL (the deadline has passed). */
static mailslot_err sender_wait_for_card(const msi_sender *sender, uint64_t deadline) {
    uint64_t now = msi_now();
    if (atomic_load(&sender->interrupted))
        return msi_fail_plain(MAILSLOT_ERR_CLOSED);
    if (now >= deadline)
        return mailslot_fail(MAILSLOT_ERR_FULL, "the network card accepts no more packets");
    (void)msi_udp_writable(&sender->socket, deadline - now < SLICE_NS ? deadline : now + SLICE_NS);
    return MAILSLOT_OK;
}

/* Wait at least CARD_NS even with MAILSLOT_NO_WAIT: a full send buffer is not a full mailslot, it
 * empties as fast as the card sends. */
static mailslot_err sender_transmit_packet(const msi_sender *sender, const msi_interface *from,
                                           uint32_t ip, const msi_packet *packet,
                                           msi_timeout *timeout) {
    const msi_udp_address to = {ip, sender->config.datagram_port};
    mailslot_err err = msi_udp_send(&sender->socket, from, to, packet->bytes, packet->len);
    if (err != MAILSLOT_ERR_FULL)
        return err;
    uint64_t deadline = msi_timeout_deadline(timeout), least = msi_now() + CARD_NS;
    while (err == MAILSLOT_ERR_FULL) {
        err = sender_wait_for_card(sender, deadline > least ? deadline : least);
        if (err)
            return err;
        err = msi_udp_send(&sender->socket, from, to, packet->bytes, packet->len);
    }
    return err;
}

/* Succeeds if at least one interface accepted the datagram. */
static mailslot_err sender_broadcast(const msi_sender *sender, msi_packet *packet,
                                     msi_timeout *timeout) {
    const msi_route *route = &packet->route;
    mailslot_err result = MAILSLOT_OK;
    bool sent = false;
    for (size_t i = 0; i < route->interface_count; i++) {
        const msi_interface *interface = &route->interfaces[i];
        if (!interface->broadcast)
            continue;
        sender_encode(packet, interface->ip);
        mailslot_err err =
            sender_transmit_packet(sender, interface, interface->broadcast, packet, timeout);
        sent = sent || !err;
        result = err ? err : result;
    }
    return sent ? MAILSLOT_OK : result;
}

mailslot_err msi_sender_prepare(msi_sender *sender, const void *data, size_t len,
                                msi_packet *packet) {
    const msi_route *route = &packet->route;
    mailslot_err err = sender_find_route(sender, &packet->route);
    if (!err)
        err = sender_make_datagram(packet, sender, route->owner.group, data, len);
    if (err)
        return err;
    packet->to_own_group = sender->to_own_group;
    /* Of a broadcast these bytes are for mailslotd, which recognises the copy that it hears by
     * its DGM_ID; sender_broadcast() encodes them again with each interface's address. */
    if (route->owner.group)
        sender_encode(packet, route->interface_count ? route->interfaces[0].ip : 0);
    else
        sender_encode(packet, route->source);
    return MAILSLOT_OK;
}

mailslot_err msi_sender_transmit(const msi_sender *sender, msi_packet *packet, int timeout_ms) {
    msi_timeout timeout = {timeout_ms, 0};
    const msi_route *route = &packet->route;
    if (!route->owner.group)
        return sender_transmit_packet(sender, NULL, route->owner.ip, packet, &timeout);
    if (!msi_interfaces_broadcast(route->interfaces, route->interface_count))
        return msi_resolve_fail_no_interface(&sender->config, route->interface_count);
    return sender_broadcast(sender, packet, &timeout);
}
