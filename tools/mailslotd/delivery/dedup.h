/*
 * Which datagrams have come before: a broadcast is heard on every interface, and by nmbd twice, but
 * is one message. Remembered for two seconds, in a table of fixed size that forgets the oldest
 * first. Pure.
 *
 * What makes two datagrams the same is DGM_ID, names and user data; not where they came from, so
 * that a sender with two addresses on our networks is heard once.
 */
#ifndef MAILSLOTD_DUPLICATES_H
#define MAILSLOTD_DUPLICATES_H

#include "netbios/datagram.h"

enum { DUPLICATES_SETS = 512, DUPLICATES_WAYS = 8, DUPLICATES_MS = 2000 };

struct duplicates {
    uint64_t seed;
    struct duplicate {
        uint64_t hash;                        /* 0: free */
        uint64_t when_ms;                     /* first heard */
    } sets[DUPLICATES_SETS][DUPLICATES_WAYS]; /* in each, the newest first */
};

/** Makes it empty. A seed that nobody else knows keeps strangers from making others' datagrams look
 *  like known ones. */
void duplicates_init(struct duplicates *duplicates, uint64_t seed);

/** Remembers a datagram heard at now_ns of the monotonic clock; whether it had been before. */
bool duplicates_note(struct duplicates *duplicates, const msi_datagram *datagram, uint64_t now_ns);

#endif
