/* The state of one query of <mailslot/network.h>: configuration, interfaces, socket. */
#ifndef MSI_CLIENT_H
#define MSI_CLIENT_H

#include "resolve.h"

enum { MSI_CLIENT_MAX = 1024 }; /* at most this many answers are kept */

typedef struct {
    msi_config config;
    msi_interface interfaces[MSI_INTERFACES_MAX];
    msi_udp socket;
    msi_asker asker; /* points to all the above; must not be copied */
} msi_client;

/** Reads the configuration and lists the interfaces. INVALID, UNSUPPORTED, NOT_FOUND, DENIED,
 *  NO_MEMORY, OS. */
mailslot_err msi_client_init(msi_client *client, const mailslot_host *host);

/** Makes a name in the configured scope. */
void msi_client_name(const msi_client *client, msi_nbname *name, const char *text, uint8_t suffix);

#endif
