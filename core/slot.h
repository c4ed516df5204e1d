/* The mailslot object, shared by slot.c (lifecycle), put.c, get.c and inspect.c. */
#ifndef MSI_SLOT_H
#define MSI_SLOT_H

#include "codec_memory.h"
#include "rundown.h"
#include "transport.h"
#include "unwind.h"

struct mailslot {
    /* The gate serialises use of the reader end and the choice of direction; see rundown.h. */
    msi_rundown gate;
    atomic_bool closing;
    bool in_child; /* copied from the parent by fork: stays closed */
    /* At most one of the two is ever set; once set, it stays until the slot is closed. */
    _Atomic(msi_endpoint *) reader, writer;
    size_t limit; /* a writer's: the smaller of its own and the reader's; set before writer */
    _Atomic(mailslot_sink *) sink; /* reused by the next put, so that most puts do not allocate */
    atomic_int timeout_ms;
    const msi_transport *transport; /* fixed before reader or writer is set */
    mailslot_options options;       /* host is the caller's, NULL after open */
    msi_name name;
    mailslot *next, **self; /* all slots of this process, under msi_fork_lock() */
};

/** The largest message this handle's own options allow. */
size_t msi_slot_own_limit(const mailslot *slot);

/** Fails with err; prefixes this thread's last detail with "NAME: ". */
mailslot_err msi_slot_fail(const mailslot *slot, mailslot_err err);

/** Moves from `from` to LOCKED even on failure, and stores the reader end, which it opens if
 *  this is the first use. CLOSED, WRONG_DIRECTION, and the errors of mailslot_open() for
 *  readers. */
mailslot_err msi_slot_lock_reader(mailslot *slot, msi_standing from, msi_endpoint **reader);

/** Moves from OUTSIDE to BUSY even on failure. CLOSED. */
mailslot_err msi_slot_enter(mailslot *slot);

/** While BUSY: stores the writer end, which it attaches if this is the first use. CLOSED,
 *  WRONG_DIRECTION, and the errors of mailslot_open() for writers. */
mailslot_err msi_slot_writer(mailslot *slot, msi_endpoint **writer);

/** Fails with CLOSED. */
mailslot_err msi_slot_fail_closed(const mailslot *slot);

/** Moves from BUSY to OUTSIDE and sets *busy to NULL; does nothing if it is NULL. For
 *  MSI_ON_UNWIND(). */
static inline void msi_slot_leave(mailslot **busy) {
    if (*busy)
        msi_rundown_leave(&(*busy)->gate);
    *busy = NULL;
}

/** While BUSY: must run after each call into the program's code, such as a codec, which may have
 *  forked. In the child the fork emptied the gate: this makes the thread BUSY again. Sets *slot to
 *  NULL; does nothing if it is NULL. For MSI_ON_UNWIND(). */
static inline void msi_slot_come_back(mailslot **slot) {
    if (*slot && (*slot)->in_child)
        msi_rundown_enter(&(*slot)->gate);
    *slot = NULL;
}

/** After msi_slot_come_back(): CLOSED in a child that the call into the program's code forked. */
static inline mailslot_err msi_slot_check_child(const mailslot *slot) {
    return slot->in_child ? msi_slot_fail_closed(slot) : MAILSLOT_OK;
}

#endif
