/* Connections to the mailslotd of this computer, and questions over them. Nothing here trusts it:
 * whatever answers, or does not, comes out as an error. */
#ifndef MSI_RELAY_CONNECTION_H
#define MSI_RELAY_CONNECTION_H

#include "protocol.h"

/** Holds any answer but STATUS_TEXT. */
enum { MSI_RELAY_ANSWER_MAX = MSI_RELAY_HEAD_MAX + MSI_RELAY_WORDS_MAX };

/** Connects, without waiting. *fd is -1 with NOT_FOUND (no daemon listens), OS (it is behind with
 *  its connections; this process has too many descriptors). Hold msi_fork_lock(), or the like, or a
 *  forked child will keep the connection alive. */
mailslot_err msi_relay_connect(int *fd);

/** Sends one message, without waiting. GONE (the connection has ended), OS. */
mailslot_err msi_relay_send(int fd, const msi_relay_message *message);

/** Receives one message into packet, which holds cap bytes, until deadline. GONE (as above), OS
 *  (nothing came in time, or no message). */
mailslot_err msi_relay_receive(int fd, unsigned char *packet, size_t cap,
                               msi_relay_message *message, uint64_t deadline);

/** Sends a question and receives its answer, which may be an error too, within patience_ms. After
 *  a failure the connection is of no more use: an answer may still come. GONE, OS. */
mailslot_err msi_relay_ask(int fd, const msi_relay_message *question,
                           unsigned char answer_packet[MSI_RELAY_ANSWER_MAX],
                           msi_relay_message *answer, int patience_ms);

/** Fails with err and the words of a REPLY, or with `otherwise` where it has none. */
mailslot_err msi_relay_refuse(mailslot_err err, const msi_relay_message *reply,
                              const char *otherwise);

/** Replaces control characters, which must not reach a terminal. */
void msi_relay_make_printable(char *text, size_t len);

#endif
