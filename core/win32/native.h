/* The transport of the system's own mailslots on this computer. */
#ifndef MSI_NATIVE_H
#define MSI_NATIVE_H

#include "transport.h"

extern const msi_transport msi_native_transport;

#endif
