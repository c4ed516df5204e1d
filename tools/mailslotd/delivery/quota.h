/*
 * How much of a reader's queue each user of this computer occupies, so that no user can fill it.
 * The queue is the send buffer of the reader's socket; the kernel tells only how many bytes it
 * holds. No I/O.
 *
 * Bytes are numbered in the order in which they are queued. The queue is a FIFO, so the bytes with
 * numbers below queued - outstanding have been read. Bytes that were queued without quota_charge()
 * (datagrams from the network) are noticed at the next call; until then too many bytes count as
 * still queued, never too few. An empty queue makes the figures exact again.
 */
#ifndef MAILSLOTD_QUOTA_H
#define MAILSLOTD_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUOTA_USERS = 8 }; /* at a time in one queue */

struct quota {
    uint64_t queued;      /* bytes, ever */
    uint64_t outstanding; /* bytes, when last asked */
    struct quota_user {
        uint32_t uid;
        /* Bytes in two groups: all of a group have been read once the byte before its end has. */
        uint64_t older, older_end, newer, newer_end;
    } users[QUOTA_USERS];
};

/** Whether a user may queue len more bytes, with outstanding bytes queued and limit bytes per user.
 *  A user without queued bytes may always queue one message, unless QUOTA_USERS users have some. */
bool quota_allow(struct quota *quota, uint32_t uid, uint64_t outstanding, uint64_t len,
                 uint64_t limit);

/** A user's message of len bytes was queued, which makes it outstanding now. */
void quota_charge(struct quota *quota, uint32_t uid, uint64_t outstanding, uint64_t len);

#endif
