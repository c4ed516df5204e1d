/* Memory that is freed all at once and has a bound. */
#ifndef MSI_ARENA_H
#define MSI_ARENA_H

#include <mailslot/mailslot.h>
#include <protobuf-c/protobuf-c.h>

#include <stddef.h>

/** Start from {.left = budget in bytes}; end with msi_arena_free(). */
struct msi_arena {
    struct msi_block *blocks;
    size_t left;
    mailslot_err err; /* MAILSLOT_OK; once an allocation failed: TOO_COMPLEX (budget), NO_MEMORY */
};

/** size zeroed bytes, aligned for any type; NULL if the budget or memory is used up. Never NULL
 *  for size 0. */
void *msi_arena_alloc(struct msi_arena *arena, size_t size);

/** count times size zeroed bytes, as msi_arena_alloc(). */
void *msi_arena_array(struct msi_arena *arena, size_t count, size_t size);

/** Frees what was allocated. */
void msi_arena_free(struct msi_arena *arena);

/** The arena as protobuf-c takes memory. */
ProtobufCAllocator msi_arena_allocator(struct msi_arena *arena);

#endif
