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

/** Looks which there are; only record files count. Reports what fails. */
enum status rotation_look(struct rotation *rotation);

/** Puts FILE, which has so many bytes, aside. *is_aside is false if FILE was moved away
 * or removed, which is no failure. Reports what fails; then FILE is where it
 * was. */
enum status rotation_put_aside(struct rotation *rotation, uint64_t size, bool *is_aside);

/** Makes the file that was put aside last FILE again, unless something else is. Reports what
 *  fails. */
enum status rotation_put_back(struct rotation *rotation);

/** Removes the oldest as long as there are any and they have more than so many bytes. Reports what
 *  fails. */
enum status rotation_shrink(struct rotation *rotation, uint64_t most);

void rotation_free(struct rotation *rotation);

/** Looks whether the file of this path is a record file or the beginning of one, as far as its
 *  first bytes tell, and how many it has. Reports if it cannot be read. */
enum status rotation_look_at(const char *path, bool *is_record, uint64_t *size);

#endif
