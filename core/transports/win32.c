/* Windows' transports: the system's mailslots on this computer, other computers. */
#include "remote.h"
#include "transports.h"
#include "win32/native.h"

const msi_transport *const msi_transports[] = {&msi_native_transport, &msi_remote_transport, NULL};
