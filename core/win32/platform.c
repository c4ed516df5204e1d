/* Implements platform.h for Windows. */
#include "platform.h"
#include "win32.h"

#include <stdio.h>
#include <stdlib.h>

/* Seconds and rest apart: at the usual 10 MHz ticks times 1,000,000,000 would overflow after half
 * an hour. */
uint64_t msi_now(void) {
    LARGE_INTEGER ticks, per_second;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&per_second);
    uint64_t now = (uint64_t)ticks.QuadPart, hz = (uint64_t)per_second.QuadPart;
    return now / hz * MSI_NS_PER_S + now % hz * MSI_NS_PER_S / hz;
}

/* Rounded up, or loops would spin through the last millisecond. */
DWORD msi_ms_until(uint64_t deadline, DWORD most) {
    if (deadline == MSI_NEVER)
        return most;
    uint64_t now = deadline ? msi_now() : 0;
    if (deadline <= now)
        return 0;
    uint64_t ms = (deadline - now - 1) / MSI_NS_PER_MS + 1;
    return ms < most ? (DWORD)ms : most;
}

void msi_sleep_on(atomic_uint *word, unsigned expected, uint64_t max_ns) {
    DWORD ms = (DWORD)((max_ns + MSI_NS_PER_MS - 1) / MSI_NS_PER_MS);
    WaitOnAddress(word, &expected, sizeof expected, ms);
}

void msi_wake_one(atomic_uint *word) { WakeByAddressSingle(word); }

/* ---- No fork(): the lock only guards the list of slots ---- */

static SRWLOCK fork_lock = SRWLOCK_INIT;

void msi_fork_lock(void) { AcquireSRWLockExclusive(&fork_lock); }

void msi_fork_unlock(void) { ReleaseSRWLockExclusive(&fork_lock); }

void msi_on_fork(void (*fn)(void)) { (void)fn; }

/* ---- Environment and names ---- */

const char *msi_environment(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

bool msi_system_name(char *name, size_t size) {
    char text[MAX_COMPUTERNAME_LENGTH + 1];
    DWORD len = sizeof text;
    if (!size || !GetComputerNameA(text, &len))
        return false;
    snprintf(name, size, "%s", text);
    return true;
}

const char *msi_configuration_file(void) { return "C:\\ProgramData\\mailslot.conf"; }

/* Windows does not tell whether a process has a single thread. */
static const char never = 0;
const char *const msi_only_thread = &never;
