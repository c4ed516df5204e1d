/* The transport to other computers, which can only be written to. remote_linux.c, remote_win32.c.
 */
#ifndef MSI_REMOTE_H
#define MSI_REMOTE_H

#include "transport.h"

extern const msi_transport msi_remote_transport;

#endif
