/* What netbios/ is to the rest: a way to write to other computers. */
#ifndef MSI_NETBIOS_H
#define MSI_NETBIOS_H

#include "transport.h"

extern const msi_transport msi_netbios_transport;

/** Stores the most bytes of a message to a name on other computers, whoever sends it. BAD_NAME (the
 *  name leaves no room). */
mailslot_err msi_netbios_limit(const msi_name *name, size_t *limit);

#endif
