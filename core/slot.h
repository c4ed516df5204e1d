/* The inside of a mailslot object, for slot.c (lifecycle), put.c, get.c and look.c. */
#ifndef MSI_SLOT_H
#define MSI_SLOT_H

#include "codec_memory.h"
#include "rundown.h"
#include "transport.h"

struct mailslot {
    /* The gate guards the reader end and the fixing of the direction; see gate.h. */
    msi_rundown gate;
    atomic_bool closing;
    bool in_child; /* a fork copied it from the parent: it stays closed */
    /* At most one of the two is ever set; once set, it stays until the slot is closed. */
    _Atomic(msi_endpoint *) reader, writer;
    size_t limit;                  /* a writer's: its own and the reader's; set before writer */
    _Atomic(mailslot_sink *) sink; /* a spare one, so that puts need not allocate */
    atomic_int timeout_ms;
    const msi_transport *transport; /* fixed before reader or writer is set */
    mailslot_options options;       /* host is the caller's, NULL after open */
    msi_name name;
    mailslot *next, **self; /* all slots of this process, under msi_fork_lock() */
};

/** The largest message this handle's own options allow. */
size_t msi_slot_own_limit(const mailslot *slot);

/** Fails with err, whose detail becomes "NAME: " and what was said before. */
mailslot_err msi_slot_fail(const mailslot *slot, mailslot_err err);

/** From `from` to LOCKED, whatever the result: the reader end, made now if this is the first use.
 *  CLOSED, WRONG_DIRECTION, and what mailslot_open() says of reading. */
mailslot_err msi_slot_lock_reader(mailslot *slot, msi_standing from, msi_endpoint **reader);

/** From OUTSIDE to BUSY, whatever the result. CLOSED. */
mailslot_err msi_slot_enter(mailslot *slot);

/** BUSY: the writer end, attached now if this is the first use. CLOSED, WRONG_DIRECTION, and what
 *  mailslot_open() says of writing. */
mailslot_err msi_slot_writer(mailslot *slot, msi_endpoint **writer);

/** The rest of msi_slot_come_back(). */
mailslot_err msi_slot_come_back_in_child(mailslot *slot);

/** BUSY: to be called after a call of the program's own code, such as a codec, which may have
 *  forked. The fork left the child's gate empty: there, this thread is BUSY again, and the slot
 *  CLOSED. */
static inline mailslot_err msi_slot_come_back(mailslot *slot) {
    return slot->in_child ? msi_slot_come_back_in_child(slot) : MAILSLOT_OK;
}

#endif
