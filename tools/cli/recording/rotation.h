/* The files that a recorder has put aside: FILE.000001, FILE.000002 and so on, the oldest first. */
#ifndef CLI_ROTATION_H
#define CLI_ROTATION_H

#include "base/report.h"

#include <stdbool.h>
#include <stdint.h>

struct rotated_file {
    uint64_t number, size;
};

/** Start from {.path = FILE}; end with rotation_free(). */
struct rotation {
    const char *path;
    struct rotated_file *files; /* sorted by number */
    size_t count, room;
    uint64_t total; /* bytes of them */
};

/** Finds the rotated files; only record files count. Reports errors. */
enum status rotation_look(struct rotation *rotation);

/** Renames FILE, of size bytes, to the next free number. *is_aside is false if FILE was moved or
 * removed already, which is no failure. Reports errors; then FILE is where it was. */
enum status rotation_put_aside(struct rotation *rotation, uint64_t size, bool *is_aside);

/** Renames the file that was put aside last back to FILE, unless that name is taken. Reports
 * errors. */
enum status rotation_put_back(struct rotation *rotation);

/** Removes the oldest files until the rest has at most `most` bytes. Reports errors. */
enum status rotation_shrink(struct rotation *rotation, uint64_t most);

void rotation_free(struct rotation *rotation);

/** Whether the file at path is a record file or the beginning of one, by its first bytes, and its
 * size. Reports if it cannot be read. */
enum status rotation_look_at(const char *path, bool *is_record, uint64_t *size);

#endif
