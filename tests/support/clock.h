/* Time in tests: measures waits, and waits for conditions that no call can wait for. */
#ifndef MAILSLOT_TEST_CLOCK_H
#define MAILSLOT_TEST_CLOCK_H

#include "test.h"

#include <time.h>

/** The bound of waits that end on their own if the library works: never reached on success, and
 *  large, because machines that run tests are busy. */
#define SOON_MS 60000

/** The bound of calls that must not wait at all; large for the same reason. */
#define PROMPT_MS 5000

/** A clock's time in nanoseconds. */
int64_t clock_ns(clockid_t clock);

/** Time that passes at the same rate whatever sets the clock, in nanoseconds and milliseconds. */
int64_t now_ns(void);
int64_t now_ms(void);

void sleep_ms(int ms);

/** Checks that condition becomes true within bound_ms. It is evaluated every millisecond, and once
 *  more after the bound, since this thread may not have run for a while. */
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
