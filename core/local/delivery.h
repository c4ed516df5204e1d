/*
 * Deliveries from mailslotd to a local reader: messages from the network and from other users. They
 * enter the reader's queue through a writer that the reader's own process attaches, so that order,
 * counts and wake-ups are those of any other writer.
 *
 * A port: transports/ implements it, since local/ does not know relay/.
 */
#ifndef MSI_DELIVERY_H
#define MSI_DELIVERY_H

#include "attachment.h"

typedef struct msi_delivery msi_delivery;

/** Prepares deliveries to the slot of `reader`, which must outlive them; hold msi_fork_lock().
 *  Stores NULL if the options let mailslotd deliver nothing: local_only and access USER.
 *  NO_MEMORY. */
mailslot_err msi_delivery_new(msi_delivery **delivery, const msi_attachment *reader,
                              const mailslot_options *options);

/** Looks for mailslotd if there is no connection and the last look was a second ago; costs a few
 *  ns otherwise. Any thread. */
void msi_delivery_look(msi_delivery *delivery);

/** Ends a delivery in progress soon, and each later one at once. */
void msi_delivery_interrupt(msi_delivery *delivery);

/** Ends the thread that delivers, which must have been interrupted; without msi_fork_lock().
 *  Then frees. */
void msi_delivery_stop(msi_delivery *delivery);
void msi_delivery_free(msi_delivery *delivery);

/** In a forked child: closes descriptors and mappings (async-signal-safe), then frees memory. */
void msi_delivery_release(msi_delivery *delivery);
void msi_delivery_abandon(msi_delivery *delivery);

#endif
