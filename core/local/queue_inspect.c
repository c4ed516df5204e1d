/* Inspects a queue while others put and take. Locks and changes nothing; may run in any process. */
#include "frame.h"
#include "queue.h"

/* How often to retry when the queue changed meanwhile. */
enum { TRIES = 1000 };

static uint64_t inspect_number(const _Atomic uint64_t *at) {
    return atomic_load_explicit(at, memory_order_relaxed);
}

static void inspect_statistics(const msi_queue_shared *shared, mailslot_info *info) {
    info->bad_messages = inspect_number(&shared->bad_messages);
    info->refused = inspect_number(&shared->refused);
    info->bytes_in = inspect_number(&shared->bytes_put);
    info->messages_out = inspect_number(&shared->messages_taken);
    info->bytes_out = inspect_number(&shared->bytes_taken);
    info->too_big = inspect_number(&shared->too_big);
    info->too_complex = inspect_number(&shared->too_complex);
    info->lost = inspect_number(&shared->lost);
    info->largest = inspect_number(&shared->largest);
    info->messages_in = 0;
    for (unsigned i = 0; i < MAILSLOT_SIZE_CLASSES; i++) {
        info->sizes[i] = inspect_number(&shared->sizes[i]);
        info->messages_in += info->sizes[i];
    }
}

/* The same head before and after makes what was read in between one snapshot: messages are only
 * added meanwhile, and tail was read once. A reader that keeps taking gets a few chances. */
mailslot_err msi_queue_inspect(const msi_queue *queue, mailslot_info *info) {
    const msi_queue_shared *shared = queue->shared;
    for (int i = 0; i < TRIES; i++) {
        uint64_t head = atomic_load_explicit(&shared->head, memory_order_acquire);
        uint64_t tail = atomic_load_explicit(&shared->tail, memory_order_acquire);
        uint32_t waiting = msi_position(tail) - msi_position(head);
        uint64_t cursor = (uint64_t)msi_position(head) * MSI_UNIT;
        msi_frame_header header = {.len = 0};
        mailslot_err err = waiting > queue->layout.capacity ? msi_positions_damaged() : MAILSLOT_OK;
        uint32_t count = msi_count(tail) - msi_count(head);
        if (!err && waiting)
            err = msi_frame_read_header(queue, &cursor, waiting, &header);
        if (!err && count > waiting / (MSI_FRAME_HEADER / MSI_UNIT))
            err = msi_positions_damaged();
        atomic_thread_fence(memory_order_acquire);
        if (atomic_load_explicit(&shared->head, memory_order_relaxed) != head)
            continue;
        if (err)
            return err;
        info->next_size = waiting ? header.len : MAILSLOT_NEXT_NONE;
        info->count = count;
        info->used = (size_t)waiting * MSI_UNIT;
        inspect_statistics(shared, info);
        return MAILSLOT_OK;
    }
    return mailslot_fail(MAILSLOT_ERR_DAMAGED, "the queue's positions changed during all %d tries",
                         TRIES);
}

/* Whether the ring holds a position, and how many units from there on. */
static bool inspect_ring_holds(const msi_queue *queue, uint32_t position, uint32_t *left) {
    uint64_t word = atomic_load_explicit(&queue->shared->assigned, memory_order_acquire);
    uint32_t all = msi_count(word) << (queue->layout.chunk_shift - 3);
    *left = msi_position(word) - position;
    return msi_count(word) <= queue->layout.chunks && *left > 0 && *left <= all;
}

/* Whether a position lies behind all that the ring has ever held. */
static bool inspect_is_ahead(const msi_queue *queue, uint32_t position) {
    uint64_t word = atomic_load_explicit(&queue->shared->assigned, memory_order_acquire);
    return (int32_t)(msi_position(word) - position) <= 0;
}

/* A frame stays where it is, taken or not, until its chunk is given other positions. That the ring
 * holds its position after it was copied, too, makes the copy whole. A put that gave its chunk away
 * and then failed for want of memory leaves no newest message. */
mailslot_err msi_queue_peek(const msi_queue *queue, void *buf, size_t cap, msi_message *message) {
    uint32_t position = 0;
    for (int i = 0; i < TRIES; i++) {
        uint64_t newest = atomic_load_explicit(&queue->shared->newest, memory_order_acquire);
        msi_frame_header header;
        uint32_t held;
        position = msi_position(newest);
        if (!newest)
            return MAILSLOT_ERR_EMPTY;
        if (!inspect_ring_holds(queue, position, &held))
            continue;
        mailslot_err err = msi_frame_read(queue, position, held, &header, buf, cap, message);
        atomic_thread_fence(memory_order_acquire);
        if (inspect_ring_holds(queue, position, &held))
            return err;
    }
    return inspect_is_ahead(queue, position) ? msi_positions_damaged() : MAILSLOT_ERR_EMPTY;
}

mailslot_err msi_queue_full(const msi_queue *queue, size_t len, bool *full) {
    uint64_t head = atomic_load_explicit(&queue->shared->head, memory_order_relaxed);
    uint64_t tail = atomic_load_explicit(&queue->shared->tail, memory_order_relaxed);
    uint32_t used = msi_position(tail) - msi_position(head);
    if (used > queue->layout.capacity)
        return msi_positions_damaged();
    *full = msi_frame_units(MSI_FRAME_HEADER + len) > queue->layout.capacity - used;
    return MAILSLOT_OK;
}
