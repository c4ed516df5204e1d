/* Threads that block, and the count of threads. */
#include "thread.h"

#include <tlhelp32.h>

static void *blocker_run(void *ctx) {
    struct blocker *blocker = ctx;
    blocker->calls = true;
    blocker->result = blocker->call(blocker->slot);
    blocker->done = true;
    return NULL;
}

void blocker_start(struct blocker *blocker) {
    check(pthread_create(&blocker->thread, NULL, blocker_run, blocker) == 0);
    check_within(SOON_MS, blocker->calls);
    sleep_ms(20);
}

mailslot_err blocker_join(struct blocker *blocker) {
    check_within(SOON_MS, blocker->done);
    pthread_join(blocker->thread, NULL);
    return blocker->result;
}

int thread_count(void) {
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    int count = 0;
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry))
        count += entry.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(snapshot);
    return count;
}
