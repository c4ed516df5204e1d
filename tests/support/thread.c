/* Threads that block, and the count of threads, by /proc. */
#include "thread.h"

#include <ctype.h>
#include <dirent.h>

static void *blocker_run(void *ctx) {
    struct blocker *blocker = ctx;
    blocker->tid = gettid();
    blocker->result = blocker->call(blocker->slot);
    blocker->done = true;
    return NULL;
}

/* The state is the field after the name, whose closing bracket is the last one: proc(5). */
bool thread_sleeps(pid_t tid) {
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

void blocker_begin(struct blocker *blocker) {
    check(pthread_create(&blocker->thread, NULL, blocker_run, blocker) == 0);
    check_within(SOON_MS, blocker->tid != 0);
}

void blocker_start(struct blocker *blocker) {
    blocker_begin(blocker);
    check_within(SOON_MS, thread_sleeps(blocker->tid));
}

/* The kernel goes on showing a thread for a moment after it has been joined. */
static bool thread_is_shown(pid_t tid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d", (int)tid);
    return access(path, F_OK) == 0;
}

mailslot_err blocker_join(struct blocker *blocker) {
    check_within(SOON_MS, blocker->done);
    pthread_join(blocker->thread, NULL);
    check_within(SOON_MS, !thread_is_shown(blocker->tid));
    return blocker->result;
}

int thread_count(void) {
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;
    for (struct dirent *entry; tasks && (entry = readdir(tasks));)
        count += isdigit((unsigned char)entry->d_name[0]) != 0;
    if (tasks)
        closedir(tasks);
    return count;
}
