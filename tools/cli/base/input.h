/* Reads values from standard input and files: lines, or a file as a whole. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "buffer.h"
#include "report.h"

#include <stdbool.h>

/** The longest value read, in bytes; a bound for memory, far above what a slot takes. */
enum { INPUT_VALUE_MAX = 64 * 1024 * 1024 };

/** Lines of a descriptor. Start from {.fd = ...}; end with buffer_free(&lines.buffer). */
struct lines {
    int fd;
    size_t number; /* of the line last read, from 1 */
    struct buffer buffer;
    size_t start, scanned; /* where the next line starts, and how far there is no newline */
    bool ended, skipping;
};

enum line {
    LINE_READ,     /* *text and *len are the line without its newline, followed by a NUL */
    LINE_TOO_LONG, /* a line of more than INPUT_VALUE_MAX bytes was skipped */
    LINE_END,
    LINE_FAILED, /* reading failed, as errno says; what came of the line is lost */
};

/** Reads the next line; *text is valid until the next call. What follows the last newline is a
 *  line if it is not empty. */
enum line lines_next(struct lines *lines, const char **text, size_t *len);

/** Reads all of a file, of standard input for "-", and reports what fails. */
enum status input_file(const char *path, struct buffer *content);

#endif
