/* Counts each user's bytes in a FIFO of which only the total is known.
 *
 * queued - outstanding is the number of the first byte that is still there. A user's bytes are kept
 * in two groups with the number of the last byte of each: once that byte has been read, all of the
 * group have. A steady writer whose queue never empties is thus freed group by group. */
#include "quota.h"

static uint64_t quota_used(const struct quota_user *user) { return user->older + user->newer; }

/* Bytes leave in order, so a group is gone once its last byte is. An empty older group is replaced
 * by the newer one, which then starts again. */
static void quota_settle_user(struct quota_user *user, uint64_t gone) {
    if (user->older_end <= gone)
        user->older = 0;
    if (user->newer_end <= gone)
        user->older = user->newer = 0;
    if (!user->older) {
        user->older = user->newer;
        user->older_end = user->newer_end;
        user->newer = 0;
    }
}

static void quota_settle(struct quota *quota, uint64_t outstanding) {
    /* Bytes that came from elsewhere, such as the network, count for no user but keep the positions
     * right. */
    if (outstanding > quota->outstanding)
        quota->queued += outstanding - quota->outstanding;
    quota->outstanding = outstanding;
    for (size_t i = 0; i < QUOTA_USERS; i++)
        quota_settle_user(&quota->users[i], quota->queued - outstanding);
}

/* The user's share, or a free one; NULL if there is none. */
static struct quota_user *quota_find(struct quota *quota, uint32_t uid) {
    struct quota_user *unused = NULL;
    for (size_t i = 0; i < QUOTA_USERS; i++) {
        struct quota_user *user = &quota->users[i];
        if (quota_used(user) && user->uid == uid)
            return user;
        if (!quota_used(user))
            unused = user;
    }
    return unused;
}

bool quota_allow(struct quota *quota, uint32_t uid, uint64_t outstanding, uint64_t len,
                 uint64_t limit) {
    quota_settle(quota, outstanding);
    const struct quota_user *user = quota_find(quota, uid);
    /* A user without queued bytes may always send one message, whatever its size; otherwise a large
     * one could never be sent. */
    return user && (!quota_used(user) || quota_used(user) + len <= limit);
}

void quota_charge(struct quota *quota, uint32_t uid, uint64_t outstanding, uint64_t len) {
    /* The kernel counts more than the message; if the reader took some meanwhile, at least len. */
    uint64_t grown = outstanding > quota->outstanding ? outstanding - quota->outstanding : 0;
    uint64_t size = grown > len ? grown : len;
    quota->queued += size;
    quota->outstanding = outstanding;
    struct quota_user *user = quota_find(quota, uid);
    if (!user)
        return;
    user->uid = uid;
    user->newer += size;
    user->newer_end = quota->queued;
}
