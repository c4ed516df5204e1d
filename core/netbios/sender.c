/*
 * The transport to other computers, which can only be written to: each message is one datagram,
 * sent by this process from a port of its own. Nobody confirms anything.
 *
 * A message for a group, or for everybody, goes out on every interface, with one DGM_ID, so that
 * who hears it twice can know. This computer's own readers get it first, from mailslotd where one
 * runs; they have it even if then no interface can broadcast, which fails with NO_HOST.
 */
#include "sender.h"
#include "error.h"
#include "relay/broadcast.h"
#include "resolve.h"
#include "rundown.h"
#include "smb_mailslot.h"
#include "transports/own_readers.h"

#include <stdlib.h>
#include <string.h>

/* How long a route is taken for granted: interfaces come and go, names have a TTL. */
#define ROUTE_NS (1000 * (uint64_t)MSI_NS_PER_MS)
/* How long a put waits for the network card, if the put timeout is not longer. */
#define CARD_NS  (1000 * (uint64_t)MSI_NS_PER_MS)
#define SLICE_NS (50 * (uint64_t)MSI_NS_PER_MS)

/* Where messages go. */
typedef struct {
    uint64_t until;
    msi_name_owner owner;
    uint32_t source; /* to a host: the address they come from */
    msi_interface interfaces[MSI_INTERFACES_MAX];
    size_t interface_count;
    uint64_t interfaces_until;
} known_route;

struct msi_endpoint {
    msi_name name;
    msi_config host;
    bool to_own_group;
    msi_smb_mailslot write;   /* all of a message but its data */
    msi_datagram datagram;    /* all of it but type, id, source address and data */
    msi_udp socket;           /* that messages leave by */
    msi_udp asking;           /* see msi_asker */
    msi_broadcaster spreader; /* of a group's messages */
    atomic_bool interrupted;
    msi_rundown gate; /* its lock guards the route */
    known_route route;
};

/* DGM_ID of the next message of this process. A child's begin anew: what it sends in its parent's
 * name must not be taken for what the parent sent. */
static atomic_uint next_id;
static uint32_t process; /* the one that next_id was chosen by; under msi_fork_lock() */

static void notice_fork(void) {
    if (process == msi_udp_process())
        return;
    process = msi_udp_process();
    atomic_store(&next_id, msi_udp_random());
    msi_resolve_after_fork();
}

static bool serves(const msi_name *name) {
    return name->scope == MSI_SCOPE_COMPUTER || name->scope == MSI_SCOPE_DOMAIN;
}

/* ---- Opening and closing ---- */

static void set_name(msi_nbname *name, const msi_config *host, const char *text) {
    msi_nbname_set(name, text, MSI_SUFFIX_WORKSTATION);
    (void)msi_nbname_set_scope(name, host->scope);
}

static void describe(msi_endpoint *endpoint, const msi_name *name, const msi_config *host) {
    endpoint->name = *name;
    endpoint->host = *host;
    endpoint->to_own_group =
        name->scope == MSI_SCOPE_DOMAIN || strcmp(name->computer, host->workgroup) == 0;
    memcpy(endpoint->write.path, name->path, strlen(name->path) + 1);
    endpoint->datagram.source_port = host->datagram_port;
    set_name(&endpoint->datagram.source, host, host->computer);
    set_name(&endpoint->datagram.destination, host,
             endpoint->to_own_group ? host->workgroup : name->computer);
}

mailslot_err msi_netbios_limit(const msi_name *name, size_t *limit) {
    int room = msi_smb_mailslot_limit(name->path);
    if (room < 0)
        return mailslot_fail(MAILSLOT_ERR_BAD_NAME,
                             "a name of %zu bytes leaves no room for a message between computers",
                             strlen(name->path));
    *limit = (size_t)room;
    return MAILSLOT_OK;
}

