#include "own_readers.h"
#include "error.h"
#include "platform.h"
#include "transport.h"

static const msi_transport *local_transport(void) {
    const msi_name here = {.scope = MSI_SCOPE_LOCAL};
    const msi_transport *const *t = msi_transports;
    while (*t && !((*t)->serves(&here) && (*t)->open_reader))
        t++;
    return *t;
}

/* Attached for this one message: a writer that stays would have to notice each reader that comes
 * and goes, and messages for many are rare. A fork must not copy the endpoint, which no list has.
 */
void msi_here_put(const msi_name *name, const void *data, size_t len, bool heard) {
    const msi_transport *transport = local_transport();
    if (!transport)
        return;
    msi_fork_lock();
    msi_fail_silently();
    msi_endpoint *endpoint;
    size_t limit;
    if (!transport->open_writer(&endpoint, name, NULL, &limit)) {
        bool comes = heard && transport->registered && transport->registered(endpoint);
        if (len <= limit && !comes)
            (void)!transport->put(endpoint, data, len, 0);
        transport->close(endpoint);
    }
    msi_fail_aloud();
    msi_fork_unlock();
}
