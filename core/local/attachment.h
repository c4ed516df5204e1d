/* One end of a local slot: its file, and the view of the queue that lies in it. */
#ifndef MSI_ATTACHMENT_H
#define MSI_ATTACHMENT_H

#include "slotfile.h"

/** Must not move once it is viewed, since the queue's hooks know the file. */
typedef struct {
    msi_slotfile file;
    msi_queue queue;
} msi_attachment;

/** Views the queue of end->file, as the reader or to look from outside. */
void msi_attachment_view(msi_attachment *end);

/** With end->file just opened to write: makes this process, pid, one of the slot's writers. On
 *  failure the file is released and unmapped. FULL (65,535 writers), OS. */
mailslot_err msi_attachment_attach(msi_attachment *end, uint32_t pid);

/** Lets go of the file, its locks and its mapping. Async-signal-safe. The mapping goes too, in a
 *  forked child as well: it keeps the locks of the open() it was made from, and a child that lived
 *  on with it would keep a dead parent's slots alive. */
void msi_attachment_release(msi_attachment *end);

/** Largest message that the slot takes. */
size_t msi_attachment_limit(const msi_attachment *end);

#endif
