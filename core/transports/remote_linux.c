/*
 * The transport to other computers: netbios/ sends, and this computer's own readers get what is
 * sent to their group: through mailslotd where it runs, which then recognises the datagram when it
 * hears the broadcast; else directly from here.
 *
 * Own readers get a message before it is broadcast, and have it even if no interface can broadcast,
 * which fails with NO_HOST.
 */
#include "error.h"
#include "local/local.h"
#include "netbios/sender.h"
#include "own_readers.h"
#include "relay/broadcast.h"
#include "remote.h"

#include <stdlib.h>

struct msi_endpoint {
    msi_name name;
    msi_sender *sender;
    msi_broadcaster broadcaster; /* of a group's messages, to mailslotd */
};

static bool remote_serves(const msi_name *name) { return name->scope != MSI_SCOPE_LOCAL; }

/* ---- Opening and closing ---- */

static mailslot_err remote_open_sender(msi_endpoint *endpoint, const mailslot_host *host) {
    msi_config config;
    mailslot_err err = msi_config_read(&config, host);
    return err ? err : msi_sender_new(&endpoint->sender, &endpoint->name, &config);
}

static mailslot_err remote_open_writer(msi_endpoint **endpoint, const msi_name *name,
                                       const mailslot_options *options, size_t *limit) {
    mailslot_err err = msi_sender_limit(name, limit);
    if (err)
        return err;
    *endpoint = calloc(1, sizeof **endpoint);
    if (!*endpoint)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a mailslot");
    (*endpoint)->name = *name;
    (*endpoint)->broadcaster = MSI_BROADCASTER_NONE;
    err = remote_open_sender(*endpoint, options->host);
    if (err)
        free(*endpoint);
    return err;
}

static void remote_release(msi_endpoint *endpoint) {
    msi_sender_release(endpoint->sender);
    msi_broadcaster_release(&endpoint->broadcaster);
}

static void remote_abandon(msi_endpoint *endpoint) {
    msi_sender_abandon(endpoint->sender);
    free(endpoint);
}

static void remote_close(msi_endpoint *endpoint) {
    remote_release(endpoint);
    remote_abandon(endpoint);
}

static void remote_interrupt(msi_endpoint *endpoint) {
    msi_sender_interrupt(endpoint->sender);
    msi_broadcaster_interrupt(&endpoint->broadcaster);
}

/* ---- Messages ---- */

/* If mailslotd did not answer in time it still hears the broadcast, and delivers it to the readers
 * that are registered with it: only those that are not get it from here then. */
static void remote_put_to_own_readers(msi_endpoint *endpoint, const msi_packet *packet,
                                      const void *data, size_t len) {
    msi_broadcast_result result = msi_broadcast(&endpoint->broadcaster, packet->bytes, packet->len);
    if (result == MSI_BROADCAST_TOLD)
        return;
    bool mailslotd_hears =
        msi_interfaces_broadcast(packet->route.interfaces, packet->route.interface_count) &&
        result == MSI_BROADCAST_UNSURE;
    msi_own_readers_put(&msi_local_transport, mailslotd_hears ? msi_local_registered : NULL,
                        &endpoint->name, data, len);
}

static mailslot_err remote_put(msi_endpoint *endpoint, const void *data, size_t len,
                               int timeout_ms) {
    msi_packet packet;
    mailslot_err err = msi_sender_prepare(endpoint->sender, data, len, &packet);
    if (err)
        return err;
    if (packet.to_own_group)
        remote_put_to_own_readers(endpoint, &packet, data, len);
    return msi_sender_transmit(endpoint->sender, &packet, timeout_ms);
}

const msi_transport msi_remote_transport = {
    .serves = remote_serves,
    .open_writer = remote_open_writer,
    .close = remote_close,
    .release = remote_release,
    .abandon = remote_abandon,
    .interrupt = remote_interrupt,
    .put = remote_put,
};
