/* The status of mailslotd, from all of its parts. */
#ifndef MAILSLOTD_STATUS_H
#define MAILSLOTD_STATUS_H

#include <mailslot/network.h>

/** Fills in all of *status; ctx is a struct daemon. */
void status_fill(void *ctx, mailslot_daemon_status *status);

#endif
