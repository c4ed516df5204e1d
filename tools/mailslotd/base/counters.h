/* What mailslotd counts. The counters and their meaning are public: see
 * <mailslot/network.h>. */
#ifndef MAILSLOTD_COUNTERS_H
#define MAILSLOTD_COUNTERS_H

#include "netbios/wire.h"

#include <mailslot/network.h>

struct counters {
    MAILSLOT_DAEMON_COUNTERS(MAILSLOT_DAEMON_MEMBER)
    MAILSLOT_DAEMON_GAUGES(MAILSLOT_DAEMON_MEMBER)
    uint64_t malformed[MSI_WIRE_KINDS]; /* that of MSI_WIRE_SOUND stays 0 */
};

/** Copies the counters, the gauges and the kinds of malformed datagrams. */
void counters_report(const struct counters *counters, mailslot_daemon_status *status);

#endif
