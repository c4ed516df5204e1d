/* Appends entries in batches, and begins a new file at a size or an age. */
#include "record_writer.h"

#include "platform/platform.h"
#include "record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A batch is written at this size at the latest; until then, at each flush. */
enum { BATCH_SIZE = 256 * 1024 };

static bool writer_rotates(const struct record_writer *writer) {
    return writer->limits.file_size || writer->limits.file_age_ns;
}

/* ---- Writing ---- */

/* Returns how many bytes were written; fewer only with errno set. write() that returns 0 for a
 * regular file means that it is full. Standard output may be non-blocking, which platform_write()
 * handles; how much of a failed write it took is unknown. */
static size_t write_some(int fd, const char *data, size_t len) {
    size_t done = 0;
    if (fd == PLATFORM_OUTPUT) {
        errno = platform_write(fd, data, len);
        return errno ? 0 : len;
    }
    while (done < len) {
        ssize_t written = write(fd, data + done, len - done);
        if (written == 0)
            errno = ENOSPC;
        if (written == 0 || (written < 0 && errno != EINTR))
            return done;
        done += written > 0 ? (size_t)written : 0;
    }
    return done;
}

/* For error texts: how many messages a failed write loses. */
static size_t count_entries(const char *data, size_t len) {
    size_t count = 0, size;
    for (size_t at = 0; at < len; at += size, count++)
        if (record_look(data + at, len - at, &size) != RECORD_WHOLE)
            break;
    return count;
}

/* Cuts the file back to its last whole entry and drops the rest of the batch. What was written
 * stays readable, and the recorder can go on once there is space. */
static enum status settle_failure(struct record_writer *writer, size_t written, int error) {
    struct buffer *batch = &writer->batch;
    if (writer->fd == PLATFORM_OUTPUT) {
        size_t count = count_entries(batch->data, batch->len);
        batch->len = 0;
        return report_error(STATUS_ERROR,
                            "cannot write to standard output: %s; messages lost: up to %zu",
                            strerror(error), count);
    }
    size_t kept = record_whole_bytes(batch->data, written);
    size_t lost = count_entries(batch->data + kept, batch->len - kept);
    uint64_t end = writer->size + written;
    writer->size += kept;
    writer->messages -= lost;
    batch->len = 0;
    bool cut = ftruncate(writer->fd, (off_t)writer->size) == 0;
    return report_error(
        STATUS_ERROR,
        "cannot write to %s at offset %" PRIu64 ": %s; it holds what was recorded before"
        "%s, messages lost: %zu",
        writer->path, end, strerror(error), cut ? "" : " and a part of one more", lost);
}

/* Deletes old files before writing, so that the quota holds at any time, not only after a flush. */
static enum status make_room(struct record_writer *writer, uint64_t more) {
    uint64_t own = writer->size + more, quota = writer->limits.quota;
    if (!quota)
        return STATUS_DONE;
    return rotation_shrink(&writer->rotation, own < quota ? quota - own : 0);
}

/* Writes the first len bytes, which are whole entries. */
static enum status write_entries(struct record_writer *writer, size_t len) {
    struct buffer *batch = &writer->batch;
    if (len == 0)
        return STATUS_DONE;
    /* A failure to delete does not keep the messages from being recorded; it is reported and
     * returned. */
    enum status status = make_room(writer, len);
    size_t written = write_some(writer->fd, batch->data, len);
    if (written < len)
        return settle_failure(writer, written, errno);
    writer->size += len;
    batch->len -= len;
    memmove(batch->data, batch->data + len, batch->len);
    return status;
}

static enum status write_batch(struct record_writer *writer) {
    return write_entries(writer, writer->batch.len);
}

/* ---- Files ---- */

/* The file gets its name only after its header, so no reader sees half a header. File systems
 * without O_TMPFILE get a named file at once. */
