/* The platform's transports. linux.c and win32.c hold the list. */
#ifndef MSI_TRANSPORTS_H
#define MSI_TRANSPORTS_H

#include "transport.h"

/** In the order in which a name is offered to them; NULL at the end. The first that serves a name
 *  carries it; if that cannot attach a writer, the next one that serves the name may. */
extern const msi_transport *const msi_transports[];

/** Stores the first transport that serves a name. UNSUPPORTED. */
mailslot_err msi_transports_find(const msi_name *name, const msi_transport **transport);

/** If name is on a computer whose name is this computer's own, as host or the configuration says,
 *  makes it the local name of the same slot. INVALID, NOT_FOUND, DENIED, NO_MEMORY, OS: the
 *  configuration cannot be read. */
mailslot_err msi_transports_localize(msi_name *name, const mailslot_host *host);

#endif
