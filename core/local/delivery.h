/*
 * How what mailslotd has for a reader, from the network and from other users, gets into the
 * reader's own queue: through a writer's end that the reader's process holds itself, so that order,
 * counts and waking are as with any other writer.
 */
#ifndef MSI_INLET_H
#define MSI_INLET_H

#include "attachment.h"

typedef struct msi_inlet msi_inlet;

/** Opens an inlet into the slot whose reader's end is given, which must outlive it; hold
 *  msi_fork_lock(). Stores NULL if the options keep everybody out whom mailslotd stands for.
 *  NO_MEMORY. */
mailslot_err msi_inlet_new(msi_inlet **inlet, const msi_end *reader,
                           const mailslot_options *options);

/** Looks for mailslotd if it is time to; costs a few ns otherwise. Any thread. */
void msi_inlet_look(msi_inlet *inlet);

/** Has a delivery in progress end soon, and every later one at once. */
void msi_inlet_interrupt(msi_inlet *inlet);

/** Ends the deliveries, which must have been interrupted; without msi_fork_lock(). Then frees all.
 */
void msi_inlet_stop(msi_inlet *inlet);
void msi_inlet_free(msi_inlet *inlet);

/** For a forked child: lets go of the system's things (async-signal-safe), then frees the rest. */
void msi_inlet_release(msi_inlet *inlet);
void msi_inlet_abandon(msi_inlet *inlet);

#endif
