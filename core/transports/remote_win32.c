/*
 * The transport to other computers, which can only be written to. Windows sends where it still
 * does; where it says that remote mailslots are switched off, or if the host's settings want it so,
 * the sender is netbios/, as on Linux.
 */
#include "netbios/sender.h"
#include "platform.h"
#include "win32/writer.h"

#include <stdlib.h>

struct msi_endpoint {
    msi_name name;
    msi_config host;
    size_t limit;
    bool by_system; /* there is an outbox */
    msi_win32_writer outbox;
    _Atomic(msi_endpoint *) sender; /* netbios/'s, once it is that; set under msi_fork_lock() */
    atomic_bool interrupted;
};

static bool serves(const msi_name *name) { return name->scope != MSI_SCOPE_LOCAL; }

/* Whether netbios/ is to take over from a system that failed with that number. */
static bool is_ours_now(const msi_endpoint *endpoint, DWORD code) {
    return code == ERROR_REMOTE_MAILSLOTS_DEPRECATED &&
           endpoint->host.sender == MAILSLOT_SENDER_AUTO;
}

/* ---- Opening and closing ---- */

/* With msi_fork_lock() held. */
static mailslot_err open_sender(msi_endpoint *endpoint) {
    msi_endpoint *sender;
    size_t limit;
    mailslot_err err =
        msi_netbios_transport.open_writer(&sender, &endpoint->name, &endpoint->host, &limit);
    if (!err)
        atomic_store(&endpoint->sender, sender);
    return err;
}

static mailslot_err open_either(msi_endpoint *endpoint) {
    wchar_t wide[MSI_UTF16_NAME];
    mailslot_err err = msi_utf16_name(wide, &endpoint->name);
    if (err)
        return err;
    if (endpoint->host.sender == MAILSLOT_SENDER_LIBRARY)
        return open_sender(endpoint);
    DWORD code = msi_win32_writer_open(&endpoint->outbox, wide, true);
    endpoint->by_system = code == ERROR_SUCCESS;
    if (is_ours_now(endpoint, code))
        return open_sender(endpoint);
    return code ? msi_fail_windows(MSI_ATTACHING, code) : MAILSLOT_OK;
}

static mailslot_err open_writer(msi_endpoint **endpoint, const msi_name *name,
                                const msi_config *host, size_t *limit) {
    mailslot_err err = msi_netbios_limit(name, limit);
    if (err)
        return err;
    *endpoint = calloc(1, sizeof **endpoint);
    if (!*endpoint)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a mailslot");
    (*endpoint)->name = *name;
    (*endpoint)->host = *host;
    (*endpoint)->limit = *limit;
    err = open_either(*endpoint);
    if (err)
        free(*endpoint);
    return err;
}

static void close_endpoint(msi_endpoint *endpoint) {
    if (endpoint->by_system)
        msi_win32_writer_close(&endpoint->outbox);
    msi_endpoint *sender = atomic_load(&endpoint->sender);
    if (sender)
        msi_netbios_transport.close(sender);
    free(endpoint);
}

static void interrupt(msi_endpoint *endpoint) {
    atomic_store(&endpoint->interrupted, true);
    if (endpoint->by_system)
        msi_win32_writer_interrupt(&endpoint->outbox);
    msi_endpoint *sender = atomic_load(&endpoint->sender);
    if (sender)
        msi_netbios_transport.interrupt(sender);
}

/* ---- Messages ---- */

/* By whichever thread is refused first. One that is interrupted meanwhile, before there was
 * anything of netbios/ to interrupt, passes that on. */
static mailslot_err take_over(msi_endpoint *endpoint) {
    msi_fork_lock();
    mailslot_err err = atomic_load(&endpoint->sender) ? MAILSLOT_OK : open_sender(endpoint);
    msi_fork_unlock();
    if (!err && atomic_load(&endpoint->interrupted))
        msi_netbios_transport.interrupt(atomic_load(&endpoint->sender));
    return err;
}

static mailslot_err put(msi_endpoint *endpoint, const void *data, size_t len, uint64_t deadline) {
    msi_endpoint *sender = atomic_load(&endpoint->sender);
    if (sender)
        return msi_netbios_transport.put(sender, data, len, deadline);
    DWORD code = msi_win32_writer_put(&endpoint->outbox, data, len, deadline);
    if (!is_ours_now(endpoint, code))
        return code ? msi_win32_writer_fail(&endpoint->outbox, code, len, endpoint->limit)
                    : MAILSLOT_OK;
    mailslot_err err = take_over(endpoint);
    if (err)
        return err;
    return msi_netbios_transport.put(atomic_load(&endpoint->sender), data, len, deadline);
}

extern const msi_transport msi_remote_transport;
const msi_transport msi_remote_transport = {
    .serves = serves,
    .open_writer = open_writer,
    .close = close_endpoint,
    .interrupt = interrupt,
    .put = put,
};
