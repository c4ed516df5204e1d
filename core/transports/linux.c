/* Linux's transports: this user's slots, other users' slots on this computer, other computers. */
#include "local/local.h"
#include "relay/writer.h"
#include "remote.h"
#include "transports.h"

const msi_transport *const msi_transports[] = {&msi_local_transport, &msi_relay_transport,
                                               &msi_remote_transport, NULL};
