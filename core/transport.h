/*
 * What a transport is: the only thing slot.c knows of how messages travel. One table per way of
 * travelling; the platform's list is msi_transports.
 *
 * An endpoint is one end of a slot: the reader, or a writer. Who calls when is slot.c's business
 * and a promise to every transport:
 *
 *   open, stop, close
 *                  never at the same time as anything else on that endpoint; open and close with
 *                  msi_fork_lock() held
 *   take, look, full, waitable, set_timeout
 *                  one at a time (a reader's gate is held)
 *   wait           by several threads, at the same time as the above
 *   put            by several threads at once
 *   interrupt      at any time between open and close; afterwards put and wait must return soon
 *   release        in a forked child, with no other thread alive; nothing follows but
 *   abandon        instead of close
 *
 * Functions a direction does not have may be NULL (a writer-only transport has no open_reader).
 */
#ifndef MSI_TRANSPORT_H
#define MSI_TRANSPORT_H

#include "envelope.h"
#include "netbios/config.h"

typedef struct msi_endpoint msi_endpoint;

typedef struct msi_transport {
    /** Whether names like this one are this transport's. */
    bool (*serves)(const msi_name *name);

    /** Becomes the reader, with options whose every default has been filled in except max_message
     *  (0: none set). IN_USE, DENIED, DAMAGED, INVALID, FULL, NO_MEMORY, OS. */
    mailslot_err (*open_reader)(msi_endpoint **endpoint, const msi_name *name,
                                const mailslot_options *options);

    /** Attaches to a reader and stores the largest message in bytes it lets pass. host says what
     *  this computer is on its network; NULL if the name is local. After NOT_FOUND and DENIED the
     *  next transport that serves the name is asked. A transport of local names may be asked for
     *  this computer's part in a message for many, when the name has another scope: a reader that
     *  refuses the network is then NOT_FOUND. May let go of msi_fork_lock() while it waits for
     *  somebody. BAD_NAME, DAMAGED, NO_MEMORY, OS. */
    mailslot_err (*open_writer)(msi_endpoint **endpoint, const msi_name *name,
                                const msi_config *host, size_t *limit);

    /** Ends the threads that the endpoint has of its own; close follows. May be NULL. */
    void (*stop)(msi_endpoint *endpoint);

    /** Lets go of everything and frees the endpoint; a reader discards what waits. */
    void (*close)(msi_endpoint *endpoint);

    /** Frees the endpoint in a forked child, without touching what the parent goes on using, in
     *  two steps: release in the fork handler lets go of the system's things (async-signal-safe),
     *  abandon frees the rest when the child closes its copy. */
    void (*release)(msi_endpoint *endpoint);
    void (*abandon)(msi_endpoint *endpoint);

    /** Makes put and wait in progress, and all later ones, return CLOSED or at once. */
    void (*interrupt)(msi_endpoint *endpoint);

    /** Queues one message, or sends it; waits for room until deadline (see msi_deadline()). FULL,
     *  GONE, CLOSED, DAMAGED, NO_HOST, NO_MEMORY, OS. */
    mailslot_err (*put)(msi_endpoint *endpoint, const void *data, size_t len, uint64_t deadline);

    /** Takes the oldest message into buf, which holds cap bytes, without waiting. message->len is
     *  set with TOO_SMALL too, and the message stays. EMPTY, TOO_SMALL, DAMAGED. */
    mailslot_err (*take)(msi_endpoint *endpoint, void *buf, size_t cap, msi_message *message);

    /** Returns when a message may be there, when interrupted, or at the deadline. */
    void (*wait)(msi_endpoint *endpoint, uint64_t deadline);

    /** Fills in every member of *info but size. DAMAGED. */
    mailslot_err (*look)(msi_endpoint *endpoint, mailslot_info *info);

    /** Whether the slot would refuse a message of len bytes. DAMAGED. */
    mailslot_err (*full)(msi_endpoint *endpoint, size_t len, bool *full);

    /** Tells that a message taken did not decode, and why. May be called at any time. */
    void (*count_bad)(msi_endpoint *endpoint, mailslot_err err);

    /** Tells a writer that a put was over its limit. By several threads at once. May be NULL. */
    void (*count_too_big)(msi_endpoint *endpoint);

    /** Whether the reader that a writer is attached to has from mailslotd what that hears. May be
     *  NULL. */
    bool (*registered)(const msi_endpoint *endpoint);

    /** Publishes the slot's timeout to those who look at it from outside. */
    void (*set_timeout)(msi_endpoint *endpoint, int timeout_ms);

    /** As mailslot_waitable(). */
    mailslot_err (*waitable)(msi_endpoint *endpoint, mailslot_handle *handle);

    /** As mailslot_stat() and mailslot_list(), with complete infos. */
    mailslot_err (*stat)(const msi_name *name, mailslot_info *info);
    mailslot_err (*list)(mailslot_err (*each)(void *ctx, const char *name,
                                              const mailslot_info *info),
                         void *ctx);

    /** Copies the newest message of a live slot, taken or not, as take does. May be NULL. What stat
     *  can fail with; EMPTY, TOO_SMALL. */
    mailslot_err (*peek)(const msi_name *name, void *buf, size_t cap, msi_message *message);
} msi_transport;

/** This platform's transports, NULL at the end. The first that serves a name carries it; a writer
 *  that it does not attach asks the next that serves it. */
extern const msi_transport *const msi_transports[];

#endif
