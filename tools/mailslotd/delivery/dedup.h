/*
 * Which datagrams have come before: a broadcast is heard on every interface, and by nmbd twice, but
 * is one message. Remembered for two seconds, in a table of fixed size that forgets the oldest
 * first. Pure.
 *
 * What makes two datagrams the same is DGM_ID, names and user data; not where they came from, so
 * that a sender with two addresses on our networks is heard once.
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

/** Makes it empty. A seed that nobody else knows keeps strangers from making others' datagrams look
 *  like known ones. */
void dedup_init(struct dedup *dedup, uint64_t seed);

/** Remembers a datagram heard at now_ns of the monotonic clock; whether it had been before. */
bool dedup_note(struct dedup *dedup, const msi_datagram *datagram, uint64_t now_ns);

#endif
