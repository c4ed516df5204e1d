/*
 * The interface that every transport implements: one table of functions per way in which messages
 * travel. slot.c, put.c, get.c and inspect.c know transports by this interface only; transports.h
 * has the platform's list.
 *
 * An endpoint is one end of a slot: the reader, or a writer. slot.c promises every transport:
 *
 *   open_reader, open_writer, stop, close
 *                  never concurrently with another call on that endpoint; open and close with
 *                  msi_fork_lock() held
 *   take, look, full, waitable, set_timeout
 *                  one at a time (the slot's rundown lock is held)
 *   wait           by several threads, concurrently with the above
 *   put            by several threads at once
 *   interrupt      at any time between open and close; afterwards put and wait must return soon
 *   release        in a forked child with no other thread alive; only abandon follows
 *   abandon        instead of close
 *
 * Functions that a direction does not have may be NULL (a writer-only transport has no
 * open_reader).
 */
#ifndef MSI_TRANSPORT_H
#define MSI_TRANSPORT_H

#include "envelope.h"

typedef struct msi_endpoint msi_endpoint;

typedef struct msi_transport {
    /** Whether this transport carries messages to such names. */
    bool (*serves)(const msi_name *name);

    /** Becomes the reader. Every default of options is filled in except max_message (0: none set).
     *  IN_USE, DENIED, DAMAGED, INVALID, FULL, NO_MEMORY, OS. */
    mailslot_err (*open_reader)(msi_endpoint **endpoint, const msi_name *name,
                                const mailslot_options *options);

    /** Attaches to a reader and stores the largest message in bytes that it accepts. options are
     *  the caller's with defaults filled in; options->host may be read during this call only, and
     *  is NULL unless the name is on other computers. After NOT_FOUND and DENIED slot.c asks the
     *  next transport that serves the name.
     *
     *  A transport of local names may also be given a name of another scope, with options NULL: it
     *  then attaches to this computer's reader of a message for many computers, and a reader that
     *  refuses the network is NOT_FOUND.
     *
     *  May release msi_fork_lock() while it waits. BAD_NAME, INVALID, DAMAGED, NO_MEMORY, OS. */
    mailslot_err (*open_writer)(msi_endpoint **endpoint, const msi_name *name,
                                const mailslot_options *options, size_t *limit);

    /** Ends the endpoint's own threads; close follows. May be NULL. */
    void (*stop)(msi_endpoint *endpoint);

    /** Releases everything and frees the endpoint; a reader discards the messages that wait. */
    void (*close)(msi_endpoint *endpoint);

    /** Frees the endpoint in a forked child without touching what the parent goes on using, in two
     *  steps: release runs in the fork handler and closes descriptors and mappings
     *  (async-signal-safe), abandon frees memory when the child closes its copy. */
    void (*release)(msi_endpoint *endpoint);
    void (*abandon)(msi_endpoint *endpoint);

    /** Makes each put in progress, and each later one, return CLOSED, and each wait return. */
    void (*interrupt)(msi_endpoint *endpoint);

    /** Queues or sends one message; waits for room for timeout_ms, but reads no clock if it finds
     *  room: that would cost as much as the put. FULL, GONE, CLOSED, DAMAGED, NO_HOST, NO_MEMORY,
     * OS. */
    mailslot_err (*put)(msi_endpoint *endpoint, const void *data, size_t len, int timeout_ms);

    /** Takes the oldest message into buf, which holds cap bytes, without waiting. message->len is
     *  set with TOO_SMALL too, and the message stays. EMPTY, TOO_SMALL, DAMAGED, GONE (the slot
     *  is empty and can no longer be found by its name). */
    mailslot_err (*take)(msi_endpoint *endpoint, void *buf, size_t cap, msi_message *message);

    /** Returns when a message may be there, when interrupted, or at the deadline. */
    void (*wait)(msi_endpoint *endpoint, uint64_t deadline);

    /** Fills in every member of *info but size. DAMAGED. */
    mailslot_err (*look)(msi_endpoint *endpoint, mailslot_info *info);

    /** Stores whether the slot would refuse a message of len bytes. DAMAGED. */
    mailslot_err (*full)(msi_endpoint *endpoint, size_t len, bool *full);

    /** Counts a message that was taken but failed to decode with err. May be called at any time. */
    void (*count_bad)(msi_endpoint *endpoint, mailslot_err err);

    /** Counts a put that exceeded the writer's limit. By several threads at once. May be NULL. */
    void (*count_too_big)(msi_endpoint *endpoint);

    /** Publishes the slot's timeout to processes that inspect it. */
    void (*set_timeout)(msi_endpoint *endpoint, int timeout_ms);

    /** As mailslot_waitable(). */
    mailslot_err (*waitable)(msi_endpoint *endpoint, mailslot_handle *handle);

    /** As mailslot_stat() and mailslot_list(), with complete infos. */
    mailslot_err (*stat)(const msi_name *name, mailslot_info *info);
    mailslot_err (*list)(mailslot_err (*each)(void *ctx, const char *name,
                                              const mailslot_info *info),
                         void *ctx);

    /** Copies the newest message of a live slot, taken or not, as take does. May be NULL. As stat,
     *  and EMPTY, TOO_SMALL. */
    mailslot_err (*peek)(const msi_name *name, void *buf, size_t cap, msi_message *message);
} msi_transport;

#endif
