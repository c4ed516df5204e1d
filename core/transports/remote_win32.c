/*
 * The transport to other computers. Windows sends where it still does; where it answers that remote
 * mailslots are switched off (error 3025), or if the host's settings say so, netbios/ sends, as on
 * Linux, and this computer's own readers then get a group's messages from here.
 */
#include "netbios/sender.h"
#include "own_readers.h"
#include "platform.h"
#include "remote.h"
#include "win32/native.h"
#include "win32/writer.h"

#include <stdlib.h>

struct msi_endpoint {
    msi_name name;
    msi_config config;
    size_t limit;
    bool by_system; /* writer is open */
    msi_win32_writer writer;
    _Atomic(msi_sender *) sender; /* once netbios/ sends; set under msi_fork_lock() */
    atomic_bool interrupted;
};

static bool remote_serves(const msi_name *name) { return name->scope != MSI_SCOPE_LOCAL; }

/* Whether netbios/ is to take over from Windows, which failed with that number. */
static bool remote_is_switched_off(const msi_endpoint *endpoint, DWORD code) {
    return code == ERROR_REMOTE_MAILSLOTS_DEPRECATED &&
           endpoint->config.sender == MAILSLOT_SENDER_AUTO;
}

/* ---- Opening and closing ---- */

/* With msi_fork_lock() held. */
static mailslot_err remote_open_sender(msi_endpoint *endpoint) {
    msi_sender *sender;
    mailslot_err err = msi_sender_new(&sender, &endpoint->name, &endpoint->config);
    if (!err)
        atomic_store(&endpoint->sender, sender);
    return err;
}

static mailslot_err remote_open_either(msi_endpoint *endpoint) {
    wchar_t wide[MSI_UTF16_NAME];
    mailslot_err err = msi_utf16_name(wide, &endpoint->name);
    if (err)
        return err;
    if (endpoint->config.sender == MAILSLOT_SENDER_LIBRARY)
        return remote_open_sender(endpoint);
    DWORD code = msi_win32_writer_open(&endpoint->writer, wide, true);
    endpoint->by_system = code == ERROR_SUCCESS;
    if (remote_is_switched_off(endpoint, code))
        return remote_open_sender(endpoint);
    return code ? msi_fail_windows(MSI_ATTACHING, code) : MAILSLOT_OK;
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
    (*endpoint)->limit = *limit;
    err = msi_config_read(&(*endpoint)->config, options->host);
    if (!err)
        err = remote_open_either(*endpoint);
    if (err)
        free(*endpoint);
    return err;
}

static void remote_close(msi_endpoint *endpoint) {
    if (endpoint->by_system)
        msi_win32_writer_close(&endpoint->writer);
    msi_sender *sender = atomic_load(&endpoint->sender);
    if (sender)
        msi_sender_free(sender);
    free(endpoint);
}

static void remote_interrupt(msi_endpoint *endpoint) {
    atomic_store(&endpoint->interrupted, true);
    if (endpoint->by_system)
        msi_win32_writer_interrupt(&endpoint->writer);
    msi_sender *sender = atomic_load(&endpoint->sender);
    if (sender)
        msi_sender_interrupt(sender);
}

/* ---- Messages ---- */

/* By the first thread that Windows refuses. If the endpoint was interrupted before there was a
 * sender to interrupt, interrupt it now. */
static mailslot_err remote_take_over(msi_endpoint *endpoint) {
    msi_fork_lock();
    mailslot_err err = atomic_load(&endpoint->sender) ? MAILSLOT_OK : remote_open_sender(endpoint);
    msi_fork_unlock();
    if (!err && atomic_load(&endpoint->interrupted))
        msi_sender_interrupt(atomic_load(&endpoint->sender));
    return err;
}

static mailslot_err remote_send(msi_endpoint *endpoint, const void *data, size_t len,
                                int timeout_ms) {
    msi_sender *sender = atomic_load(&endpoint->sender);
    msi_packet packet;
    mailslot_err err = msi_sender_prepare(sender, data, len, &packet);
    if (err)
        return err;
    if (packet.to_own_group)
        msi_own_readers_put(&msi_native_transport, NULL, &endpoint->name, data, len);
    return msi_sender_transmit(sender, &packet, timeout_ms);
}

static mailslot_err remote_put(msi_endpoint *endpoint, const void *data, size_t len,
                               int timeout_ms) {
    if (atomic_load(&endpoint->sender))
        return remote_send(endpoint, data, len, timeout_ms);
    DWORD code = msi_win32_writer_put(&endpoint->writer, data, len, timeout_ms);
    if (!remote_is_switched_off(endpoint, code))
        return code ? msi_win32_writer_fail(&endpoint->writer, code, len, endpoint->limit)
                    : MAILSLOT_OK;
    mailslot_err err = remote_take_over(endpoint);
    return err ? err : remote_send(endpoint, data, len, timeout_ms);
}

const msi_transport msi_remote_transport = {
    .serves = remote_serves,
    .open_writer = remote_open_writer,
    .close = remote_close,
    .interrupt = remote_interrupt,
    .put = remote_put,
};
