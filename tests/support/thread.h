/* Threads in tests. */
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
    _Atomic pid_t tid; /* once the thread runs */
    mailslot_err result;
    atomic_bool done;
};

/** Calls call(slot) in a new thread. */
void blocker_begin(struct blocker *blocker);

/** Calls call(slot) in a new thread and returns once that sleeps in the call. */
void blocker_start(struct blocker *blocker);

/** Waits for the call's end and returns its result. */
mailslot_err blocker_join(struct blocker *blocker);

/** True if a thread of this process sleeps. */
bool thread_sleeps(pid_t tid);

/** Counts the threads of this process; one that was joined may be counted a moment longer. */
int thread_count(void);

#endif
