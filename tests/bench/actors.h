/* The processes of a cell: what each does once it runs. Internal to cell_run(). */
#ifndef BENCH_ACTORS_H
#define BENCH_ACTORS_H

#include "cell.h"
#include "clock.h"
#include "message.h"
#include "stats.h"

#include <stdatomic.h>

#define ACTORS_MAX (MESSAGE_WRITERS + 1)

/* All actors, and at START the parent too, meet before each goes on. */
enum phase { PHASE_READERS_OPEN, PHASE_START, PHASE_BURST, PHASE_READ, PHASE_COUNT };

/* What an actor leaves behind. */
struct result {
    bool done;
    uint64_t sent, refused;
    uint64_t put_ns, get_ns; /* CELL_RATE: get_ns of all messages; CELL_BURST: both */
    struct tally tally;
    struct histogram latencies;
    char reason[160];
};

/* Shared by all processes of a cell. */
struct arena {
    _Alignas(128) atomic_bool stop;
    _Alignas(128) atomic_uint arrived[PHASE_COUNT];
    _Alignas(128) struct result results[ACTORS_MAX];
};

struct actor {
    const struct peer *peer;
    const struct cell *cell;
    const struct run_settings *settings;
    struct arena *arena;
    void **channels; /* [0] to the reader; [1] back, in CELL_PING_PONG */
    unsigned index;  /* 0: the reader */
    bool alone;      /* no other actor is on this CPU */
    struct result *result;
    void *in, *out; /* the ends it has open */
};

unsigned actor_count(const struct cell *cell);

/* Waits until count processes have come to this phase. */
void arena_meet(struct arena *arena, enum phase phase, unsigned count);

/* Runs the actor to its end; result->done says whether it got there. */
void actor_run(struct actor *actor);

#endif
