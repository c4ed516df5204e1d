/* One end of a local slot: its mapped file, and a view of the queue in it. */
#ifndef MSI_ATTACHMENT_H
#define MSI_ATTACHMENT_H

#include "slotfile.h"

/** Must not move after msi_attachment_view(): the queue's hooks point to file. */
typedef struct {
    msi_slotfile file;
    msi_queue queue;
} msi_attachment;

/** Makes the view of the queue in end->file, for the reader or for inspection. */
void msi_attachment_view(msi_attachment *end);

/** Makes this process a writer of the slot whose file has just been opened for writing. On
 *  failure the file is released and unmapped. FULL (65,535 writers), OS. */
mailslot_err msi_attachment_attach(msi_attachment *end, uint32_t pid);

/** Closes and unmaps the file, which releases its locks. Async-signal-safe. A forked child must
 *  unmap too: an open-file-description lock lives as long as any mapping of its open(), and a
 *  child would keep the slots of its dead parent alive. */
void msi_attachment_release(msi_attachment *end);

/** The largest message that the slot accepts, in bytes. */
size_t msi_attachment_limit(const msi_attachment *end);

#endif
