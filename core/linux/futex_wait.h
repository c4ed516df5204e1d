/* futex(2): sleeping on a word of memory, and waking the sleepers. */
#ifndef MSI_FUTEX_H
#define MSI_FUTEX_H

#include "timespec.h"

#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/** Sleeps while *word is expected, for at most ns. Returns early on signals and without reason:
 *  callers look again. sharing is 0 for words that several processes map, FUTEX_PRIVATE_FLAG for
 *  others. */
static inline void msi_futex_wait(void *word, uint32_t expected, uint64_t ns, int sharing) {
    struct timespec limit = msi_timespec_from_ns(ns);
    syscall(SYS_futex, word, FUTEX_WAIT | sharing, expected, &limit, NULL, 0);
}

/** Wakes at most count sleepers. */
static inline void msi_futex_wake(void *word, int count, int sharing) {
    syscall(SYS_futex, word, FUTEX_WAKE | sharing, count, NULL, NULL, 0);
}

#endif
