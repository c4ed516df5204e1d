/* What the shared code needs of the system it runs on; each platform folder fills it in. */
#ifndef MSI_PLATFORM_H
#define MSI_PLATFORM_H

#include <mailslot/mailslot.h>

#include <stdatomic.h>

#define MSI_NS_PER_MS 1000000u

/** A deadline that never comes. */
#define MSI_NEVER UINT64_MAX

/** ns of the monotonic clock. */
uint64_t msi_now(void);

/** The deadline of a wait of timeout_ms that begins now; MSI_NEVER for MAILSLOT_FOREVER. For
 *  MAILSLOT_NO_WAIT it is 0 and reads no clock. */
uint64_t msi_deadline(int timeout_ms);

/** Sleeps while *word is expected, for at most max_ns; may return early. For threads of one
 *  process. */
void msi_sleep_on(atomic_uint *word, unsigned expected, uint64_t max_ns);

/** Wakes one of those who sleep on word. */
void msi_wake_one(atomic_uint *word);

/** A lock that prevents fork() from happening in another thread, where there is one: hold it while
 *  descriptors and the list of slots do not agree. Not recursive. */
void msi_fork_lock(void);
void msi_fork_unlock(void);

/** Has fn called in every child of a fork(), before the child's own code runs. */
void msi_on_fork(void (*fn)(void));

#endif
