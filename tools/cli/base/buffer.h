/* Memory for a tool that can do nothing better without any than say so and end (status 1). */
#ifndef CLI_STORAGE_H
#define CLI_STORAGE_H

#include <stddef.h>

/** realloc that never returns NULL. */
void *memory_resize(void *memory, size_t size);

/** Reports that memory ran out and ends the program. */
_Noreturn void memory_exhausted(void);

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