static int make_file(const char *path, bool *is_unnamed) {
    const char *slash = strrchr(path, '/');
    struct buffer folder = {0};
    buffer_append(&folder, slash ? path : ".", slash ? (size_t)(slash - path) + 1 : 1);
    buffer_append(&folder, "", 1);
    int fd = open(folder.data, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    buffer_free(&folder);
    *is_unnamed = fd >= 0;
    /* EISDIR and ENOENT come from kernels that do not know O_TMPFILE; see open(2). */
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd;
}

/* By /proc, since linkat() with AT_EMPTY_PATH needs CAP_DAC_READ_SEARCH; see open(2). It never
 * replaces an existing file. */
static bool give_name(int fd, const char *path) {
    char self[32];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

static enum status cannot_make(const char *path) {
    return report_error(STATUS_ERROR, "cannot create %s: %s", path, strerror(errno));
}

/* The lock marks the file as being written to until this process ends. */
static bool writer_begin(int fd, const struct buffer *head) {
    return flock(fd, LOCK_EX | LOCK_NB) == 0 && write_some(fd, head->data, head->len) == head->len;
}

static enum status begin_file(struct record_writer *writer) {
    bool is_unnamed;
    /* make_room() counts it; the old file is among the rotated ones by now. */
    writer->size = 0;
    enum status status = make_room(writer, writer->head.len);
    if (status)
        return status;
    int fd = make_file(writer->path, &is_unnamed);
    if (fd < 0)
        return cannot_make(writer->path);
    if (!writer_begin(fd, &writer->head) || (is_unnamed && !give_name(fd, writer->path))) {
        status = cannot_make(writer->path);
        /* An unnamed file vanishes when it is closed. */
        if (!is_unnamed)
            unlink(writer->path);
        close(fd);
        return status;
    }
    writer->fd = fd;
    writer->size = writer->head.len;
    writer->begun_ns = platform_now_ns();
    return STATUS_DONE;
}

/* close() may report a delayed write error, as on NFS. After EINTR the descriptor is closed on
 * Linux. */
static enum status end_file(const struct record_writer *writer, int fd) {
    if (fd >= 0 && fd != PLATFORM_OUTPUT && close(fd) && errno != EINTR)
        return report_error(STATUS_ERROR, "cannot finish writing to %s: %s", writer->path,
                            strerror(errno));
    return STATUS_DONE;
}

/* Renames a file left by an earlier recorder. The lock is held across the rename: a recorder that
 * still writes to the file keeps it locked. */
static enum status put_old_aside(struct record_writer *writer) {
    uint64_t size;
    bool is_record, is_aside;
    enum status status = rotation_look_at(writer->path, &is_record, &size);
    if (status)
        return status;
    if (!is_record)
        return report_error(STATUS_ERROR,
                            "%s exists and is not a record file: remove it or give another -o FILE",
                            writer->path);
    int fd = open(writer->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return report_error(STATUS_ERROR, "cannot open %s: %s", writer->path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB))
        status = report_error(
            STATUS_ERROR, "%s is in use by another recorder: give another -o FILE", writer->path);
    else
        status = rotation_put_aside(&writer->rotation, size, &is_aside);
    close(fd);
    return status;
}

/* Makes the name FILE free, or fails: an existing recording is never overwritten. */
static enum status clear_the_way(struct record_writer *writer) {
    struct stat there;
    /* lstat: a dangling link is in the way too. */
    bool exists = lstat(writer->path, &there) == 0;
    if (!writer_rotates(writer))
        return exists
                   ? report_error(
                         STATUS_ERROR,
                         "%s exists and is not overwritten: give another -o FILE or --rotate-size",
                         writer->path)
                   : STATUS_DONE;
    enum status status = rotation_look(&writer->rotation);
    if (!status && exists)
        status = put_old_aside(writer);
    return status;
}

/* Standard output has no name to rotate and no length to cut back. */
static enum status begin_output(struct record_writer *writer) {
    if (writer_rotates(writer) || writer->limits.quota)
        return report_usage("record", "-o - is standard output, which cannot be rotated: leave out "
                                      "--rotate-size, --rotate-age and --quota");
    if (platform_output_is_terminal())
        return report_usage("record", "-o - writes a record file to standard output, which is a "
                                      "terminal: redirect it to a file or a program");
    writer->fd = PLATFORM_OUTPUT;
    int failure = platform_write(writer->fd, writer->head.data, writer->head.len);
    return failure ? report_error(STATUS_ERROR, "cannot write to standard output: %s",
                                  strerror(failure))
                   : STATUS_DONE;
}

enum status record_writer_open(struct record_writer *writer, const char *path,
                               const struct record_limits *limits, struct buffer *head) {
    *writer = (struct record_writer){.path = path, .limits = *limits, .head = *head, .fd = -1};
    writer->rotation.path = path;
    /* The writer owns the memory now. */
    *head = (struct buffer){0};
    if (strcmp(path, "-") == 0)
        return begin_output(writer);
    enum status status = clear_the_way(writer);
    return status ? status : begin_file(writer);
}

/* ---- Adding, flushing, rotating ---- */

/* Whether the path still names the open file, or nothing; not another file put in its place. */
static bool writer_is_in_place(const struct record_writer *writer) {
    struct stat there, own;
    return lstat(writer->path, &there) != 0 ||
           (fstat(writer->fd, &own) == 0 && there.st_dev == own.st_dev &&
            there.st_ino == own.st_ino);
}

/* Frees the name FILE. If our file was moved away and another took its place, that one is treated
 * like a FILE that exists at the start. */
static enum status writer_put_aside(struct record_writer *writer, bool *is_ours) {
    *is_ours = false;
    if (!writer_is_in_place(writer))
        return put_old_aside(writer);
    return rotation_put_aside(&writer->rotation, writer->size, is_ours);
}

/* The old file is closed only after the new one exists. If making that fails, the old one gets its
 * name back and stays in use. */
static enum status writer_rotate(struct record_writer *writer) {
    int old = writer->fd;
    uint64_t size = writer->size;
    bool is_ours;
    enum status status = writer_put_aside(writer, &is_ours);
    if (status)
        return status;
    status = begin_file(writer);
    if (!status)
        return end_file(writer, old);
    /* begin_file() failed: the old file stays in use, with its old size. */
    writer->size = size;
    if (is_ours)
        rotation_put_back(&writer->rotation);
    return status;
}

/* A file without messages is kept in use: rotating it would leave empty files behind. */
static bool is_too_old(const struct record_writer *writer) {
    return writer->limits.file_age_ns && writer->size > writer->head.len &&
           platform_now_ns() - writer->begun_ns >= writer->limits.file_age_ns;
}

enum status record_writer_flush(struct record_writer *writer) {
    enum status status = write_batch(writer);
    if (!status && is_too_old(writer))
        status = writer_rotate(writer);
    return status;
}

/* If the last entry of the batch exceeds the size of a file, writes the entries before it and
 * starts a new file for it. If that fails, the entry stays in the batch, for the old file. */
static enum status keep_within(struct record_writer *writer, size_t before) {
    if (!writer->limits.file_size || writer->size + writer->batch.len <= writer->limits.file_size)
        return STATUS_DONE;
    enum status status = write_entries(writer, before);
    return status ? status : writer_rotate(writer);
}

enum status record_writer_add(struct record_writer *writer, uint32_t slot, uint64_t elapsed,
                              const mailslot_record *record) {
    size_t before = writer->batch.len;
    record_append_message(&writer->batch, slot, elapsed, record);
    writer->messages++;
    enum status status = keep_within(writer, before);
    if (!status && writer->batch.len >= BATCH_SIZE)
        status = write_batch(writer);
    return status;
}

enum status record_writer_close(struct record_writer *writer) {
    /* Without a file, opening failed, and nothing was recorded. */
    enum status status = writer->fd >= 0 ? write_batch(writer) : STATUS_DONE;
    enum status ended = end_file(writer, writer->fd);
    rotation_free(&writer->rotation);
    buffer_free(&writer->head);
    buffer_free(&writer->batch);
    return status ? status : ended;
}
