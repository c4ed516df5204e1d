/* Sending on a connected socket, as the library's and mailslotd's protocols both do it. */
#ifndef MSI_SEND_PARTS_H
#define MSI_SEND_PARTS_H

#include <stddef.h>

/** Sends a header and the data behind it, which may be empty, in one sendmsg(): on a SOCK_SEQPACKET
 *  socket that is one packet. Neither waits for room nor raises SIGPIPE; goes on after signals.
 *  Returns 0 or an errno, EAGAIN if there is no room. */
int msi_send_parts(int fd, const void *head, size_t head_len, const void *data, size_t data_len);

#endif
