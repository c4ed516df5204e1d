/* ../thread.h for Windows. */
#ifndef MAILSLOT_TEST_THREAD_H
#define MAILSLOT_TEST_THREAD_H

#include "clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <tlhelp32.h>

/** What a thread that calls something that blocks tells about itself. */
struct blocker {
    mailslot *slot;
    mailslot_err (*call)(mailslot *slot);
    pthread_t thread;
    atomic_bool calls;
    mailslot_err result;
    atomic_bool done;
};

static inline void *blocker_run(void *ctx) {
    struct blocker *blocker = ctx;
    blocker->calls = true;
    blocker->result = blocker->call(blocker->slot);
    blocker->done = true;
    return NULL;
}

/** Calls call(slot) in a thread and returns once that has had time to sleep in it; no test may fail
 *  because it does not yet. */
static inline void blocker_start(struct blocker *blocker) {
    check(pthread_create(&blocker->thread, NULL, blocker_run, blocker) == 0);
    check_within(SOON_MS, blocker->calls);
    sleep_ms(20);
}

/** Waits for the call's end and returns its result. */
static inline mailslot_err blocker_join(struct blocker *blocker) {
    check_within(SOON_MS, blocker->done);
    pthread_join(blocker->thread, NULL);
    return blocker->result;
}

/** Counts this process's threads. */
static inline int thread_count(void) {
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    int count = 0;
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
        count += entry.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(snapshot);
    return count;
}

#endif
