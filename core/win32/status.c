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

mailslot_err mailslot_daemon_status_get(mailslot_daemon_status *status) {
    if (!status)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "status is NULL");
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "there is no mailslotd on Windows");
}
