/* From a datagram to the readers it is for. */
#ifndef MAILSLOTD_DISPATCH_H
#define MAILSLOTD_DISPATCH_H

#include "base/clock.h"
#include "dedup.h"
#include "deliver.h"
#include "netbios/config.h"
#include "netbios/smb_mailslot.h"

enum { DISPATCH_NAMES = 6 };

struct dispatch {
    struct counters *counters;
    const struct readers *readers;
    struct deliver *deliver;
    msi_nbname names[DISPATCH_NAMES]; /* that datagrams are taken for */
    size_t name_count;
    struct dedup dedup;
    msi_relay_message message; /* DELIVER, of which only the envelope changes */
    uint32_t last_ip;          /* whose text message.envelope has */
};

void dispatch_init(struct dispatch *dispatch, struct counters *counters,
                   const struct readers *readers, struct deliver *deliver);

/** From now on, takes datagrams for this computer's names. */
void dispatch_set_host(struct dispatch *dispatch, const msi_config *host);

/** Takes in a datagram from the network, into the batch of deliver: the bytes must stay until that
 *  is flushed. len may be more than MSI_DATAGRAM_MAX; what is cut off must make it so. own: it is
 *  one of this computer's, and arrival says when the system had it. */
void dispatch_network(struct dispatch *dispatch, const unsigned char *bytes, size_t len,
                      uint32_t from, bool own, const struct arrival *arrival);

/** Takes in a datagram that a writer of this computer is about to broadcast, and hands it over at
 *  once; what is heard of it later is a duplicate. *own says whether the writer's own user has a
 *  reader among those it was for, though it may have been full. */
msi_wire_err dispatch_broadcast(struct dispatch *dispatch, const unsigned char *bytes, size_t len,
                                const struct peer *writer, const struct arrival *arrival,
                                bool *own);

/** The envelope of a message of a user of this computer. */
msi_message dispatch_envelope(const struct peer *writer, size_t len, uint64_t wall);

#endif
