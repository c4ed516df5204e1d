/* Buffers that double as they grow, and arenas of linked blocks. */
#include "buffer.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_FIRST_SIZE = 256, BLOCK_SIZE = 4096 };

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    /* As malloc() aligns: any type may be stored. */
    alignas(max_align_t) unsigned char data[];
};

void buffer_reserve(struct buffer *buffer, size_t len) {
    if (len <= buffer->size - buffer->len)
        return;
    /* Below SIZE_MAX / 2, doubling cannot overflow. */
    if (len > SIZE_MAX / 2 - buffer->len)
        memory_exhausted();
    size_t size = buffer->size ? buffer->size : BUFFER_FIRST_SIZE;
    while (size < buffer->len + len)
        size *= 2;
    buffer->data = memory_resize(buffer->data, size);
    buffer->size = size;
}

void buffer_append(struct buffer *buffer, const void *data, size_t len) {
    buffer_reserve(buffer, len);
    if (len)
        memcpy(buffer->data + buffer->len, data, len);
    buffer->len += len;
}

void buffer_append_text(struct buffer *buffer, const char *text) {
    buffer_append(buffer, text, strlen(text));
}

void buffer_free(struct buffer *buffer) {
    free(buffer->data);
    *buffer = (struct buffer){0};
}

static struct arena_block *block_push(struct arena *arena, size_t size) {
    if (size > SIZE_MAX - sizeof(struct arena_block))
        memory_exhausted();
    struct arena_block *block = memory_resize(NULL, sizeof *block + size);
    *block = (struct arena_block){.next = arena->blocks, .size = size};
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size) {
    const size_t grain = alignof(max_align_t);
    if (size > SIZE_MAX - grain)
        memory_exhausted();
    size_t rounded = (size + grain - 1) / grain * grain;
    /* Only the newest block is tried: the rest of older ones is given up, which keeps allocation
     * constant in time. */
    struct arena_block *block = arena->blocks;
    if (!block || rounded > block->size - block->used)
        block = block_push(arena, rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE);
    void *memory = block->data + block->used;
    block->used += rounded;
    /* Callers rely on zeros: a NUL after text, and structs without a value. */
    return memset(memory, 0, rounded);
}

char *arena_copy(struct arena *arena, const void *data, size_t len) {
    char *copy = arena_alloc(arena, len + 1);
    if (len)
        memcpy(copy, data, len);
    return copy;
}

void arena_free(struct arena *arena) {
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}
