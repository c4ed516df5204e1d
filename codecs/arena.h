/* An arena: memory that is allocated in small pieces and freed all at once. */
#ifndef MSI_ARENA_H
#define MSI_ARENA_H

#include <mailslot/codec.h>
#include <protobuf-c/protobuf-c.h>

#include <stddef.h>

/**
 * Pieces are cut from blocks. The blocks come from malloc(), with a budget of `left` bytes, or from
 * a record's scratch memory, which has its own budget and is freed with the record.
 *
 * Start from {.left = budget} and end with msi_arena_free(), or start from {.scratch = scratch}.
 */
struct msi_arena {
    mailslot_scratch *scratch; /* NULL: malloc() */
    struct msi_block *blocks;  /* from malloc(), the newest first */
    unsigned char *at;         /* the unused rest of the newest block */
    size_t room;
    size_t left;
    mailslot_err err; /* MAILSLOT_OK; once an allocation failed: TOO_COMPLEX (budget), NO_MEMORY */
};

/** size zeroed bytes, aligned for any type; NULL if the budget or memory is used up. Never NULL
 *  for size 0. */
void *msi_arena_alloc(struct msi_arena *arena, size_t size);

/** count times size zeroed bytes, as msi_arena_alloc(). */
void *msi_arena_array(struct msi_arena *arena, size_t count, size_t size);

/** A copy of text; NULL as msi_arena_alloc(). */
char *msi_arena_text(struct msi_arena *arena, const char *text);

/** Frees what came from malloc(). */
void msi_arena_free(struct msi_arena *arena);

/** The arena as an allocator for protobuf-c. Its memory is not zeroed, and free does nothing. */
ProtobufCAllocator msi_arena_allocator(struct msi_arena *arena);

#endif
