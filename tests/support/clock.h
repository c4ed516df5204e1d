/* Time in tests: measuring waits, and waiting for what comes about without a signal. */
#ifndef MAILSLOT_TEST_CLOCK_H
#define MAILSLOT_TEST_CLOCK_H

#include "test.h"

#include <time.h>

/** The bound of waits that end on their own if the library works: never reached on success, and
 *  generous, because machines that run tests are busy. */
#define SOON_MS 60000

/** What is to take no time is asserted to take less than this, likewise. */
#define PROMPT_MS 5000

static inline int64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

static inline int64_t now_ms(void) { return now_ns() / 1000000; }

static inline void sleep_ms(int ms) {
    struct timespec left = {ms / 1000, ms % 1000 * 1000000L};
    while (nanosleep(&left, &left) != 0) {
    }
}

/** Checks that condition comes to hold within bound_ms, looking every millisecond, and once more
 *  after that, since who looks may have been kept from it. */
#define check_within(bound_ms, condition)                                                          \
    do {                                                                                           \
        int64_t within_until = now_ms() + (bound_ms);                                              \
        bool within_over = false, within_holds = (condition);                                      \
        while (!within_holds && !within_over) {                                                    \
            sleep_ms(1);                                                                           \
            within_over = now_ms() >= within_until;                                                \
            within_holds = (condition);                                                            \
        }                                                                                          \
        test_check(within_holds, #condition " within " #bound_ms " ms", __FILE__, __LINE__);       \
    } while (0)

#endif
