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

/** Makes the file; "-" is standard output, for which there can be no limits. One that is there
 * already is put aside if the limits say that files are; without such limits it is in the way.
 * Takes over head. Reports what fails; end with record_writer_close() in any case. */
enum status record_writer_open(struct record_writer *writer, const char *path,
                               const struct record_limits *limits, struct buffer *head);

/** Adds a message. It is in the file after the next flush. */
enum status record_writer_add(struct record_writer *writer, uint32_t slot,
                              const mailslot_record *record);

/** Writes what was added, and begins a new file if it is time to. What fails is reported: then the
 *  file has whole entries only, and those that did not fit are lost. */
enum status record_writer_flush(struct record_writer *writer);

/** Flushes and closes. */
enum status record_writer_close(struct record_writer *writer);

#endif
