/* Points in time, on the wall clock and on the monotonic clock. */
#ifndef MAILSLOTD_CLOCK_H
#define MAILSLOTD_CLOCK_H

#include "platform.h"

#include <time.h>

/** When something arrived, in ns: since 1970, and on the clock of msi_now(). */
struct arrival {
    uint64_t wall, now;
};

/** In ns. */
static inline uint64_t clock_ns(const struct timespec *when) {
    return (uint64_t)when->tv_sec * 1000000000u + (uint64_t)when->tv_nsec;
}

/** ns since 1970. */
static inline uint64_t clock_wall(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return clock_ns(&now);
}

/** Now. */
static inline struct arrival clock_arrival(void) {
    return (struct arrival){.wall = clock_wall(), .now = msi_now()};
}

#endif
