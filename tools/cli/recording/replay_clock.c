/* When a recorded message is due, measured from the first one. */
#include "replay_clock.h"

#include "platform/platform.h"
#include "platform/signals.h"

#include <time.h>

#define NS_PER_SECOND UINT64_C(1000000000)
/* Longest sleep: a signal that arrives just before it does not interrupt it. */
enum { SLICE_MS = 100 };
#define SLICE_NS ((uint64_t)SLICE_MS * 1000000)

/* The delay after the first message; 0 for one that arrived before it, which happens after the
 * clock was set back. Limited so that adding it to a time cannot overflow. */
static uint64_t delay_of(const struct replay_clock *clock, uint64_t arrival_ns) {
    if (arrival_ns <= clock->first_ns)
        return 0;
    double delay = (double)(arrival_ns - clock->first_ns) / clock->speed;
    return delay < (double)(UINT64_MAX / 4) ? (uint64_t)delay : UINT64_MAX / 4;
}

static void sleep_ns(uint64_t ns) {
    struct timespec span = {.tv_sec = (time_t)(ns / NS_PER_SECOND),
                            .tv_nsec = (long)(ns % NS_PER_SECOND)};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL);
}

bool replay_clock_wait(struct replay_clock *clock, uint64_t arrival_ns, struct progress *progress,
                       uint64_t bytes, uint64_t messages) {
    /* 0 means no waiting; the negated test covers NaN as well. */
    if (!(clock->speed > 0))
        return !signals_came();
    if (!clock->begun) {
        *clock =
            (struct replay_clock){clock->speed, true, arrival_ns, platform_now_ns(), arrival_ns, 1};
        return !signals_came();
    }
    clock->count++;
    /* Recordings of several slots are not quite in order. */
    if (arrival_ns > clock->last_ns)
        clock->last_ns = arrival_ns;
    /* From the start, not from the previous message: errors do not add up. */
    uint64_t due = clock->begun_ns + delay_of(clock, arrival_ns);
    while (!signals_came()) {
        uint64_t now = platform_now_ns();
        if (now >= due)
            return true;
        progress_tell(progress, bytes, messages);
        sleep_ns(due - now < SLICE_NS ? due - now : SLICE_NS);
    }
    return false;
}

bool replay_clock_next_round(struct replay_clock *clock, struct progress *progress, uint64_t bytes,
                             uint64_t messages) {
    /* Without it, the first message of a round would follow the last one at once, unlike the
     * recording. */
    uint64_t gap = clock->count > 1 ? (clock->last_ns - clock->first_ns) / (clock->count - 1) : 0;
    if (gap == 0)
        gap = NS_PER_SECOND;
    uint64_t next = clock->last_ns < UINT64_MAX - gap ? clock->last_ns + gap : UINT64_MAX;
    bool waited = replay_clock_wait(clock, next, progress, bytes, messages);
    /* The next round measures from its own first message. */
    clock->begun = false;
    return waited;
}

int replay_clock_try_ms(int timeout_ms) {
    if (timeout_ms < 0)
        return SLICE_MS;
    /* Rounded up twice: equal tries that together last at least timeout_ms. */
    int tries = timeout_ms / SLICE_MS + (timeout_ms % SLICE_MS != 0);
    return tries ? timeout_ms / tries + (timeout_ms % tries != 0) : 0;
}
