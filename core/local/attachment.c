/* Attaches a queue view to a slot file; liveness and memory come from the file's locks and space.
 */
#include "attachment.h"

static bool attachment_holder_lives(void *file, uint32_t holder) {
    return msi_slotfile_is_held(file, holder);
}

static bool attachment_reserve_chunk(void *file, uint32_t chunk) {
    return msi_slotfile_reserve(file, chunk);
}

void msi_attachment_view(msi_attachment *end) {
    end->queue = (msi_queue){
        .shared = msi_slotfile_queue(&end->file),
        .ring = msi_slotfile_ring(&end->file),
        .layout = end->file.layout,
        .hooks = {attachment_holder_lives, attachment_reserve_chunk, &end->file},
    };
}

mailslot_err msi_attachment_attach(msi_attachment *end, uint32_t pid) {
    msi_attachment_view(end);
    end->queue.pid = pid;
    mailslot_err err = msi_slotfile_hold_writer_byte(&end->file, &end->queue.self);
    if (err)
        msi_attachment_release(end);
    else
        msi_queue_adopt(&end->queue);
    return err;
}

void msi_attachment_release(msi_attachment *end) {
    msi_slotfile_release(&end->file);
    msi_slotfile_unmap(&end->file);
}

size_t msi_attachment_limit(const msi_attachment *end) {
    size_t largest = msi_queue_largest(&end->file.layout);
    size_t limit = end->file.max_message ? end->file.max_message : MSI_DEFAULT_MAX;
    return limit < largest ? limit : largest;
}
