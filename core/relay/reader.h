/*
 * A reader's standing with mailslotd: while the daemon runs, a connection that keeps the slot
 * registered, and one thread that hands over what comes. Without a daemon there is neither; the
 * reader looks for one when it opens, and afterwards at most once a second.
 *
 * While the thread waits for room in the slot it does not read, so the socket fills, and the daemon
 * feels it.
 */
#ifndef MSI_RELAY_READER_H
#define MSI_RELAY_READER_H

#include "envelope.h"

typedef struct msi_relay_reader msi_relay_reader;

/** Puts one message, no larger than the slot's limit, into the reader's queue; waits for room for
 *  as long as that takes. Called by the thread. CLOSED: interrupted, and no more of it. FULL,
 *  NO_MEMORY, OS: not now, it will be called again. Anything else: the message is lost. */
typedef mailslot_err msi_relay_deliver(void *ctx, const msi_message *message, const void *data);

/** How a slot presents itself; see the protocol's REGISTER. */
typedef struct {
    const char *key; /* copied */
    mailslot_access access;
    bool local_only;
    uint32_t limit;
    msi_relay_deliver *deliver;
    /** Makes deliver possible; called before the slot registers, with msi_fork_lock() held, and by
     *  nobody else meanwhile. False: it must not register now. */
    bool (*prepare)(void *ctx);
    /** Tells whether the slot is registered. Called by the thread. */
    void (*registered)(void *ctx, bool is);
    void *ctx;
} msi_relay_slot;

/** Makes a standing and looks for a daemon; hold msi_fork_lock(). If there is one, a tenth of a
 *  second is waited for its answer, so that who hears of the slot afterwards finds it there too.
 *  Succeeds whether there is one or not. NO_MEMORY. */
mailslot_err msi_relay_reader_new(msi_relay_reader **reader, const msi_relay_slot *slot);

/** Looks for a daemon if there is no connection and the last look was a second ago; costs a few ns
 *  otherwise. Waits for nobody. Any thread, several at once, without msi_fork_lock(). */
void msi_relay_reader_look(msi_relay_reader *reader);

/** Ends the thread (which a deliver in progress must let it: interrupt that first), without
 *  msi_fork_lock(). Then frees. */
void msi_relay_reader_stop(msi_relay_reader *reader);
void msi_relay_reader_free(msi_relay_reader *reader);

/** In a forked child: closes the descriptor; async-signal-safe. Then frees without the thread. */
void msi_relay_reader_release(msi_relay_reader *reader);
void msi_relay_reader_abandon(msi_relay_reader *reader);

#endif
