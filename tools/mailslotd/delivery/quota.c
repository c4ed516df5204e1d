#include "quota.h"

static uint64_t used(const struct share *share) { return share->older + share->newer; }

static void settle(struct share *share, uint64_t gone) {
    if (share->older_end <= gone)
        share->older = 0;
    if (share->newer_end <= gone)
        share->older = share->newer = 0;
    if (!share->older) {
        share->older = share->newer;
        share->older_end = share->newer_end;
        share->newer = 0;
    }
}

static void settle_all(struct shares *shares, uint64_t outstanding) {
    if (outstanding > shares->outstanding)
        shares->queued += outstanding - shares->outstanding;
    shares->outstanding = outstanding;
    for (size_t i = 0; i < SHARES_USERS; i++)
        settle(&shares->users[i], shares->queued - outstanding);
}

/* The user's share, or a free one; NULL if there is none. */
static struct share *find(struct shares *shares, uint32_t uid) {
    struct share *unused = NULL;
    for (size_t i = 0; i < SHARES_USERS; i++) {
        struct share *share = &shares->users[i];
        if (used(share) && share->uid == uid)
            return share;
        if (!used(share))
            unused = share;
    }
    return unused;
}

bool shares_allow(struct shares *shares, uint32_t uid, uint64_t outstanding, uint64_t len,
                  uint64_t limit) {
    settle_all(shares, outstanding);
    const struct share *share = find(shares, uid);
    return share && (!used(share) || used(share) + len <= limit);
}

void shares_took(struct shares *shares, uint32_t uid, uint64_t outstanding, uint64_t len) {
    uint64_t grown = outstanding > shares->outstanding ? outstanding - shares->outstanding : 0;
    uint64_t size = grown > len ? grown : len;
    shares->queued += size;
    shares->outstanding = outstanding;
    struct share *share = find(shares, uid);
    if (!share)
        return;
    share->uid = uid;
    share->newer += size;
    share->newer_end = shares->queued;
}
