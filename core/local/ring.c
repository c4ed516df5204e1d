/*
 * The ring's memory, divided into chunks, and the table that maps positions to chunks.
 *
 * Chunks that the table has given out hold the positions [end - chunks * chunk size, end), each
 * chunk once: a turning ring of `chunks` chunks. Moving on by one chunk either gives the oldest
 * one, once the reader has left it, the newest positions, or takes a fresh one into the ring. A
 * fresh one is taken while few are free, so that the ring stays as small as the backlog was ever
 * large, whatever the capacity.
 *
 * Both are two stores, the table's entry and then `assigned`: killed between, they are done again.
 */
#include "ring.h"

/* Free chunks to go round before one is used again, so that its lines have left the cache of the
 * reader's processor. */
enum { SPARE_CHUNKS = 8 };

/* ---- Giving positions their chunks ---- */

typedef struct {
    uint32_t chunks, end;   /* as in shared->assigned */
    uint32_t step;          /* units of a chunk */
    uint32_t oldest, freed; /* first position held; chunks the reader has left */
} ring_assignment;

static bool ring_read_assignment(const msi_queue *queue, uint64_t word, ring_assignment *a) {
    uint32_t head = msi_position(atomic_load_explicit(&queue->shared->head, memory_order_acquire));
    a->chunks = msi_count(word);
    a->end = msi_position(word);
    a->step = (uint32_t)(msi_ring_chunk_size(queue) / MSI_UNIT);
    if (a->chunks > queue->layout.chunks || a->end % a->step)
        return false;
    a->oldest = a->end - a->chunks * a->step;
    a->freed = (head - a->oldest) / a->step;
    return head - a->oldest <= a->chunks * a->step;
}

static bool ring_take_fresh(msi_queue *queue, const ring_assignment *a, uint16_t *chunk) {
    *chunk = (uint16_t)a->chunks;
    return a->chunks < queue->layout.chunks && queue->hooks.reserve(queue->hooks.ctx, a->chunks);
}

static mailslot_err ring_move_on(msi_queue *queue, const ring_assignment *a) {
    uint32_t chunks = a->chunks;
    uint16_t chunk;
    if (a->freed <= SPARE_CHUNKS && ring_take_fresh(queue, a, &chunk))
        chunks++;
    else if (a->freed > 0)
        chunk = atomic_load_explicit(msi_ring_entry(queue, (uint64_t)a->oldest * MSI_UNIT),
                                     memory_order_relaxed);
    else
        return MAILSLOT_ERR_FULL;
    if (chunk >= chunks)
        return msi_table_damaged();
    atomic_store_explicit(msi_ring_entry(queue, (uint64_t)a->end * MSI_UNIT), chunk,
                          memory_order_relaxed);
    atomic_store_explicit(&queue->shared->assigned, msi_word(chunks, a->end + a->step),
                          memory_order_release);
    /* Order this before any write to the chunk: msi_queue_peek() may be copying its old content. */
    atomic_thread_fence(memory_order_release);
    return MAILSLOT_OK;
}

mailslot_err msi_ring_reserve_slowly(msi_queue *queue, uint32_t until) {
    for (;;) {
        uint64_t word = atomic_load_explicit(&queue->shared->assigned, memory_order_relaxed);
        if ((int32_t)(until - msi_position(word)) <= 0)
            return MAILSLOT_OK;
        ring_assignment a;
        if (!ring_read_assignment(queue, word, &a))
            return msi_table_damaged();
        mailslot_err err = ring_move_on(queue, &a);
        if (err)
            return err;
    }
}

/* ---- Copying ---- */

bool msi_ring_write_slowly(const msi_queue *queue, uint64_t *cursor, const void *data, size_t len) {
    for (const unsigned char *from = data; len;) {
        size_t room;
        unsigned char *to = msi_ring_at(queue, *cursor, &room);
        if (!to)
            return false;
        size_t n = len < room ? len : room;
        memcpy(to, from, n);
        from += n;
        len -= n;
        *cursor += n;
    }
    return true;
}

bool msi_ring_read_slowly(const msi_queue *queue, uint64_t *cursor, void *data, size_t len) {
    for (unsigned char *to = data; len;) {
        size_t room;
        const unsigned char *from = msi_ring_at(queue, *cursor, &room);
        if (!from)
            return false;
        size_t n = len < room ? len : room;
        memcpy(to, from, n);
        to += n;
        len -= n;
        *cursor += n;
    }
    return true;
}
