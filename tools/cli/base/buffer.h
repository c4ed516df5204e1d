/* Growing bytes and arenas. Memory that runs out ends the program: see memory.h. */
#ifndef CLI_BUFFER_H
#define CLI_BUFFER_H

#include "platform/memory.h"

#include <stddef.h>

/** Bytes that grow at the end. Start from {0}; end with buffer_free(). */
struct buffer {
    char *data; /* NULL while nothing was ever appended */
    size_t len, size;
};

/** Makes sure that len more bytes fit. */
void buffer_reserve(struct buffer *buffer, size_t len);
void buffer_append(struct buffer *buffer, const void *data, size_t len);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_free(struct buffer *buffer);

/** Memory that is freed all at once. Start from {0}; end with arena_free(). */
struct arena {
    struct arena_block *blocks;
};

/** size zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);

/** A copy of len bytes, followed by a NUL. */
char *arena_copy(struct arena *arena, const void *data, size_t len);

/** Frees what was allocated; the arena may be used again. */
void arena_free(struct arena *arena);

#endif
