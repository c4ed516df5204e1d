/*
 * A reader's registration with mailslotd. While the daemon runs there is a connection that keeps
 * the slot registered, and one thread that takes deliveries; without a daemon there is neither. The
 * reader looks for a daemon when it opens, and afterwards at most once a second.
 *
 * While the thread waits for room in the slot it does not receive, so the socket fills and the
 * daemon stops sending.
 */
#ifndef MSI_RELAY_READER_H
#define MSI_RELAY_READER_H

#include "envelope.h"

typedef struct msi_relay_reader msi_relay_reader;

/** Puts one message, no larger than the slot's limit, into the reader's queue; blocks while it
 *  is full. Called by the thread. CLOSED: interrupted, deliver no more. FULL, NO_MEMORY, OS: it
 *  will be called again with the same message. Any other error: the message is lost. */
typedef mailslot_err msi_relay_deliver(void *ctx, const msi_message *message, const void *data);

/** What a slot registers with; see REGISTER in protocol.h. */
typedef struct {
    const char *key; /* copied */
    mailslot_access access;
    bool local_only;
    uint32_t limit;
    msi_relay_deliver *deliver;
    /** Makes deliver possible; called before the slot registers, with msi_fork_lock() held and
     *  never concurrently. False: do not register now. */
    bool (*prepare)(void *ctx);
    /** Publishes whether the slot is registered or, if not, the daemon's reason to refuse it; OK:
     *  there is no daemon, or it has ended. Called by the thread, or while none runs. */
    void (*registered)(void *ctx, bool is, mailslot_err refusal);
    void *ctx;
} msi_relay_slot;

/** Makes the registration and looks for a daemon; hold msi_fork_lock(). If one runs, waits a
 *  tenth of a second for its answer, so that programs that see the slot can also reach it
 *  through the daemon. Succeeds without a daemon too. NO_MEMORY. */
mailslot_err msi_relay_reader_new(msi_relay_reader **reader, const msi_relay_slot *slot);

/** Looks for a daemon if there is no connection and the last look was a second ago; costs a few
 *  ns otherwise. Never blocks. Any thread, several at once, without msi_fork_lock(). */
void msi_relay_reader_look(msi_relay_reader *reader);

/** Ends the thread, without msi_fork_lock(); a deliver in progress must have been interrupted.
 *  Then frees. */
void msi_relay_reader_stop(msi_relay_reader *reader);
void msi_relay_reader_free(msi_relay_reader *reader);

/** In a forked child: closes the descriptor (async-signal-safe), then frees without joining the
 *  thread. */
void msi_relay_reader_release(msi_relay_reader *reader);
void msi_relay_reader_abandon(msi_relay_reader *reader);

#endif
