/* What the portable code needs from the system. Each platform folder implements it. */
#ifndef MSI_PLATFORM_H
#define MSI_PLATFORM_H

#include "deadline.h"

#include <stdatomic.h>
#include <stdbool.h>

/** A variable of the environment; NULL if it is not set, is empty, or must not be trusted, as in a
 *  set-uid program. */
const char *msi_environment(const char *name);

/** Stores the system's own name of this computer, cut to size; false if it has none. */
bool msi_system_name(char *name, size_t size);

/** Where the configuration file is if the environment does not say. */
const char *msi_configuration_file(void);

/** Not 0 while this thread is the only one of the process. */
extern const char *const msi_only_thread;

/** Whether no other thread of this process can be anywhere inside, so that what only threads of one
 *  process share needs no atomic read-modify-write, each of which costs as much as copying a
 *  message. False if the platform cannot tell. */
static inline bool msi_alone(void) { return *msi_only_thread; }

/** Sleeps while *word is expected, for at most max_ns; may return early. For threads of one
 *  process. */
void msi_sleep_on(atomic_uint *word, unsigned expected, uint64_t max_ns);

/** Wakes one thread that sleeps on word. */
void msi_wake_one(atomic_uint *word);

/** A lock that prevents fork() from happening in another thread, where there is one: hold it while
 *  descriptors and the list of slots do not agree. Not recursive. */
void msi_fork_lock(void);
void msi_fork_unlock(void);

/** Has fn called in every child of a fork(), before the child's own code runs; hold the lock. May
 *  be repeated. */
void msi_on_fork(void (*fn)(void));

#endif
