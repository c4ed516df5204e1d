#include "replay_clock.h"

#include "platform/platform.h"
#include "platform/signals.h"

#include <time.h>

#define NS_PER_SECOND UINT64_C(1000000000)
/* How long a signal may go unnoticed, which does not end a sleep that it comes just before. */
enum { SLICE_MS = 100 };
#define SLICE_NS ((uint64_t)SLICE_MS * 1000000)

/* How long after the first message; one that came before it is due at once. */
static uint64_t delay_of(const struct pace *pace, uint64_t arrival_ns) {
    if (arrival_ns <= pace->first_ns)
        return 0;
    double delay = (double)(arrival_ns - pace->first_ns) / pace->speed;
    return delay < (double)(UINT64_MAX / 4) ? (uint64_t)delay : UINT64_MAX / 4;
}

static void sleep_ns(uint64_t ns) {
    struct timespec span = {.tv_sec = (time_t)(ns / NS_PER_SECOND),
                            .tv_nsec = (long)(ns % NS_PER_SECOND)};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL);
}

bool pace_wait(struct pace *pace, uint64_t arrival_ns, struct progress *progress, uint64_t bytes,
               uint64_t messages) {
    if (!(pace->speed > 0))
        return !signals_came();
    if (!pace->begun) {
        *pace = (struct pace){pace->speed, true, arrival_ns, platform_now_ns(), arrival_ns, 1};
        return !signals_came();
    }
    pace->count++;
    if (arrival_ns > pace->last_ns)
        pace->last_ns = arrival_ns;
    uint64_t due = pace->begun_ns + delay_of(pace, arrival_ns);
    while (!signals_came()) {
        uint64_t now = platform_now_ns();
        if (now >= due)
            return true;
        progress_tell(progress, bytes, messages);
        sleep_ns(due - now < SLICE_NS ? due - now : SLICE_NS);
    }
    return false;
}

bool pace_next_round(struct pace *pace, struct progress *progress, uint64_t bytes,
                     uint64_t messages) {
    uint64_t gap = pace->count > 1 ? (pace->last_ns - pace->first_ns) / (pace->count - 1) : 0;
    if (gap == 0)
        gap = NS_PER_SECOND;
    uint64_t next = pace->last_ns < UINT64_MAX - gap ? pace->last_ns + gap : UINT64_MAX;
    bool waited = pace_wait(pace, next, progress, bytes, messages);
    pace->begun = false;
    return waited;
}

int pace_try_ms(int timeout_ms) {
    if (timeout_ms < 0)
        return SLICE_MS;
    int tries = timeout_ms / SLICE_MS + (timeout_ms % SLICE_MS != 0);
    return tries ? timeout_ms / tries + (timeout_ms % tries != 0) : 0;
}
