/* Connections to the mailslotd of this computer, and requests over them. Only a process of a
 * trusted user is taken for it; even so a malformed answer, or none, becomes an error. */
#ifndef MSI_RELAY_CONNECTION_H
#define MSI_RELAY_CONNECTION_H

#include "protocol.h"

/** Enough for any answer but STATUS_TEXT. */
enum { MSI_RELAY_ANSWER_MAX = MSI_RELAY_HEAD_MAX + MSI_RELAY_WORDS_MAX };

/** Connects. If too many connections wait for the daemon, tries again until deadline (0: once),
 *  releasing msi_fork_lock() in between, unless *interrupted (may be NULL; under that lock) becomes
 *  true. *fd is -1 on failure. NOT_FOUND (no daemon listens, or the listener is not trusted, see
 *  below), OS (still too many, or this process has too many descriptors), CLOSED (interrupted).
 *  Hold msi_fork_lock() until the descriptor is where a forked child can close it.
 *
 *  Trusted as the daemon are root, this process's user, and the owner of the socket's directory if
 *  only the owner can write to it: the user that called listen(), by SO_PEERCRED. */
mailslot_err msi_relay_connect(int *fd, uint64_t deadline, const bool *interrupted);

/** Sends one message, without waiting. GONE (the connection has ended), OS. */
mailslot_err msi_relay_send(int fd, const msi_relay_message *message);

/** Receives one message into packet, which holds cap bytes, until deadline. GONE (as above), OS
 *  (timeout, or a malformed message). */
mailslot_err msi_relay_receive(int fd, unsigned char *packet, size_t cap,
                               msi_relay_message *message, uint64_t deadline);

/** Sends a request and receives its answer, which may be a refusal, until deadline. After a
 *  failure close the connection: a late answer could be taken for the next one. GONE, OS. */
mailslot_err msi_relay_ask(int fd, const msi_relay_message *question,
                           unsigned char answer_packet[MSI_RELAY_ANSWER_MAX],
                           msi_relay_message *answer, uint64_t deadline);

/** Fails with err and the explanation in a REPLY, or `otherwise` if it has none. */
mailslot_err msi_relay_refuse(mailslot_err err, const msi_relay_message *reply,
                              const char *otherwise);

/** Replaces control characters by '?', so that text of another process can be printed on a
 *  terminal. */
void msi_relay_make_printable(char *text, size_t len);

#endif
