/* Telling mailslotd, and through it this computer's readers, of a message for many. */
#ifndef MSI_RELAY_BROADCAST_H
#define MSI_RELAY_BROADCAST_H

#include "rundown.h"

#include <stddef.h>
#include <stdint.h>

typedef enum {
    MSI_BROADCAST_TOLD,     /* a reader of this user has it, if it had room */
    MSI_BROADCAST_NOT_HERE, /* it cannot have reached one: there is no daemon, or it knows of none
                             */
    MSI_BROADCAST_UNSURE,   /* there is a daemon that does not answer; it will hear the broadcast */
} msi_broadcast_result;

/** A writer's connection for that, made with the first message. Begins as MSI_BROADCASTER_NONE. */
typedef struct {
    msi_rundown gate; /* its lock: one question at a time */
    uint64_t avoided_until;
    msi_broadcast_result avoided_as;
    uint64_t hung_up_ns; /* how long it was avoided when it last hung up at once */
    /* Under msi_fork_lock(). */
    int fd;
    bool interrupted;
} msi_broadcaster;

#define MSI_BROADCASTER_NONE ((msi_broadcaster){.fd = -1})

/** Hands a datagram that is about to be broadcast to mailslotd, which gives it to the readers of
 *  this computer and knows it when it hears it again. Takes a quarter of a second at most. Any
 *  thread. */
msi_broadcast_result msi_broadcast(msi_broadcaster *broadcaster, const unsigned char *datagram,
                                   size_t len);

/** Ends the wait of who asks, for good. */
void msi_broadcaster_interrupt(msi_broadcaster *broadcaster);

/** Closes the connection; async-signal-safe. */
void msi_broadcaster_release(msi_broadcaster *broadcaster);

#endif
