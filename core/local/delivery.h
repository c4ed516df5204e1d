/*
 * How what mailslotd has for a reader, from the network and from other users, gets into the
 * reader's own queue: through a writer's end that the reader's process holds itself, so that order,
 * counts and waking are as with any other writer.
 */
#ifndef MSI_DELIVERY_H
#define MSI_DELIVERY_H

#include "attachment.h"

typedef struct msi_delivery msi_delivery;

/** Opens an inlet into the slot whose reader's end is given, which must outlive it; hold
 *  msi_fork_lock(). Stores NULL if the options keep everybody out whom mailslotd stands for.
 *  NO_MEMORY. */
mailslot_err msi_delivery_new(msi_delivery **delivery, const msi_attachment *reader,
                              const mailslot_options *options);

/** Looks for mailslotd if it is time to; costs a few ns otherwise. Any thread. */
void msi_delivery_look(msi_delivery *delivery);

/** Has a delivery in progress end soon, and every later one at once. */
void msi_delivery_interrupt(msi_delivery *delivery);

/** Ends the deliveries, which must have been interrupted; without msi_fork_lock(). Then frees all.
 */
void msi_delivery_stop(msi_delivery *delivery);
void msi_delivery_free(msi_delivery *delivery);

/** For a forked child: lets go of the system's things (async-signal-safe), then frees the rest. */
void msi_delivery_release(msi_delivery *delivery);
void msi_delivery_abandon(msi_delivery *delivery);

#endif
