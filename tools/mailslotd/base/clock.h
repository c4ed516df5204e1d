/* When something happens. */
#ifndef MAILSLOTD_CLOCK_H
#define MAILSLOTD_CLOCK_H

#include "delivery/dispatch.h"
#include "platform.h"

#include <time.h>

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

static inline struct arrival clock_arrival(void) {
    return (struct arrival){.wall = clock_wall(), .now = msi_now()};
}

#endif
