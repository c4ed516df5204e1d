/* Clocks and sleep for tests. */
#include "clock.h"

#define NS_PER_S  1000000000
#define NS_PER_MS 1000000
#define MS_PER_S  1000

int64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

int64_t now_ms(void) { return now_ns() / NS_PER_MS; }

void sleep_ms(int ms) {
    struct timespec left = {ms / MS_PER_S, ms % MS_PER_S * (long)NS_PER_MS};
    while (nanosleep(&left, &left) != 0) {
    }
}
