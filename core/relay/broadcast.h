/* Telling mailslotd, and through it this computer's readers, of a message for many. */
#ifndef MSI_RELAY_SPREAD_H
#define MSI_RELAY_SPREAD_H

#include "rundown.h"

#include <stddef.h>
#include <stdint.h>

typedef enum {
    MSI_SPREAD_TOLD,     /* a reader of this user has it, if it had room */
    MSI_SPREAD_NOT_HERE, /* it cannot have reached one: there is no daemon, or it knows of none */
    MSI_SPREAD_UNSURE,   /* there is a daemon that does not answer; it will hear the broadcast */
} msi_spread_result;

/** A writer's connection for that, made with the first message. Begins as MSI_SPREADER_NONE. */
typedef struct {
    msi_gate gate; /* its lock: one question at a time */
    uint64_t avoided_until;
    msi_spread_result avoided_as;
    uint64_t hung_up_ns; /* how long it was avoided when it last hung up at once */
    /* Under msi_fork_lock(). */
    int fd;
    bool interrupted;
} msi_spreader;

#define MSI_SPREADER_NONE ((msi_spreader){.fd = -1})

/** Hands a datagram that is about to be broadcast to mailslotd, which gives it to the readers of
 *  this computer and knows it when it hears it again. Takes a quarter of a second at most. Any
 *  thread. */
msi_spread_result msi_spread(msi_spreader *spreader, const unsigned char *datagram, size_t len);

/** Ends the wait of who asks, for good. */
void msi_spreader_interrupt(msi_spreader *spreader);

/** Closes the connection; async-signal-safe. */
void msi_spreader_release(msi_spreader *spreader);

#endif
