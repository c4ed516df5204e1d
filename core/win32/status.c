/* The status of mailslotd, which does not exist on Windows. */
#include <mailslot/codec.h>
#include <mailslot/network.h>

mailslot_err mailslot_daemon_status_get(mailslot_daemon_status *status) {
    if (!status)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "status is NULL");
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "there is no mailslotd on Windows");
}
