/* The transport to other users' slots on this computer, by way of mailslotd. */
#ifndef MSI_RELAY_WRITER_H
#define MSI_RELAY_WRITER_H

#include "transport.h"

extern const msi_transport msi_relay_transport;

#endif
