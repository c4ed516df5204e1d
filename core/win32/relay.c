/* There is no mailslotd on Windows: what the other platform asks of it. */
#include "relay/broadcast.h"

#include <mailslot/codec.h>
#include <mailslot/network.h>

msi_broadcast_result msi_broadcast(msi_broadcaster *spreader, const unsigned char *datagram,
                                   size_t len) {
    (void)spreader, (void)datagram, (void)len;
    return MSI_BROADCAST_NOT_HERE;
}

void msi_broadcaster_interrupt(msi_broadcaster *spreader) { (void)spreader; }

void msi_broadcaster_release(msi_broadcaster *spreader) { (void)spreader; }

mailslot_err mailslot_host_status(mailslot_err (*each)(void *ctx, const char *line), void *ctx) {
    (void)ctx;
    if (!each)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "each is NULL");
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "there is no mailslotd on Windows");
}
