/* There is no mailslotd on Windows: what the other platform asks of it. */
#include "relay/spread.h"

#include <mailslot/codec.h>
#include <mailslot/network.h>

/* Nobody but this user's own readers. */
bool msi_relay_spread(const unsigned char *datagram, size_t len) {
    (void)datagram, (void)len;
    return false;
}

mailslot_err mailslot_host_status(mailslot_err (*each)(void *ctx, const char *line), void *ctx) {
    (void)ctx;
    if (!each)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "each is NULL");
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "there is no mailslotd on Windows");
}
