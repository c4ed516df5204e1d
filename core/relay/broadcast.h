/* Hands a message for many computers to mailslotd before it is broadcast. mailslotd delivers it
 * to this computer's readers, and ignores the datagram when it then hears it. */
#ifndef MSI_RELAY_BROADCAST_H
#define MSI_RELAY_BROADCAST_H

#include "rundown.h"

#include <stddef.h>
#include <stdint.h>

typedef enum {
    MSI_BROADCAST_TOLD,     /* a reader of this user has it, if it had room */
    MSI_BROADCAST_NOT_HERE, /* no reader has it: there is no daemon, or it knows of none */
    MSI_BROADCAST_UNSURE,   /* the daemon does not answer; it may deliver the datagram when it hears
                               it */
} msi_broadcast_result;

/** A writer's connection to mailslotd, made with the first message. Begins as
 *  MSI_BROADCASTER_NONE. */
typedef struct {
    msi_rundown gate; /* its lock: one request at a time */
    uint64_t avoided_until;
    msi_broadcast_result avoided_as;
    uint64_t hung_up_ns; /* the last pause after it hung up */
    /* Under msi_fork_lock(). */
    int fd;
    bool interrupted;
} msi_broadcaster;

#define MSI_BROADCASTER_NONE ((msi_broadcaster){.fd = -1})

/** Hands a datagram that is about to be broadcast to mailslotd. Blocks for a quarter of a second
 *  at most. Any thread. */
msi_broadcast_result msi_broadcast(msi_broadcaster *broadcaster, const unsigned char *datagram,
                                   size_t len);

/** Ends a msi_broadcast() in progress, and each later one at once. */
void msi_broadcaster_interrupt(msi_broadcaster *broadcaster);

/** Closes the connection; async-signal-safe. */
void msi_broadcaster_release(msi_broadcaster *broadcaster);

#endif
