/* The memory that codecs encode into (sinks) and decode with (scratch), and the text codec. */
#include "codec_memory.h"
#include "error.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- Sinks ---- */

enum { SINK_FIRST_SIZE = 1024 };

/* Doubles the buffer, so that encoding n bytes copies O(n) in all. The caller has checked that
 * `needed` is within the limit, so cutting to the limit never makes the buffer too small. */
static mailslot_err sink_grow(mailslot_sink *sink, size_t needed) {
    size_t capacity = sink->capacity ? sink->capacity : SINK_FIRST_SIZE;
    while (capacity < needed)
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    if (capacity > sink->limit)
        capacity = sink->limit;
    unsigned char *data = realloc(sink->data, capacity);
    if (!data)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to encode %zu bytes", needed);
    sink->data = data;
    sink->capacity = capacity;
    return MAILSLOT_OK;
}

/* Once bytes were dropped all later ones are too, even if they fit: the kept bytes stay a prefix
 * of the message. The length is counted on, for the error and for mailslot_encoded_size(). */
mailslot_err mailslot_sink_reserve(mailslot_sink *sink, size_t len, void **space) {
    *space = NULL;
    if (len > SIZE_MAX - sink->len)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "encoded value exceeds the address space");
    size_t end = sink->len + len;
    if (end <= sink->limit && !sink->dropped) {
        if (end > sink->capacity) {
            mailslot_err err = sink_grow(sink, end);
            if (err)
                return err;
        }
        *space = sink->data ? sink->data + sink->len : NULL;
    } else {
        sink->dropped += len;
    }
    sink->len = end;
    return MAILSLOT_OK;
}

/* The dropped bytes are the last ones, so they are given back first. */
void mailslot_sink_return(mailslot_sink *sink, size_t len) {
    sink->len -= len;
    sink->dropped -= len < sink->dropped ? len : sink->dropped;
}

mailslot_err mailslot_sink_write(mailslot_sink *sink, const void *data, size_t len) {
    void *space;
    mailslot_err err = mailslot_sink_reserve(sink, len, &space);
    if (!err && space && len)
        memcpy(space, data, len);
    return err;
}

void msi_sink_free(mailslot_sink *sink) {
    free(sink->data);
    sink->data = NULL;
    sink->capacity = 0;
}

/* ---- Scratch ---- */

/* The alignment of data, and sizes rounded to it, make every allocation fit for any type. */
struct msi_scratch_block {
    struct msi_scratch_block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

enum { BLOCK_FIRST_SIZE = 1024 };

static struct msi_scratch_block *scratch_block_push(mailslot_scratch *scratch, size_t size) {
    if (size > SIZE_MAX - sizeof(struct msi_scratch_block))
        return NULL;
    struct msi_scratch_block *block = malloc(sizeof *block + size);
    if (block)
        *block = (struct msi_scratch_block){.next = scratch->blocks, .size = size};
    if (block)
        scratch->blocks = block;
    return block;
}

/* Each new block at least doubles the last one's size, so that a message needs few of them. The
 * rest of the last block stays unused until the reset. block->size is within the budget and far
 * below SIZE_MAX / 2, since it was allocated. */
static struct msi_scratch_block *scratch_block_for(mailslot_scratch *scratch, size_t len) {
    struct msi_scratch_block *block = scratch->blocks;
    if (block && len <= block->size - block->used)
        return block;
    size_t size = block ? block->size * 2 : BLOCK_FIRST_SIZE;
    return scratch_block_push(scratch, size > len ? size : len);
}

/* Keeps the first error: a codec may go on, and its next small allocation may succeed. */
static void *scratch_fail(mailslot_scratch *scratch, mailslot_err err) {
    if (!scratch->error)
        scratch->error = err;
    return NULL;
}

/* The budget limits memory, so rounding counts against it. An allocation of no bytes returns a
 * pointer that is not NULL and costs nothing. `rounded` is less than len only after an overflow. */
void *mailslot_scratch_alloc(mailslot_scratch *scratch, size_t len) {
    static max_align_t nothing;
    const size_t grain = alignof(max_align_t);
    if (!len)
        return &nothing;
    if (len > scratch->budget)
        return scratch_fail(scratch, MAILSLOT_ERR_TOO_COMPLEX);
    size_t rounded = (len + grain - 1) / grain * grain;
    if (rounded < len || rounded > scratch->budget - scratch->spent)
        return scratch_fail(scratch, MAILSLOT_ERR_TOO_COMPLEX);
    struct msi_scratch_block *block = scratch_block_for(scratch, rounded);
    if (!block)
        return scratch_fail(scratch, MAILSLOT_ERR_NO_MEMORY);
    void *memory = block->data + block->used;
    block->used += rounded;
    scratch->spent += rounded;
    return memory;
}

mailslot_err mailslot_scratch_error(const mailslot_scratch *scratch) {
    if (scratch->error == MAILSLOT_ERR_TOO_COMPLEX)
        return mailslot_fail(MAILSLOT_ERR_TOO_COMPLEX,
                             "decoding needs more than the budget of %zu bytes; see decode_budget",
                             scratch->budget);
    if (scratch->error)
        return mailslot_fail(scratch->error, "no memory to decode the message");
    return MAILSLOT_OK;
}

void msi_scratch_free(mailslot_scratch *scratch) {
    while (scratch->blocks) {
        struct msi_scratch_block *next = scratch->blocks->next;
        free(scratch->blocks);
        scratch->blocks = next;
    }
}

void msi_scratch_reset(mailslot_scratch *scratch, size_t budget) {
    scratch->budget = budget;
    scratch->spent = 0;
    scratch->error = MAILSLOT_OK;
    if (scratch->blocks && scratch->blocks->next) {
        /* Replace the blocks by one of their total size: a like message then needs no malloc(). */
        size_t total = 0;
        for (struct msi_scratch_block *b = scratch->blocks; b; b = b->next)
            total += b->used;
        msi_scratch_free(scratch);
        scratch_block_push(scratch, total); /* if it fails, the next alloc tries again */
    }
    if (scratch->blocks)
        scratch->blocks->used = 0;
}

/* ---- The codec of a slot opened without one ---- */

/* The NUL is not part of the message. */
static mailslot_err text_encode(const mailslot_codec *codec, const void *value,
                                mailslot_sink *sink) {
    (void)codec;
    return mailslot_sink_write(sink, value, strlen(value));
}

/* The framework's NUL after the bytes makes them a C string where they lie. */
static mailslot_err text_decode(const mailslot_codec *codec, mailslot_scratch *scratch,
                                mailslot_bytes bytes, const void **value) {
    (void)codec;
    (void)scratch;
    *value = bytes.data;
    return MAILSLOT_OK;
}

const mailslot_codec *mailslot_codec_default(void) {
    static const mailslot_codec text = {sizeof text, "text", NULL, text_encode, text_decode};
    return &text;
}
