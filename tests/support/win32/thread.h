/* ../thread.h for Windows. */
#ifndef MAILSLOT_TEST_THREAD_H
#define MAILSLOT_TEST_THREAD_H

#include "clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/** A thread that makes one call that blocks. The test sets slot and call. */
struct blocker {
    mailslot *slot;
    mailslot_err (*call)(mailslot *slot);
    pthread_t thread;
    atomic_bool calls; /* once the thread runs */
    mailslot_err result;
    atomic_bool done;
};

/** Calls call(slot) in a new thread and returns once that has had time to sleep in the call.
 * Whether it does cannot be found out, so no test may depend on it. */
void blocker_start(struct blocker *blocker);

/** Waits for the call's end and returns its result. */
mailslot_err blocker_join(struct blocker *blocker);

/** Counts the threads of this process. */
int thread_count(void);

#endif
