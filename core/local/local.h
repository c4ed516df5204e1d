/* The transport between processes of one user on one computer. */
#ifndef MSI_LOCAL_H
#define MSI_LOCAL_H

#include "transport.h"

extern const msi_transport msi_local_transport;

/** Whether the reader that a writer of msi_local_transport is attached to is registered with
 *  mailslotd, and so receives from there every message that mailslotd hears. */
bool msi_local_registered(const msi_endpoint *writer);

#endif
