/* Writes record files, with rotation and a quota. */
#ifndef CLI_RECORD_WRITER_H
#define CLI_RECORD_WRITER_H

#include "base/buffer.h"
#include "rotation.h"

#include <stdbool.h>

struct record_limits {
    uint64_t file_size;   /* most bytes of a file; 0: no limit */
    uint64_t file_age_ns; /* how long a file is written to; 0: no limit */
    uint64_t quota;       /* most bytes of all files; 0: no limit. Else file_size is at most half */
};

struct record_writer {
    const char *path;
    struct record_limits limits;
    struct buffer head;  /* what a file begins with */
    struct buffer batch; /* whole entries that are not in the file yet */
    struct rotation rotation;
    int fd;
    uint64_t size;     /* of the file */
    uint64_t begun_ns; /* of the monotonic clock */
    uint64_t messages; /* in the file or in the batch */
};

/** Creates the file; "-" is standard output, which cannot have limits. An existing record file is
 * renamed if limits are set; otherwise it is an error. Takes over head. Reports errors; end with
 * record_writer_close() in any case. */
enum status record_writer_open(struct record_writer *writer, const char *path,
                               const struct record_limits *limits, struct buffer *head);

/** Adds a message, as record_append_message(). It is in the file after the next flush. */
enum status record_writer_add(struct record_writer *writer, uint32_t slot, uint64_t elapsed,
                              const mailslot_record *record);

/** Writes the messages added so far, and starts a new file if it is due. Reports errors: then the
 * file holds whole entries only, and those that did not fit are lost. */
enum status record_writer_flush(struct record_writer *writer);

/** Flushes and closes. */
enum status record_writer_close(struct record_writer *writer);

#endif
