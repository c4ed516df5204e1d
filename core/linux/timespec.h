/* Conversion between struct timespec, which Linux's system calls take, and ns, which this library
 * counts in. */
#ifndef MSI_TIMESPEC_H
#define MSI_TIMESPEC_H

#include "deadline.h"

#include <time.h>

static inline uint64_t msi_timespec_to_ns(const struct timespec *time) {
    return (uint64_t)time->tv_sec * MSI_NS_PER_S + (uint64_t)time->tv_nsec;
}

static inline struct timespec msi_timespec_from_ns(uint64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / MSI_NS_PER_S),
                             .tv_nsec = (long)(ns % MSI_NS_PER_S)};
}

/** Reads a clock in ns. The coarse clocks (CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE) take a
 *  few ns to read and lag by at most one timer tick, a few ms. */
static inline uint64_t msi_clock_read(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return msi_timespec_to_ns(&now);
}

#endif
