/* Paces replay: messages are sent at the intervals at which they arrived. */
#ifndef CLI_REPLAY_CLOCK_H
#define CLI_REPLAY_CLOCK_H

#include "progress.h"

#include <stdbool.h>
#include <stdint.h>

/** Start from {.speed = ...}. */
struct replay_clock {
    double speed; /* how many times faster than they came; 0: without waiting */
    bool begun;
    uint64_t first_ns; /* arrival of the first message */
    uint64_t begun_ns; /* when it was sent, by the monotonic clock */
    uint64_t last_ns;  /* the latest arrival */
    uint64_t count;    /* of messages */
};

/** Waits until a message that arrived then is due: never before its time after the first one. False
 *  if a signal ended that. */
bool replay_clock_wait(struct replay_clock *clock, uint64_t arrival_ns, struct progress *progress,
                       uint64_t bytes, uint64_t messages);

/** Waits until the messages are due once more, from the first one on: as far behind the last as
 *  they are from each other on average, or a second where that says nothing. */
bool replay_clock_next_round(struct replay_clock *clock, struct progress *progress, uint64_t bytes,
                             uint64_t messages);

/** How long one of several tries to put may wait, which leave signals their turn: together they
 *  take timeout_ms, and no more than a hundredth of that longer. Negative: there is no end. */
int replay_clock_try_ms(int timeout_ms);

#endif
