/* This computer's own part in a message for many. */
#ifndef MSI_HERE_H
#define MSI_HERE_H

#include "name.h"

/** Puts a message written to a group, or to everybody, into this user's own slot of that path, if
 *  it has a reader that takes what comes from the network. If mailslotd will hear the message, not
 *  if that reader has it from there. Like the network, it confirms nothing. */
void msi_here_put(const msi_name *name, const void *data, size_t len, bool heard);

#endif
