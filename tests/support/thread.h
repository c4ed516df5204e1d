/* Threads in tests. */
#ifndef MAILSLOT_TEST_THREAD_H
#define MAILSLOT_TEST_THREAD_H

#include "clock.h"

#include <ctype.h>
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/** What a thread that calls something that blocks tells about itself. */
struct blocker {
    mailslot *slot;
    mailslot_err (*call)(mailslot *slot);
    pthread_t thread;
    _Atomic pid_t tid;
    mailslot_err result;
    atomic_bool done;
};

static inline void *blocker_run(void *ctx) {
    struct blocker *blocker = ctx;
    blocker->tid = gettid();
    blocker->result = blocker->call(blocker->slot);
    blocker->done = true;
    return NULL;
}

/** Whether the kernel says that a thread of this process sleeps. */
static inline bool thread_sleeps(pid_t tid) {
    char path[64];
    char line[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)tid);
    FILE *file = fopen(path, "r");
    if (file) {
        line[fread(line, 1, sizeof line - 1, file)] = '\0';
        fclose(file);
    }
    const char *state = strrchr(line, ')');
    return state && state[2] == 'S';
}

/** Calls call(slot) in a thread. */
static inline void blocker_begin(struct blocker *blocker) {
    check(pthread_create(&blocker->thread, NULL, blocker_run, blocker) == 0);
    check_within(SOON_MS, blocker->tid != 0);
}

/** The same, and returns once the thread sleeps in it. */
static inline void blocker_start(struct blocker *blocker) {
    blocker_begin(blocker);
    check_within(SOON_MS, thread_sleeps(blocker->tid));
}

/** Whether the kernel still shows a thread of this process, as it does for a moment after the join.
 */
static inline bool thread_is_shown(pid_t tid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d", (int)tid);
    return access(path, F_OK) == 0;
}

/** Waits for the call's end and returns its result. */
static inline mailslot_err blocker_join(struct blocker *blocker) {
    check_within(SOON_MS, blocker->done);
    pthread_join(blocker->thread, NULL);
    check_within(SOON_MS, !thread_is_shown(blocker->tid));
    return blocker->result;
}

/** Counts this process's threads; one that was joined may count a moment longer. */
static inline int thread_count(void) {
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;
    for (struct dirent *entry; tasks && (entry = readdir(tasks));)
        count += isdigit((unsigned char)entry->d_name[0]) != 0;
    if (tasks)
        closedir(tasks);
    return count;
}

#endif
