/* Finds the readers that a datagram is for. */
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
    msi_nbname names[DISPATCH_NAMES]; /* whose datagrams are accepted */
    size_t name_count;
    struct dedup dedup;
    msi_relay_message message; /* DELIVER, of which only the envelope changes */
    uint32_t last_ip;          /* the address that message.envelope has as text */
};

void dispatch_init(struct dispatch *dispatch, struct counters *counters,
                   const struct readers *readers, struct deliver *deliver);

/** Sets the names whose datagrams are accepted. */
void dispatch_set_host(struct dispatch *dispatch, const msi_config *host);

/** Adds a datagram from the network to the batch of deliver: its bytes must stay until that is
 *  flushed. A datagram that was cut off must have a len above MSI_DATAGRAM_MAX. own: this computer
 *  sent it. */
void dispatch_network(struct dispatch *dispatch, const unsigned char *bytes, size_t len,
                      uint32_t from, bool own, const struct arrival *arrival);

/** Delivers a datagram that a writer of this computer is about to broadcast; when it is received
 *  from the network, it is a duplicate. *own: a reader of the writer's user was among the
 *  destinations, full or not. */
msi_wire_err dispatch_broadcast(struct dispatch *dispatch, const unsigned char *bytes, size_t len,
                                const struct peer *writer, const struct arrival *arrival,
                                bool *own);

/** The envelope of a message of a user of this computer. */
msi_message dispatch_envelope(const struct peer *writer, size_t len, uint64_t wall);

#endif
