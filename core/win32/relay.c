/* There is no mailslotd on Windows: what the other platform asks of it. */
#include "relay/broadcast.h"

#include <mailslot/codec.h>
#include <mailslot/network.h>

msi_spread_result msi_spread(msi_spreader *spreader, const unsigned char *datagram, size_t len) {
    (void)spreader, (void)datagram, (void)len;
    return MSI_SPREAD_NOT_HERE;
}

void msi_spreader_interrupt(msi_spreader *spreader) { (void)spreader; }

void msi_spreader_release(msi_spreader *spreader) { (void)spreader; }

mailslot_err mailslot_host_status(mailslot_err (*each)(void *ctx, const char *line), void *ctx) {
    (void)ctx;
    if (!each)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "each is NULL");
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "there is no mailslotd on Windows");
}
