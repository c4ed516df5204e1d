/*
 * Arenas: one pointer moves through a block; a new block is taken when it reaches the end. The rest
 * of the old block is lost, which is little, since pieces are small against a block.
 */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Scratch memory doubles its own blocks, so what is taken of it at once is small. */
enum { MALLOC_BLOCK = 16 * 1024, SCRATCH_BLOCK = 1024, GRAIN = alignof(max_align_t) };

struct msi_block {
    struct msi_block *next;
    alignas(max_align_t) unsigned char data[];
};

static void *arena_fail(struct msi_arena *arena, mailslot_err err) {
    arena->err = err;
    return NULL;
}

static void *arena_malloc(struct msi_arena *arena, size_t size) {
    struct msi_block *block = malloc(sizeof *block + size);
    if (!block)
        return arena_fail(arena, MAILSLOT_ERR_NO_MEMORY);
    block->next = arena->blocks;
    arena->blocks = block;
    return block->data;
}

/* Near the end of the budget a whole block may be too much where the piece itself is not. */
static void *arena_scratch(struct msi_arena *arena, size_t size, size_t *block) {
    void *memory = mailslot_scratch_alloc(arena->scratch, *block);
    if (!memory && size < *block) {
        *block = size;
        memory = mailslot_scratch_alloc(arena->scratch, size);
    }
    return memory ? memory : arena_fail(arena, mailslot_scratch_error(arena->scratch));
}

/* A new block, and the piece of size bytes at its beginning. */
static void *arena_grow(struct msi_arena *arena, size_t size) {
    size_t block = arena->scratch ? SCRATCH_BLOCK : MALLOC_BLOCK;
    if (block < size)
        block = size;
    unsigned char *memory =
        arena->scratch ? arena_scratch(arena, size, &block) : arena_malloc(arena, block);
    if (memory) {
        arena->at = memory + size;
        arena->room = block - size;
    }
    return memory;
}

/* Scratch memory is charged by the record, against the slot's decode_budget. */
static bool arena_charge(struct msi_arena *arena, size_t size) {
    if (arena->scratch)
        return true;
    if (size > arena->left)
        return false;
    arena->left -= size;
    return true;
}

/* The first check keeps the rounding, and the addition of a block header, from overflowing. */
static void *arena_take(struct msi_arena *arena, size_t size) {
    if (size > SIZE_MAX - MALLOC_BLOCK)
        return arena_fail(arena, MAILSLOT_ERR_TOO_COMPLEX);
    size = (size + GRAIN - 1) / GRAIN * GRAIN;
    if (!arena_charge(arena, size))
        return arena_fail(arena, MAILSLOT_ERR_TOO_COMPLEX);
    if (!arena->at || size > arena->room)
        return arena_grow(arena, size);
    void *memory = arena->at;
    arena->at += size;
    arena->room -= size;
    return memory;
}

void *msi_arena_alloc(struct msi_arena *arena, size_t size) {
    void *memory = arena_take(arena, size);
    return memory && size ? memset(memory, 0, size) : memory;
}

void *msi_arena_array(struct msi_arena *arena, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size)
        return arena_fail(arena, MAILSLOT_ERR_TOO_COMPLEX);
    return msi_arena_alloc(arena, count * size);
}

/* Not msi_arena_alloc(): every byte is written, so none has to be zeroed. */
char *msi_arena_text(struct msi_arena *arena, const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = arena_take(arena, size);
    return copy ? memcpy(copy, text, size) : NULL;
}

void msi_arena_free(struct msi_arena *arena) {
    while (arena->blocks) {
        struct msi_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

static void *allocator_alloc(void *arena, size_t size) { return arena_take(arena, size); }

/* The blocks are freed as a whole. */
static void allocator_free(void *arena, void *memory) {
    (void)arena;
    (void)memory;
}

ProtobufCAllocator msi_arena_allocator(struct msi_arena *arena) {
    return (ProtobufCAllocator){allocator_alloc, allocator_free, arena};
}
