/* The fast paths through the ring's memory; ring.c describes the ring and has the slow paths. */
#ifndef MSI_RING_H
#define MSI_RING_H

#include "error.h"
#include "queue_memory.h"

#include <string.h>

static inline mailslot_err msi_table_damaged(void) {
    return mailslot_fail(MAILSLOT_ERR_DAMAGED, "the queue's table of chunks is damaged");
}

/** The slow paths of the functions below. */
mailslot_err msi_ring_reserve_slowly(msi_queue *queue, uint32_t until);
bool msi_ring_write_slowly(const msi_queue *queue, uint64_t *cursor, const void *data, size_t len);
bool msi_ring_read_slowly(const msi_queue *queue, uint64_t *cursor, void *data, size_t len);

static inline size_t msi_ring_chunk_size(const msi_queue *queue) {
    return (size_t)1 << queue->layout.chunk_shift;
}

/** The table's entry for the byte at cursor, which counts from position 0 on. */
static inline _Atomic uint16_t *msi_ring_entry(const msi_queue *queue, uint64_t cursor) {
    return &queue->shared->table[(cursor >> queue->layout.chunk_shift) % MSI_TABLE_SIZE];
}

/** Where the byte at cursor lies, and how many lie behind it in the same chunk. NULL if the table
 *  is damaged. */
static inline unsigned char *msi_ring_at(const msi_queue *queue, uint64_t cursor, size_t *room) {
    uint32_t chunk = atomic_load_explicit(msi_ring_entry(queue, cursor), memory_order_relaxed);
    size_t offset = cursor & (msi_ring_chunk_size(queue) - 1);
    *room = msi_ring_chunk_size(queue) - offset;
    if (chunk >= queue->layout.chunks)
        return NULL;
    return queue->ring + ((size_t)chunk << queue->layout.chunk_shift) + offset;
}

/** With the lock held: sees to it that positions up to `until` have chunks. Changes nothing that
 *  the reader still needs; may be killed anywhere and repeated. FULL (without a detail; the
 *  system has no memory left), DAMAGED. */
static inline mailslot_err msi_ring_reserve(msi_queue *queue, uint32_t until) {
    uint64_t word = atomic_load_explicit(&queue->shared->assigned, memory_order_relaxed);
    if ((int32_t)(until - msi_position(word)) <= 0)
        return MAILSLOT_OK;
    return msi_ring_reserve_slowly(queue, until);
}

/** Copies to the ring at *cursor and moves it on. False if the table is damaged. */
static inline bool msi_ring_write(const msi_queue *queue, uint64_t *cursor, const void *data,
                                  size_t len) {
    size_t room;
    unsigned char *to = msi_ring_at(queue, *cursor, &room);
    if (!to || len > room)
        return msi_ring_write_slowly(queue, cursor, data, len);
    if (len)
        memcpy(to, data, len);
    *cursor += len;
    return true;
}

/** Copies from the ring at *cursor and moves it on. False if the table is damaged. */
static inline bool msi_ring_read(const msi_queue *queue, uint64_t *cursor, void *data, size_t len) {
    size_t room;
    const unsigned char *from = msi_ring_at(queue, *cursor, &room);
    if (!from || len > room)
        return msi_ring_read_slowly(queue, cursor, data, len);
    if (len)
        memcpy(data, from, len);
    *cursor += len;
    return true;
}

/** Has this CPU fetch, to write to them, the lines that the next message of len bytes at cursor is
 *  likely to take. Meanwhile the writer does something else: when it comes to write, it need not
 *  wait for the reader's CPU to give them up. */
static inline void msi_ring_prefetch(const msi_queue *queue, uint64_t cursor, size_t len) {
    enum { LINE = 64, NEAREST = 2 * LINE, FARTHEST = 24 * LINE };
    size_t room;
    const unsigned char *next = msi_ring_at(queue, cursor, &room);
    size_t end = len + NEAREST + LINE < FARTHEST ? len + NEAREST + LINE : FARTHEST;
    if (!next)
        return;
    for (size_t offset = NEAREST; offset < room && offset < end; offset += LINE)
        msi_prefetch_to_write(next + offset);
}

#endif