/* Asks nobody: the host may come later, or be another one by then. */
static mailslot_err open_writer(msi_endpoint **endpoint, const msi_name *name,
                                const msi_config *host, size_t *limit) {
    mailslot_err err = msi_netbios_limit(name, limit);
    if (err)
        return err;
    *endpoint = calloc(1, sizeof **endpoint);
    if (!*endpoint)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a mailslot");
    (*endpoint)->asking = MSI_UDP_NONE;
    (*endpoint)->spreader = MSI_BROADCASTER_NONE;
    err = msi_udp_open(&(*endpoint)->socket);
    if (err) {
        free(*endpoint);
        return err;
    }
    describe(*endpoint, name, host);
    notice_fork();
    return MAILSLOT_OK;
}

static void release(msi_endpoint *endpoint) {
    msi_udp_close(&endpoint->socket);
    msi_udp_close(&endpoint->asking);
    msi_broadcaster_release(&endpoint->spreader);
}

static void abandon(msi_endpoint *endpoint) { free(endpoint); }

static void close_endpoint(msi_endpoint *endpoint) {
    release(endpoint);
    abandon(endpoint);
}

static void interrupt(msi_endpoint *endpoint) {
    atomic_store(&endpoint->interrupted, true);
    msi_broadcaster_interrupt(&endpoint->spreader);
}

/* ---- Routes ---- */

static mailslot_err look_at_interfaces(msi_endpoint *endpoint, uint64_t now) {
    known_route *route = &endpoint->route;
    if (now < route->interfaces_until)
        return MAILSLOT_OK;
    mailslot_err err = msi_interfaces(route->interfaces, MSI_INTERFACES_MAX, &endpoint->host,
                                      &route->interface_count);
    if (!err)
        route->interfaces_until = now + ROUTE_NS;
    return err;
}

/* The own workgroup is known to be a group. */
static mailslot_err find_owner(msi_endpoint *endpoint) {
    if (endpoint->to_own_group) {
        endpoint->route.owner = (msi_name_owner){.group = true};
        return MAILSLOT_OK;
    }
    const msi_asker asker = {
        .host = &endpoint->host,
        .interfaces = endpoint->route.interfaces,
        .interface_count = endpoint->route.interface_count,
        .interrupted = &endpoint->interrupted,
        .socket = &endpoint->asking,
    };
    return msi_resolve(&asker, &endpoint->datagram.destination, &endpoint->route.owner);
}

/* With the gate locked. While one thread asks, those that write to the same slot wait here. */
static mailslot_err renew(msi_endpoint *endpoint, uint64_t now) {
    if (atomic_load(&endpoint->interrupted))
        return msi_fail_plain(MAILSLOT_ERR_CLOSED);
    mailslot_err err = look_at_interfaces(endpoint, now);
    if (!err)
        err = find_owner(endpoint);
    if (err)
        return err;
    known_route *route = &endpoint->route;
    route->source = route->owner.group ? 0 : msi_udp_source_for(route->owner.ip);
    route->until = msi_now() + ROUTE_NS;
    return MAILSLOT_OK;
}

static mailslot_err find_route(msi_endpoint *endpoint, known_route *found) {
    uint64_t now = msi_now();
    msi_rundown_lock(&endpoint->gate, MSI_OUTSIDE);
    mailslot_err err = now < endpoint->route.until ? MAILSLOT_OK : renew(endpoint, now);
    if (!err)
        *found = endpoint->route;
    msi_rundown_unlock(&endpoint->gate, MSI_OUTSIDE);
    return err;
}

/* ---- Sending ---- */

/* A packet that is being made. */
typedef struct {
    msi_datagram datagram;
    unsigned char user_data[MSI_DATAGRAM_DATA_MAX];
    unsigned char bytes[MSI_DATAGRAM_MAX];
    size_t len;
} outgoing;

/* All but the source address, which differs between interfaces. */
static mailslot_err prepare(outgoing *packet, const msi_endpoint *endpoint, bool group,
                            const void *data, size_t len) {
    msi_smb_mailslot write = endpoint->write;
    write.data = data;
    write.len = len;
    packet->datagram = endpoint->datagram;
    packet->datagram.type = group ? MSI_DATAGRAM_GROUP : MSI_DATAGRAM_UNIQUE;
    packet->datagram.id = (uint16_t)atomic_fetch_add(&next_id, 1);
    packet->datagram.data = packet->user_data;
    packet->datagram.len =
        msi_smb_mailslot_encode(&write, packet->user_data, sizeof packet->user_data);
    return packet->datagram.len ? MAILSLOT_OK : msi_fail_plain(MAILSLOT_ERR_TOO_BIG);
}

