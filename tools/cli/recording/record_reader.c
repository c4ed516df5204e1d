/* Reads entries one by one; behind damage it searches for the next whole entry. */
#include "record_reader.h"

#include "platform/platform.h"

#include <mailslot/codec.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* READ_SIZE: bytes of a read. WINDOW: bytes that a search looks at. OVERLAP: the end of a window is
 * searched again with the next one, since an entry there may be cut; as large as the largest entry
 * that record_find() finds. */
enum { READ_SIZE = 256 * 1024, WINDOW = 2 * 1024 * 1024, OVERLAP = 1024 * 1024 };
/* Bytes that searches may check for each byte read, so that a crafted file costs no more than a
 * constant factor of a real one. */
enum { WORK_PER_BYTE = 8, WORK_LEAST = 64 * 1024 * 1024 };

static const char *reader_at(const struct record_reader *reader) {
    return reader->buffer.data + reader->start;
}

static size_t reader_left(const struct record_reader *reader) {
    return reader->buffer.len - reader->start;
}

static void reader_drop(struct record_reader *reader, size_t size) {
    reader->start += size;
    reader->offset += size;
}

static void drop_all(struct record_reader *reader) {
    reader_drop(reader, reader_left(reader));
    reader->ended = true;
}

/* Reads until `wanted` bytes are in the buffer, or the file ends. Moves what is left to the front
 * first, so that the buffer does not grow with the file. */
static bool reader_fill(struct record_reader *reader, size_t wanted) {
    struct buffer *buffer = &reader->buffer;
    if (reader->start && reader_left(reader) < wanted) {
        memmove(buffer->data, reader_at(reader), reader_left(reader));
        buffer->len -= reader->start;
        reader->start = 0;
    }
    while (reader_left(reader) < wanted && !reader->ended) {
        buffer_reserve(buffer, READ_SIZE);
        if (reader->before_read)
            reader->before_read(reader->ctx);
        ptrdiff_t got = platform_read(reader->fd, buffer->data + buffer->len, READ_SIZE);
        if (got < 0) {
            reader->error = errno;
            return false;
        }
        reader->ended = got == 0;
        buffer->len += (size_t)got;
        reader->read += (uint64_t)got;
    }
    return true;
}

/* ---- Damage ---- */

static bool reader_search(struct record_reader *reader, size_t *found) {
    uint64_t most = WORK_LEAST + reader->read * WORK_PER_BYTE;
    uint64_t work = reader->work < most ? most - reader->work : 0, before = work;
    *found = record_find(reader_at(reader), reader_left(reader), &work);
    reader->work += before - work;
    return *found < reader_left(reader);
}

/* Skips to the next whole entry, or to the end of the file. */
static enum record_result reader_skip(struct record_reader *reader, struct record_span *span) {
    for (;;) {
        size_t found;
        if (!reader_fill(reader, WINDOW))
            return RECORD_FAILED;
        bool is_there = reader_search(reader, &found);
        if (is_there || reader->ended) {
            reader_drop(reader, found);
            span->size = reader->offset - span->offset;
            return RECORD_SKIPPED;
        }
        reader_drop(reader, reader_left(reader) - OVERLAP);
    }
}

/* An entry that extends beyond the end of the file. If a whole entry follows, its length is
 * damaged; otherwise the file ends within it, as after a crash. */
static enum record_result reader_cut(struct record_reader *reader, struct record_span *span) {
    size_t found;
    span->size = reader_left(reader);
    if (reader_search(reader, &found)) {
        mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "the length of an entry is wrong");
        reader_drop(reader, found);
        span->size = found;
        return RECORD_SKIPPED;
    }
    drop_all(reader);
    return RECORD_TORN;
}

/* ---- Entries ---- */

/* Checks the next entry, reading as much of the file as it needs: each call of record_look() tells
 * how many bytes to try next. */
static bool reader_look(struct record_reader *reader, enum record_state *state, size_t *size) {
    size_t wanted = 1;
    do {
        if (!reader_fill(reader, wanted))
            return false;
        *state = record_look(reader_at(reader), reader_left(reader), size);
        wanted = *size;
    } while (*state == RECORD_CUT && !reader->ended);
    return true;
}

