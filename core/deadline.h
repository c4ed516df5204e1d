/* Deadlines on the monotonic clock, and the units of time. */
#ifndef MSI_DEADLINE_H
#define MSI_DEADLINE_H

#include <mailslot/mailslot.h>

#define MSI_NS_PER_MS 1000000u
#define MSI_NS_PER_S  1000000000u

/** A deadline that never comes. */
#define MSI_NEVER UINT64_MAX

/** Returns ns of the monotonic clock. Each platform folder implements it. */
uint64_t msi_now(void);

/** Returns the deadline of a wait of timeout_ms that begins now; MSI_NEVER for MAILSLOT_FOREVER.
 *  For MAILSLOT_NO_WAIT it is 0 and reads no clock. */
static inline uint64_t msi_deadline(int timeout_ms) {
    if (timeout_ms == MAILSLOT_NO_WAIT)
        return 0;
    if (timeout_ms < 0)
        return MSI_NEVER;
    return msi_now() + (uint64_t)timeout_ms * MSI_NS_PER_MS;
}

/** A timeout whose deadline is computed when it is first needed: reading the clock costs as much as
 *  a put that finds room. Starts as {timeout_ms, 0}. */
typedef struct {
    int ms;
    uint64_t deadline; /* 0: not computed yet, or MAILSLOT_NO_WAIT */
} msi_timeout;

/** Returns the deadline, which the first call computes as msi_deadline() does. */
static inline uint64_t msi_timeout_deadline(msi_timeout *timeout) {
    if (!timeout->deadline)
        timeout->deadline = msi_deadline(timeout->ms);
    return timeout->deadline;
}

#endif
