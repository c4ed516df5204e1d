/* Finds, numbers, renames and removes the files that a recorder has finished. */
#include "rotation.h"

#include "record_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* So many digits at least, so that a shell sorts the names by number; more from 1000000 on. */
enum { DIGITS = 6 };

static void append_name(struct buffer *out, const struct rotation *rotation, uint64_t number) {
    char digits[32];
    snprintf(digits, sizeof digits, ".%0*" PRIu64, DIGITS, number);
    buffer_append_text(out, rotation->path);
    buffer_append(out, digits, strlen(digits) + 1);
}

/* ---- Looking ---- */

static void rotation_add(struct rotation *rotation, uint64_t number, uint64_t size) {
    if (rotation->count == rotation->room) {
        rotation->room = rotation->room * 2 + 8;
        rotation->files = memory_resize(rotation->files, rotation->room * sizeof *rotation->files);
    }
    rotation->files[rotation->count++] = (struct rotated_file){number, size};
    rotation->total += size;
}

static int rotation_compare(const void *a, const void *b) {
    const struct rotated_file *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Reads the number of a rotated file. Only names that append_name() makes are accepted, so that no
 * other file is ever removed: at least DIGITS digits, no leading zero beyond that, and at most 18,
 * which fit in 64 bits. */
static bool read_number(const char *name, const char *base, uint64_t *number) {
    size_t len = strlen(base);
    if (strncmp(name, base, len) != 0 || name[len] != '.')
        return false;
    const char *digits = name + len + 1;
    size_t count = strspn(digits, "0123456789");
    if (digits[count] || count < DIGITS || count > 18 || (count > DIGITS && *digits == '0'))
        return false;
    *number = strtoull(digits, NULL, 10);
    return true;
}

/* ENOENT is no failure: a dangling link, or a file removed since it was listed. */
static enum status cannot_look(const char *path) {
    if (errno == ENOENT)
        return STATUS_DONE;
    return report_error(STATUS_ERROR, "cannot read %s: %s", path, strerror(errno));
}

enum status rotation_look_at(const char *path, bool *is_record, uint64_t *size) {
    char begin[RECORD_FORMAT_SIZE];
    struct stat status;
    *is_record = false;
    if (stat(path, &status))
        return cannot_look(path);
    if (!S_ISREG(status.st_mode))
        return STATUS_DONE;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    /* A file cut off within the format is a record file too: its recorder was killed early. */
    ssize_t got = fd >= 0 ? pread(fd, begin, sizeof begin, 0) : -1;
    enum status looked = got < 0 ? cannot_look(path) : STATUS_DONE;
    if (fd >= 0)
        close(fd);
    *is_record = got >= 0 && record_is_format(begin, (size_t)got);
    *size = (uint64_t)status.st_size;
    return looked;
}

static enum status look_for(struct rotation *rotation, const char *name, const char *base) {
    uint64_t number, size;
    bool is_record;
    struct buffer path = {0};
    if (!read_number(name, base, &number))
        return STATUS_DONE;
    append_name(&path, rotation, number);
    enum status status = rotation_look_at(path.data, &is_record, &size);
    /* Other files are never counted or removed, whatever their names. */
    if (is_record)
        rotation_add(rotation, number, size);
    buffer_free(&path);
    return status;
}

/* base == path: FILE has no folder, so it is in the current one. */
static DIR *open_folder(const char *path, const char *base) {
    if (base == path)
        return opendir(".");
    struct buffer folder = {0};
    buffer_append(&folder, path, (size_t)(base - path));
    buffer_append(&folder, "", 1);
    DIR *opened = opendir(folder.data);
    buffer_free(&folder);
    return opened;
}

enum status rotation_look(struct rotation *rotation) {
    const char *slash = strrchr(rotation->path, '/');
    const char *base = slash ? slash + 1 : rotation->path;
    DIR *folder = open_folder(rotation->path, base);
    if (!folder)
        return report_error(STATUS_ERROR, "cannot read the folder of %s: %s", rotation->path,
                            strerror(errno));
    enum status status = STATUS_DONE;
    for (struct dirent *entry; !status && (entry = readdir(folder));)
        status = look_for(rotation, entry->d_name, base);
    closedir(folder);
    if (rotation->count)
        qsort(rotation->files, rotation->count, sizeof *rotation->files, rotation_compare);
    return status;
}

/* ---- Putting aside and removing ---- */

/* Whether path exists. Any error but ENOENT ends the search for a free name: treated as "taken", it
 * would repeat for every number. */
static enum status rotation_look_whether_taken(const char *path, bool *is_taken) {
    struct stat status;
    *is_taken = lstat(path, &status) == 0;
    return *is_taken ? STATUS_DONE : cannot_look(path);
}

static enum status cannot_rename(const char *from, const char *to) {
    return report_error(STATUS_ERROR, "cannot rename %s to %s: %s", from, to, strerror(errno));
}

/* The next number whose name is free. Files that are no record files may have taken some. */
static enum status rotation_find_free(const struct rotation *rotation, struct buffer *name,
                                      uint64_t *number) {
    enum status status;
    bool is_taken;
    *number = rotation->count ? rotation->files[rotation->count - 1].number : 0;
    do {
        name->len = 0;
        append_name(name, rotation, ++*number);
        status = rotation_look_whether_taken(name->data, &is_taken);
    } while (!status && is_taken);
    return status;
}

enum status rotation_put_aside(struct rotation *rotation, uint64_t size, bool *is_aside) {
    uint64_t number;
    struct buffer name = {0};
    enum status status = rotation_find_free(rotation, &name, &number);
    /* rename() would replace an existing file, hence the search for a free name before. */
    *is_aside = !status && rename(rotation->path, name.data) == 0;
    if (*is_aside)
        rotation_add(rotation, number, size);
    else if (!status && errno != ENOENT)
        status = cannot_rename(rotation->path, name.data);
    buffer_free(&name);
    return status;
}

/* Undoes rotation_put_aside() after the new file could not be made. */
enum status rotation_put_back(struct rotation *rotation) {
    bool is_taken;
    enum status status = rotation_look_whether_taken(rotation->path, &is_taken);
    if (status || is_taken || rotation->count == 0)
        return status;
    struct rotated_file *last = &rotation->files[rotation->count - 1];
    struct buffer name = {0};
    append_name(&name, rotation, last->number);
    if (rename(name.data, rotation->path) == 0) {
        rotation->total -= last->size;
        rotation->count--;
    } else {
        status = cannot_rename(name.data, rotation->path);
    }
    buffer_free(&name);
    return status;
}

/* Forgotten even if it could not be removed; otherwise each later message would fail on it
 * again. */
static enum status remove_oldest(struct rotation *rotation) {
    struct buffer name = {0};
    append_name(&name, rotation, rotation->files[0].number);
    enum status status = STATUS_DONE;
    if (unlink(name.data) && errno != ENOENT)
        status = report_error(STATUS_ERROR, "cannot remove %s: %s", name.data, strerror(errno));
    rotation->total -= rotation->files[0].size;
    rotation->count--;
    memmove(rotation->files, rotation->files + 1, rotation->count * sizeof *rotation->files);
    buffer_free(&name);
    return status;
}

enum status rotation_shrink(struct rotation *rotation, uint64_t most) {
    enum status status = STATUS_DONE;
    while (!status && rotation->count && rotation->total > most)
        status = remove_oldest(rotation);
    return status;
}

void rotation_free(struct rotation *rotation) { free(rotation->files); }