static enum record_result reader_take(struct record_reader *reader, size_t size,
                                      const record_entry **entry, struct record_span *span) {
    mailslot_err err = record_decode(reader->memory, reader_at(reader), size, reader->slots, entry);
    span->size = size;
    /* Before decoding is judged: an entry that does not decode is skipped, and the next one begins
     * behind it. */
    reader_drop(reader, size);
    if (err == MAILSLOT_ERR_NO_MEMORY)
        return RECORD_NO_MEMORY;
    if (err)
        return RECORD_SKIPPED;
    /* The beginning of another file, since record files may be concatenated: the slots of the
     * previous header do not apply to it. */
    if ((*entry)->content_case == MAILSLOT__RECORD__ENTRY__CONTENT_FORMAT)
        reader->slots = RECORD_SLOTS_UNKNOWN;
    if ((*entry)->content_case == MAILSLOT__RECORD__ENTRY__CONTENT_HEADER)
        reader->slots = (*entry)->header->n_slots;
    return RECORD_READ;
}

/* The next entry of any kind, including those that the caller does not get. */
static enum record_result reader_next(struct record_reader *reader, const record_entry **entry,
                                      struct record_span *span) {
    enum record_state state;
    size_t size;
    *span = (struct record_span){reader->offset, 0};
    if (!reader_fill(reader, 1))
        return RECORD_FAILED;
    if (reader_left(reader) == 0)
        return RECORD_END;
    if (!reader_look(reader, &state, &size))
        return RECORD_FAILED;
    span->offset = reader->offset;
    if (state == RECORD_CUT)
        return reader_cut(reader, span);
    if (state == RECORD_WHOLE)
        return reader_take(reader, size, entry, span);
    mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "not an entry, or its checksum is wrong");
    return reader_skip(reader, span);
}

static enum record_result reader_begin(struct record_reader *reader) {
    mailslot_err err = reader->memory ? MAILSLOT_OK : mailslot_record_new(&reader->memory);
    if (err)
        return RECORD_NO_MEMORY;
    if (!reader_fill(reader, RECORD_FORMAT_SIZE))
        return RECORD_FAILED;
    if (reader_left(reader) == 0 || !record_is_format(reader_at(reader), reader_left(reader)))
        return RECORD_OTHER;
    reader->begun = true;
    return RECORD_READ;
}

static bool is_for_caller(const record_entry *entry) {
    return entry->content_case == MAILSLOT__RECORD__ENTRY__CONTENT_HEADER ||
           entry->content_case == MAILSLOT__RECORD__ENTRY__CONTENT_MESSAGE;
}

/* As record_reader_next(), but damage may come in several pieces. */
static enum record_result next_piece(struct record_reader *reader, const record_entry **entry,
                                     struct record_span *span) {
    enum record_result result = RECORD_READ;
    *span = (struct record_span){reader->offset, 0};
    if (reader->ended && reader_left(reader) == 0)
        return RECORD_END;
    if (!reader->begun)
        result = reader_begin(reader);
    while (result == RECORD_READ) {
        result = reader_next(reader, entry, span);
        if (result == RECORD_READ && is_for_caller(*entry))
            return result;
    }
    /* All other results end the file; END is next. */
    if (result != RECORD_SKIPPED)
        drop_all(reader);
    return result;
}

/* Joins adjacent pieces of damage into one, so that it is reported once. The result after them has
 * been read already; it is held for the next call. */
static void reader_join(struct record_reader *reader, struct record_span *span) {
    /* Copied now: reading on may replace mailslot_detail(). */
    snprintf(reader->reason, sizeof reader->reason, "%s", mailslot_detail());
    for (;;) {
        struct record_span *more = &reader->held_span;
        reader->held_result = next_piece(reader, &reader->held_entry, more);
        if (reader->held_result != RECORD_SKIPPED)
            break;
        span->size = more->offset + more->size - span->offset;
    }
    reader->held = true;
}

enum record_result record_reader_next(struct record_reader *reader, const record_entry **entry,
                                      struct record_span *span) {
    if (reader->held) {
        reader->held = false;
        *entry = reader->held_entry;
        *span = reader->held_span;
        return reader->held_result;
    }
    enum record_result result = next_piece(reader, entry, span);
    if (result == RECORD_SKIPPED)
        reader_join(reader, span);
    return result;
}

void record_reader_free(struct record_reader *reader) {
    mailslot_record_free(reader->memory);
    buffer_free(&reader->buffer);
}
