/* When something happens. */
#ifndef MAILSLOTD_CLOCK_H
#define MAILSLOTD_CLOCK_H

#include "dispatch.h"
#include "platform.h"

#include <time.h>

/** ns since 1970. */
static inline uint64_t clock_wall(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline struct arrival clock_arrival(void) {
    return (struct arrival){.wall = clock_wall(), .now = msi_now()};
}

#endif
