/* Writers that live short lives: the killer's half of random.c. */
#ifndef CRASH_LIVES_H
#define CRASH_LIVES_H

#include "child.h"

#include <stdatomic.h>

#define LIVES_SLOT "lives"

/** How long nobody can be blocked by whatever scheduling of a busy machine; how much longer than
 *  told the killer goes on until enough writers died holding the lock. */
enum { LIVES_MAX = 1 << 20, BLOCKED_MS = 10000, LONGER_S = 45 };

/** What all processes share. */
struct lives {
    _Atomic uint32_t acknowledged[LIVES_MAX]; /* how many of a life's puts returned */
    int64_t take_over_ns[LIVES_MAX]; /* of each death with the lock: until somebody had it again */
    _Atomic int count, deaths, held;
    atomic_bool over;
};

/** What the killer is to do. */
struct killing {
    struct lives *lives;
    int seconds, kills; /* how long at least, or if not 0, how often */
    int least_held;
    uint64_t seed;
};

/** The killer's process: waits to be told that the slot is there; ctx is a struct killing. */
void killer_run(struct peer *parent, void *ctx);

#endif