static void encode(outgoing *packet, uint32_t source) {
    packet->datagram.source_ip = source;
    packet->len = msi_datagram_encode(&packet->datagram, packet->bytes, sizeof packet->bytes);
}

/* Waits a little for the card; CLOSED, FULL (not by then). */
static mailslot_err wait_for_card(const msi_endpoint *endpoint, uint64_t deadline) {
    uint64_t now = msi_now();
    if (atomic_load(&endpoint->interrupted))
        return msi_fail_plain(MAILSLOT_ERR_CLOSED);
    if (now >= deadline)
        return mailslot_fail(MAILSLOT_ERR_FULL, "the network card takes no more packets");
    (void)msi_udp_writable(&endpoint->socket,
                           deadline - now < SLICE_NS ? deadline : now + SLICE_NS);
    return MAILSLOT_OK;
}

/* A send buffer that is full is no full mailslot: it empties as fast as the card sends. */
static mailslot_err transmit(const msi_endpoint *endpoint, const msi_interface *from, uint32_t ip,
                             const outgoing *packet, uint64_t deadline) {
    const msi_udp_address to = {ip, endpoint->host.datagram_port};
    mailslot_err err = msi_udp_send(&endpoint->socket, from, to, packet->bytes, packet->len);
    if (err != MAILSLOT_ERR_FULL)
        return err;
    uint64_t least = msi_now() + CARD_NS;
    while (err == MAILSLOT_ERR_FULL) {
        err = wait_for_card(endpoint, deadline > least ? deadline : least);
        if (err)
            return err;
        err = msi_udp_send(&endpoint->socket, from, to, packet->bytes, packet->len);
    }
    return err;
}

/* A mailslotd that does not answer will hear what is broadcast, and knows its readers. */
static void give_to_own_readers(msi_endpoint *endpoint, const outgoing *packet, bool broadcast,
                                const void *data, size_t len) {
    if (!endpoint->to_own_group)
        return;
    msi_broadcast_result result = msi_broadcast(&endpoint->spreader, packet->bytes, packet->len);
    if (result != MSI_BROADCAST_TOLD)
        msi_here_put(&endpoint->name, data, len, broadcast && result == MSI_BROADCAST_UNSURE);
}

/* Sent if any interface took it. */
static mailslot_err broadcast(const msi_endpoint *endpoint, const known_route *route,
                              outgoing *packet, uint64_t deadline) {
    mailslot_err result = MAILSLOT_OK;
    bool sent = false;
    for (size_t i = 0; i < route->interface_count; i++) {
        const msi_interface *interface = &route->interfaces[i];
        encode(packet, interface->ip);
        mailslot_err err = transmit(endpoint, interface, interface->broadcast, packet, deadline);
        sent = sent || !err;
        result = err ? err : result;
    }
    return sent ? MAILSLOT_OK : result;
}

static mailslot_err put_to_many(msi_endpoint *endpoint, const known_route *route, outgoing *packet,
                                const void *data, size_t len, uint64_t deadline) {
    encode(packet, route->interface_count ? route->interfaces[0].ip : 0);
    give_to_own_readers(endpoint, packet, route->interface_count, data, len);
    if (!route->interface_count)
        return msi_no_interface(&endpoint->host);
    return broadcast(endpoint, route, packet, deadline);
}

static mailslot_err put(msi_endpoint *endpoint, const void *data, size_t len, uint64_t deadline) {
    known_route route;
    outgoing packet;
    mailslot_err err = find_route(endpoint, &route);
    if (!err)
        err = prepare(&packet, endpoint, route.owner.group, data, len);
    if (err)
        return err;
    if (route.owner.group)
        return put_to_many(endpoint, &route, &packet, data, len, deadline);
    encode(&packet, route.source);
    return transmit(endpoint, NULL, route.owner.ip, &packet, deadline);
}

const msi_transport msi_netbios_transport = {
    .serves = serves,
    .open_writer = open_writer,
    .close = close_endpoint,
    .release = release,
    .abandon = abandon,
    .interrupt = interrupt,
    .put = put,
};
