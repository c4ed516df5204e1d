/*
 * How much of a reader's queue each other user of this computer takes up, so that none can take it
 * all. The queue is the buffer of the reader's socket; all that can be asked of it is how many
 * bytes it holds. Pure.
 *
 * Bytes are numbered as they are queued. As many of the first are gone as were queued more than are
 * there now; whatever others queued without saying so is noticed late, which errs towards "still
 * there". An empty queue puts everything right.
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
        /* Two heaps: once all bytes up to an end are gone, so are those counted before it. */
        uint64_t older, older_end, newer, newer_end;
    } users[QUOTA_USERS];
};

/** Whether a user may queue len more bytes, when outstanding are there and each user may have
 * limit: one message always, unless too many users are there already. */
bool quota_allow(struct quota *quota, uint32_t uid, uint64_t outstanding, uint64_t len,
                 uint64_t limit);

/** A user's message of len bytes was queued, which makes it outstanding now. */
void quota_charge(struct quota *quota, uint32_t uid, uint64_t outstanding, uint64_t len);

#endif
