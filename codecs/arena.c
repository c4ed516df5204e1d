#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 16 * 1024, GRAIN = alignof(max_align_t) };

struct msi_block {
    struct msi_block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

static void *refuse(struct msi_arena *arena, mailslot_err err) {
    arena->err = err;
    return NULL;
}

static struct msi_block *push(struct msi_arena *arena, size_t size) {
    struct msi_block *block = malloc(sizeof *block + size);
    if (!block)
        return refuse(arena, MAILSLOT_ERR_NO_MEMORY);
    block->next = arena->blocks;
    block->size = size;
    block->used = 0;
    arena->blocks = block;
    return block;
}

void *msi_arena_alloc(struct msi_arena *arena, size_t size) {
    if (size > SIZE_MAX - BLOCK_SIZE)
        return refuse(arena, MAILSLOT_ERR_TOO_COMPLEX);
    size = (size + GRAIN - 1) / GRAIN * GRAIN;
    if (size > arena->left)
        return refuse(arena, MAILSLOT_ERR_TOO_COMPLEX);
    struct msi_block *block = arena->blocks;
    if (!block || size > block->size - block->used)
        block = push(arena, size > BLOCK_SIZE ? size : BLOCK_SIZE);
    if (!block)
        return NULL;
    void *memory = block->data + block->used;
    block->used += size;
    arena->left -= size;
    return size ? memset(memory, 0, size) : memory;
}

void *msi_arena_array(struct msi_arena *arena, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size)
        return refuse(arena, MAILSLOT_ERR_TOO_COMPLEX);
    return msi_arena_alloc(arena, count * size);
}

void msi_arena_free(struct msi_arena *arena) {
    while (arena->blocks) {
        struct msi_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

static void *allocate(void *arena, size_t size) { return msi_arena_alloc(arena, size); }

static void keep(void *arena, void *memory) {
    (void)arena;
    (void)memory;
}

ProtobufCAllocator msi_arena_allocator(struct msi_arena *arena) {
    return (ProtobufCAllocator){allocate, keep, arena};
}
