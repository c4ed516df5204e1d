/* A descriptor that is readable while a queue holds messages. A thread in the reader's process
 * keeps it up to date, so that writers need not; it runs only in readers that asked for the
 * descriptor. */
#ifndef MSI_WAITABLE_H
#define MSI_WAITABLE_H

#include "queue.h"

typedef struct msi_waitable msi_waitable;

/** Starts the watch over a reader's queue; hold msi_fork_lock(). NO_MEMORY, OS. */
mailslot_err msi_waitable_new(msi_waitable **waitable, msi_queue *queue);

/** Ends the watch, whose queue must have been interrupted. Then frees all. */
void msi_waitable_stop(msi_waitable *waitable);
void msi_waitable_free(msi_waitable *waitable);

/** For a forked child, where the thread is not: closes the descriptor (async-signal-safe), then
 *  frees the rest. */
void msi_waitable_release(msi_waitable *waitable);
void msi_waitable_abandon(msi_waitable *waitable);

int msi_waitable_descriptor(const msi_waitable *waitable);

/** To be called when a get found the queue empty. */
void msi_waitable_clear(msi_waitable *waitable);

#endif
