/* A message for many computers is also for this computer's own reader. */
#ifndef MSI_OWN_READERS_H
#define MSI_OWN_READERS_H

#include "transport.h"

/** Puts a message that is being sent to a group, or to the whole workgroup, into this user's slot
 * of the same path, by `local`, a transport of local names. Nothing happens if no reader has the
 * slot, if it refuses the network or has no room, or if has_it (may be NULL), called with the
 * attached writer, says that the reader receives the message another way. Like the network it
 * reports no failure, and mailslot_detail() stays as it was. */
void msi_own_readers_put(const msi_transport *local, bool (*has_it)(const msi_endpoint *writer),
                         const msi_name *name, const void *data, size_t len);

#endif
