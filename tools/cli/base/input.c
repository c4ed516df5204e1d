/* Lines and whole files, read with a bound on the size of one value. */
#include "input.h"

#include "platform/platform.h"

#include <errno.h>
#include <string.h>

enum { READ_SIZE = 64 * 1024 };

/* Reads some bytes more, at least one unless at the end; 0 at the end, -1 with errno. */
static ptrdiff_t read_some(int fd, struct buffer *buffer) {
    buffer_reserve(buffer, READ_SIZE);
    ptrdiff_t got = platform_read(fd, buffer->data + buffer->len, READ_SIZE);
    if (got > 0)
        buffer->len += (size_t)got;
    return got;
}

/* ---- Lines ---- */

static enum line lines_finish(struct lines *lines, size_t end, const char **text, size_t *len) {
    *text = lines->buffer.data + lines->start;
    *len = end - lines->start;
    lines->start = lines->scanned = end + 1;
    lines->number++;
    bool skipped = lines->skipping;
    lines->skipping = false;
    return skipped || *len > INPUT_VALUE_MAX ? LINE_TOO_LONG : LINE_READ;
}

/* Makes room to read on. A line that is too long is dropped as it is read, so that memory is
 * bounded; it is reported at its end. */
static void make_room(struct lines *lines) {
    struct buffer *buffer = &lines->buffer;
    size_t rest = buffer->len - lines->start;
    if (rest > INPUT_VALUE_MAX) {
        lines->skipping = true;
        rest = 0;
    }
    if (rest > 0 && lines->start > 0)
        memmove(buffer->data, buffer->data + lines->start, rest);
    buffer->len = lines->scanned = rest;
    lines->start = 0;
}

/* The end of the next line if it is complete in the buffer; else NULL. At the end of the input, a
 * last line without newline gets one. `scanned` avoids searching the same bytes again, which would
 * take time quadratic in the length of a line. */
static char *find_end(struct lines *lines) {
    struct buffer *buffer = &lines->buffer;
    size_t unseen = buffer->len - lines->scanned;
    char *from = buffer->data + lines->scanned;
    char *end = unseen ? memchr(from, '\n', unseen) : NULL;
    lines->scanned = buffer->len;
    if (end || !lines->ended || (lines->start == buffer->len && !lines->skipping))
        return end;
    buffer_append(buffer, "\n", 1);
    return buffer->data + buffer->len - 1;
}

enum line lines_next(struct lines *lines, const char **text, size_t *len) {
    for (;;) {
        char *end = lines->buffer.data ? find_end(lines) : NULL;
        if (end) {
            /* Values are passed on as C strings. */
            *end = '\0';
            return lines_finish(lines, (size_t)(end - lines->buffer.data), text, len);
        }
        if (lines->ended)
            return LINE_END;
        make_room(lines);
        ptrdiff_t got = read_some(lines->fd, &lines->buffer);
        if (got < 0)
            return LINE_FAILED;
        lines->ended = got == 0;
    }
}

/* ---- Files ---- */

static enum status read_all(int fd, const char *path, struct buffer *content) {
    ptrdiff_t got;
    do
        got = read_some(fd, content);
    while (got > 0 && content->len <= INPUT_VALUE_MAX);
    if (got < 0)
        return report_error(STATUS_ERROR, "cannot read %s: %s", path, strerror(errno));
    if (got > 0)
        return report_error(STATUS_TOO_BIG, "%s: more than %d bytes, which no message has", path,
                            INPUT_VALUE_MAX);
    return STATUS_DONE;
}

enum status input_file(const char *path, struct buffer *content) {
    if (strcmp(path, "-") == 0)
        return read_all(PLATFORM_INPUT, "standard input", content);
    int fd = platform_open(path);
    if (fd < 0)
        return report_error(STATUS_ERROR, "cannot open %s: %s", path, strerror(errno));
    enum status status = read_all(fd, path, content);
    platform_close(fd);
    return status;
}
