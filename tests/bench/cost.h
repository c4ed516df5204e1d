/*
 * What single calls cost, where the question is not how mailslots compare with something else but
 * what this or that way of using them adds: a codec, other writers, other slots.
 *
 * Two processes, pinned as in the cells: the writer puts a batch of messages into one slot, then
 * the reader gets them, then it is the next slot's turn. So puts and gets are timed apart, the
 * messages travel from one CPU's cache to the other's, and ways that are to be compared take turns
 * every millisecond.
 */
#ifndef BENCH_COST_H
#define BENCH_COST_H

#include "cell.h"

#include <mailslot/mailslot.h>

#define COST_BATCH 500 /* messages */

/* Values of a way. Those it does not have are negative. */
enum cost_value {
    COST_PUT_NS,
    COST_GET_NS,
    COST_ALLOCATIONS, /* per message, both sides together */
    COST_OPEN_WRITER_US,
    COST_OPEN_READER_US,
    COST_VALUES,
};

const char *cost_value_name(enum cost_value value);

/* One side of a way: a slot's handle, and what the way keeps from message to message. */
struct cost_end {
    mailslot *slot;
    void *memory; /* the way's own */
};

/* One way to put and get messages that all say the same but for their sequence number. Functions
 * return what the library does. */
struct cost_way {
    const char *id;
    const char *title;
    const char *group; /* ways of one group take turns */
    unsigned writers;  /* connected to the slot, of which one puts */
    unsigned slots;    /* on the host; 0: as many as it takes */

    const mailslot_codec *(*codec)(void); /* NULL: the default */
    void *(*remember)(void);              /* makes cost_end.memory; NULL: none */
    void (*forget)(void *memory);
    mailslot_err (*put)(struct cost_end *end, uint64_t sequence);
    mailslot_err (*get)(struct cost_end *end, uint64_t *sequence);
    bool (*intact)(const struct cost_end *end); /* all of the message that get() got last */
};

#define COST_WAYS 11

extern const struct cost_way *const cost_ways[COST_WAYS];

/* Its place in cost_ways, or COST_WAYS. */
unsigned cost_find(const char *id);

/* One way in one round. */
struct cost_outcome {
    enum outcome_status status;
    double values[COST_VALUES];
    uint64_t messages, wrong;
    char reason[160];
};

/* Runs all ways of a group, from `first` on, count of them, for settings->seconds each. Returns
 * false if SIGINT or SIGTERM came. */
bool cost_run(const struct cost_way *const *ways, unsigned count,
              const struct run_settings *settings, struct cost_outcome *outcomes);

#endif
