/* Messages sent again as far from each other as they came. */
#ifndef CLI_PACE_H
#define CLI_PACE_H

#include "progress.h"

#include <stdbool.h>
#include <stdint.h>

/** Start from {.speed = ...}. */
struct pace {
    double speed; /* how many times faster than they came; 0: without waiting */
    bool begun;
    uint64_t first_ns; /* arrival of the first message */
    uint64_t begun_ns; /* when it was sent, by the monotonic clock */
};

/** Waits until a message that arrived then is due: never before its time after the first one. False
 *  if a signal ended that. */
bool pace_wait(struct pace *pace, uint64_t arrival_ns, struct progress *progress, uint64_t bytes,
               uint64_t messages);

#endif
