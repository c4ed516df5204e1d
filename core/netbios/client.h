/* Somebody who looks at the network on the caller's behalf: what <mailslot/network.h> starts with.
 */
#ifndef MSI_CLIENT_H
#define MSI_CLIENT_H

#include "resolve.h"

enum { MSI_CLIENT_MAX = 1024 }; /* most answers that are kept, whoever sends them */

typedef struct {
    msi_config config;
    msi_interface interfaces[MSI_INTERFACES_MAX];
    msi_udp socket;
    msi_asker asker; /* of all the above; must not outlive it, nor be copied */
} msi_client;

/** Reads what this computer is. INVALID, NOT_FOUND, DENIED, NO_MEMORY, OS. */
mailslot_err msi_client_init(msi_client *client, const mailslot_host *host);

/** Makes a name in the host's scope. */
void msi_client_name(const msi_client *client, msi_nbname *name, const char *text, uint8_t suffix);

#endif
