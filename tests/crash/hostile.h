/* The parties of hostile_memory.c: one overwrites a live slot's memory, the others use the slot. */
#ifndef CRASH_HOSTILE_H
#define CRASH_HOSTILE_H

#include "child.h"

#include <stdatomic.h>

#define HOSTILE_SLOT "hostile"

enum { USERS = 4, READER = 0 };

/** What all processes share. */
struct arena {
    _Atomic uint64_t beats[USERS]; /* each user's calls that came back */
    _Atomic uint64_t puts, gets, errors, slots;
    atomic_bool start_anew; /* the slot is known to be damaged: the reader should replace it */
    atomic_bool over;
};

/** A user's process: the reader or a writer. */
struct user {
    struct arena *arena;
    int number; /* READER or a writer's */
};

/** Uses the slot until it is over; ctx is a struct user. */
void hostile_use(struct peer *parent, void *ctx);

/** Overwrites something in the slot that is there at the moment, if there is one. Repeatable: all
 *  it does follows from random and from what is there. */
void hostile_overwrite(uint64_t random);

#endif
