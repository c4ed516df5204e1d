/* A queue on plain memory of one process, with holders that a test can kill. */
#ifndef MEMORY_QUEUE_H
#define MEMORY_QUEUE_H

#include <local/queue.h>

#include <stdlib.h>
#include <string.h>

enum { MAX_HOLDERS = 16 };

typedef struct {
    msi_queue_layout layout;
    msi_queue_shared *shared;
    unsigned char *ring;
    atomic_bool dead[MAX_HOLDERS];
    atomic_uint reserved; /* chunks asked for, each counted as often as it was */
    uint32_t reservable;  /* chunks the system would give */
} memory_queue;

static inline bool memory_alive(void *ctx, uint32_t holder) {
    memory_queue *memory = ctx;
    return holder >= MAX_HOLDERS || !atomic_load(&memory->dead[holder]);
}

static inline bool memory_reserve(void *ctx, uint32_t chunk) {
    memory_queue *memory = ctx;
    atomic_fetch_add(&memory->reserved, 1);
    return chunk < memory->reservable;
}

static inline memory_queue *memory_queue_new(size_t capacity, uint32_t start) {
    memory_queue *memory = calloc(1, sizeof *memory);
    msi_queue_lay_out(&memory->layout, capacity);
    memory->shared = aligned_alloc(MSI_LINE, sizeof *memory->shared);
    memset(memory->shared, 0, sizeof *memory->shared);
    memory->ring = calloc(1, msi_queue_ring_size(&memory->layout)); /* as a new file reads */
    memory->reservable = UINT32_MAX;
    msi_queue_init(memory->shared, &memory->layout, start);
    return memory;
}

static inline void memory_queue_free(memory_queue *memory) {
    free(memory->shared);
    free(memory->ring);
    free(memory);
}

/* holder 0 is the reader. */
static inline msi_queue memory_queue_view(memory_queue *memory, uint32_t holder) {
    msi_queue queue = {.shared = memory->shared,
                       .ring = memory->ring,
                       .layout = memory->layout,
                       .hooks = {memory_alive, memory_reserve, memory},
                       .self = holder,
                       .pid = 1000 + holder};
    atomic_init(&queue.head, atomic_load(&memory->shared->head));
    queue.tail_seen = atomic_load(&memory->shared->head);
    return queue;
}

#endif
