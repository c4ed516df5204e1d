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

/** Waits until the message that arrived at arrival_ns is due; never sends it early. False if a
 * signal ended the wait. */
bool replay_clock_wait(struct replay_clock *clock, uint64_t arrival_ns, struct progress *progress,
                       uint64_t bytes, uint64_t messages);

/** Waits before the next round: after the last message, for the average time between two messages,
 * or a second if that is unknown. */
bool replay_clock_next_round(struct replay_clock *clock, struct progress *progress, uint64_t bytes,
                             uint64_t messages);

/** The timeout of one of several puts, between which signals are checked: together they last
 * timeout_ms, and at most a hundredth longer. Negative timeout_ms: without end. */
int replay_clock_try_ms(int timeout_ms);

#endif
