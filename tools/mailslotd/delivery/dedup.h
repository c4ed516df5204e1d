/*
 * Detects datagrams that were received before: a broadcast arrives on every interface, and from
 * nmbd twice, but is one message. A table of fixed size remembers two seconds and forgets the
 * oldest first. No I/O.
 *
 * Two datagrams are the same if DGM_ID, names and user data are equal. The source address does not
 * count, so that a sender with two addresses on our networks is delivered once.
 */
#ifndef MAILSLOTD_DEDUP_H
#define MAILSLOTD_DEDUP_H

#include "netbios/datagram.h"

enum { DEDUP_SETS = 512, DEDUP_WAYS = 8, DEDUP_MS = 2000 };

struct dedup {
    uint64_t seed;
    struct dedup_entry {
        uint64_t hash;              /* 0: free */
        uint64_t when_ms;           /* first heard */
    } sets[DEDUP_SETS][DEDUP_WAYS]; /* in each, the newest first */
};

/** Empties it. The seed must be secret, or an attacker could make datagrams of others collide. */
void dedup_init(struct dedup *dedup, uint64_t seed);

/** Remembers a datagram received at now_ns of the monotonic clock; true if it is a duplicate. */
bool dedup_note(struct dedup *dedup, const msi_datagram *datagram, uint64_t now_ns);

#endif
