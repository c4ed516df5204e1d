/* What mailslotd counts, and how it shows it. */
#ifndef MAILSLOTD_COUNTERS_H
#define MAILSLOTD_COUNTERS_H

#include "netbios/wire.h"
#include "text.h"

#include <stdint.h>

/*
 * Every datagram received ends as one of: malformed, not for us, a duplicate, without a reader, or
 * taken; one that is taken ends, for each of its readers, as delivered, full or too big.
 */
#define COUNTERS_LIST(X)                                                                           \
    X(received, "Datagrams that came by the datagram port or from nmbd.")                          \
    X(not_for_us, "Datagrams for other names, or from interfaces that were not chosen.")           \
    X(duplicates, "Datagrams that had come before by another way.")                                \
    X(no_reader, "Datagrams for a mailslot that nobody reads here.")                               \
    X(delivered, "Messages from the network handed to a reader.")                                  \
    X(full, "Messages from the network dropped since their reader did not keep up.")               \
    X(too_big, "Messages from the network over their reader's limit.")                             \
    X(kernel_drops, "Packets that the kernel dropped since mailslotd did not keep up.")            \
    X(spread, "Broadcasts of this computer's own writers.")                                        \
    X(crossings_delivered, "Messages handed from one user to another.")                            \
    X(crossings_denied, "Users that were not let into another user's mailslot.")                   \
    X(crossings_full, "Messages refused since the other user's reader did not keep up.")           \
    X(name_packets, "Packets that came by the name service port.")                                 \
    X(name_malformed, "Packets of the name service that were malformed.")                          \
    X(clients_hostile, "Clients sent away for breaking the protocol.")                             \
    X(clients_refused, "Clients sent away because there were too many.")                           \
    X(nmbd_connections, "Times that nmbd accepted the subscription.")

/** These go up and down. */
#define COUNTERS_GAUGES(X)                                                                         \
    X(readers, "Mailslots that are registered.")                                                   \
    X(clients, "Connections of programs on this computer.")                                        \
    X(names_held, "NetBIOS names that this computer holds.")

struct counters {
#define COUNTERS_MEMBER(name, text) uint64_t name;
    COUNTERS_LIST(COUNTERS_MEMBER)
    COUNTERS_GAUGES(COUNTERS_MEMBER)
#undef COUNTERS_MEMBER
    uint64_t malformed[MSI_WIRE_KINDS]; /* that of MSI_WIRE_SOUND stays 0 */
};

/** Adds a line "name value" for each; malformed ones as malformed_KIND. */
void counters_lines(const struct counters *counters, struct text *text);

/** Adds them in Prometheus' text format, version 0.0.4. */
void counters_prometheus(const struct counters *counters, struct text *text);

#endif
