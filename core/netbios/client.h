/* Somebody who looks at the network on the caller's behalf: what <mailslot/network.h> starts with.
 */
#ifndef MSI_ONLOOKER_H
#define MSI_ONLOOKER_H

#include "resolve.h"

enum { MSI_ONLOOKER_MAX = 1024 }; /* most answers that are kept, whoever sends them */

typedef struct {
    msi_host host;
    msi_interface interfaces[MSI_INTERFACES_MAX];
    msi_udp socket;
    msi_asker asker; /* of all the above; must not outlive it, nor be copied */
} msi_onlooker;

/** Reads what this computer is. INVALID, NOT_FOUND, DENIED, NO_MEMORY, OS. */
mailslot_err msi_onlooker_init(msi_onlooker *onlooker, const mailslot_options *options);

/** Makes a name in the host's scope. */
void msi_onlooker_name(const msi_onlooker *onlooker, msi_nbname *name, const char *text,
                       uint8_t suffix);

#endif
