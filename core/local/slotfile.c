/* The file of a slot, see slotfile.h: its header, the byte locks that show which ends are alive,
 * opening the file of a live reader, and becoming the reader. Contents are checked before they
 * are used: the file may have been left by another version or be no slot at all. A new file is
 * complete and locked before it gets its name, so no process ever finds half a slot. */
#include "slotfile.h"
#include "error.h"
#include "linux/file_space.h"
#include "linux/process.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h> /* RENAME_NOREPLACE */
#include <linux/magic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

/* The start of the file. The layout of the queue behind it follows from the capacity. */
typedef struct {
    char magic[8];
    uint32_t version;
    uint32_t local_only; /* 1: the reader takes nothing that came over the network */
    uint64_t capacity, max_message;
    uint32_t reader_pid;
    _Atomic int32_t timeout_ms;
    _Atomic uint32_t registered; /* with mailslotd */
    char path[MSI_PATH_MAX + 1];
    _Atomic uint32_t refusal; /* mailslotd's answer to the reader, a mailslot_err */
} slotfile_header;

enum { VERSION = 3, QUEUE_OFFSET = 512, RING_OFFSET = 4096, FILE_MODE = 0600 };
static const char magic[8] = {'m', 'a', 'i', 'l', 's', 'l', 'o', 't'};

_Static_assert(sizeof(slotfile_header) <= QUEUE_OFFSET, "the header ends before the queue");
_Static_assert(QUEUE_OFFSET % MSI_LINE == 0, "the queue lies on lines of its own");
_Static_assert(QUEUE_OFFSET + sizeof(msi_queue_shared) <= RING_OFFSET,
               "the queue ends before the ring");

static slotfile_header *slotfile_header_of(const msi_slotfile *file) { return file->map; }

msi_queue_shared *msi_slotfile_queue(const msi_slotfile *file) {
    return (msi_queue_shared *)((unsigned char *)file->map + QUEUE_OFFSET);
}

unsigned char *msi_slotfile_ring(const msi_slotfile *file) {
    return (unsigned char *)file->map + RING_OFFSET;
}

void msi_slotfile_set_timeout(const msi_slotfile *file, int timeout_ms) {
    atomic_store(&slotfile_header_of(file)->timeout_ms, timeout_ms);
}

int msi_slotfile_timeout(const msi_slotfile *file) {
    return atomic_load(&slotfile_header_of(file)->timeout_ms);
}

int64_t msi_slotfile_reader_pid(const msi_slotfile *file) {
    return slotfile_header_of(file)->reader_pid;
}

void msi_slotfile_set_registered(const msi_slotfile *file, bool registered, mailslot_err refusal) {
    atomic_store(&slotfile_header_of(file)->refusal, (uint32_t)refusal);
    atomic_store(&slotfile_header_of(file)->registered, registered);
}

bool msi_slotfile_registered(const msi_slotfile *file) {
    return atomic_load(&slotfile_header_of(file)->registered);
}

mailslot_err msi_slotfile_refusal(const msi_slotfile *file) {
    return (mailslot_err)atomic_load(&slotfile_header_of(file)->refusal);
}

/* ---- Bytes held ---- */

static struct flock slotfile_byte_lock(uint32_t byte) {
    return (struct flock){
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)byte, .l_len = 1};
}

/* Locks a byte. Returns 0 or an errno; EAGAIN or EACCES if another open() holds it. */
static int slotfile_hold(const msi_slotfile *file, uint32_t byte) {
    struct flock lock = slotfile_byte_lock(byte);
    return fcntl(file->fd, F_OFD_SETLK, &lock) ? errno : 0;
}

bool msi_slotfile_is_held(const msi_slotfile *file, uint32_t byte) {
    struct flock lock = slotfile_byte_lock(byte);
    return fcntl(file->fd, F_OFD_GETLK, &lock) || lock.l_type != F_UNLCK;
}

mailslot_err msi_slotfile_hold_writer_byte(const msi_slotfile *file, uint32_t *byte) {
    for (*byte = MSI_FIRST_WRITER_BYTE; *byte <= MSI_LAST_WRITER_BYTE; ++*byte) {
        int error = slotfile_hold(file, *byte);
        if (!error)
            return MAILSLOT_OK;
        if (error != EAGAIN && error != EACCES)
            return msi_fail_errno(MAILSLOT_ERR_OS, error, "cannot lock the slot's file");
    }
    return mailslot_fail(MAILSLOT_ERR_FULL, "%d writers are attached already",
                         MSI_LAST_WRITER_BYTE);
}

/* ---- Memory ---- */

static size_t slotfile_size(const msi_queue_layout *layout) {
    return RING_OFFSET + msi_queue_ring_size(layout);
}

bool msi_slotfile_reserve(const msi_slotfile *file, uint32_t chunk) {
    size_t size = (size_t)1 << file->layout.chunk_shift;
    return msi_file_reserve(file->fd, RING_OFFSET + (off_t)(chunk * size), size);
}

static mailslot_err slotfile_unsupported(const char *why) {
    char path[PATH_MAX];
    mailslot_err err = msi_slotdir_path(path);
    if (err)
        return err;
    return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                         "the file system of %s cannot hold mailslots: %s; set MAILSLOT_DIR to a "
                         "directory of a tmpfs",
                         path, why);
}

void msi_slotfile_unmap(msi_slotfile *file) {
    if (file->map)
        munmap(file->map, file->map_size);
    file->map = NULL;
}

static mailslot_err slotfile_cannot_map(int error) {
    if (error == ENODEV)
        return slotfile_unsupported("its files cannot be mapped");
    if (error == EAGAIN)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY,
                             "after mlockall() the slot's capacity exceeds RLIMIT_MEMLOCK: raise "
                             "that or open with less capacity");
    return msi_fail_errno(MAILSLOT_ERR_NO_MEMORY, error, "cannot map the slot's file");
}

/* First without access: after mlockall(MCL_FUTURE), mmap() touches every page that may be touched,
 * and so would take the whole capacity. mprotect() touches none of a shared mapping
 * (mprotect_fixup() in Linux); each page is locked when it is first used. */
static mailslot_err slotfile_map(msi_slotfile *file, int protection) {
    file->map_size = slotfile_size(&file->layout);
    file->map = mmap(NULL, file->map_size, PROT_NONE, MAP_SHARED, file->fd, 0);
    if (file->map == MAP_FAILED) {
        file->map = NULL;
        return slotfile_cannot_map(errno);
    }
    if (!mprotect(file->map, file->map_size, protection))
        return MAILSLOT_OK;
    int error = errno;
    msi_slotfile_unmap(file);
    return slotfile_cannot_map(error);
}

void msi_slotfile_release(msi_slotfile *file) {
    if (file->fd >= 0)
        close(file->fd);
    if (file->directory >= 0)
        close(file->directory);
    file->fd = file->directory = -1;
}

static mailslot_err slotfile_give_up(msi_slotfile *file, mailslot_err err) {
    msi_slotfile_unmap(file);
    msi_slotfile_release(file);
    return err;
}

/* ---- Opening what is there ---- */

static mailslot_err slotfile_open_failed(const char *key) {
    switch (errno) {
    case ENOENT:
        return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "no such mailslot");
    case ELOOP:
    case ENXIO: /* a socket, or a FIFO without readers */
    case EISDIR:
        return mailslot_fail(MAILSLOT_ERR_DAMAGED, "the file %s is not a mailslot", key);
    case EACCES:
        return msi_fail_errno(MAILSLOT_ERR_DENIED, errno, "the file %s", key);
    default:
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "the file %s", key);
    }
}

static mailslot_err slotfile_not_a_slot(const char *key, const char *why) {
    return mailslot_fail(MAILSLOT_ERR_DAMAGED, "the file %s is not a mailslot: %s", key, why);
}

/* Called before mapping: touching a page beyond the end of the file raises SIGBUS. */
static mailslot_err slotfile_check(msi_slotfile *file, const char *key) {
    struct stat status;
    slotfile_header header;
    if (fstat(file->fd, &status))
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "the file %s", key);
    if (!S_ISREG(status.st_mode))
        return slotfile_not_a_slot(key, "not a regular file");
    if (status.st_uid != geteuid())
        return mailslot_fail(MAILSLOT_ERR_DENIED, "the file %s belongs to user %u", key,
                             (unsigned)status.st_uid);
    if (pread(file->fd, &header, sizeof header, 0) != sizeof header ||
        memcmp(header.magic, magic, sizeof magic) != 0)
        return slotfile_not_a_slot(key, "wrong content");
    if (header.version != VERSION)
        return mailslot_fail(MAILSLOT_ERR_DAMAGED,
                             "the file %s is a mailslot of version %u, this library knows %d", key,
                             header.version, VERSION);
    if (!msi_capacity_is_valid(header.capacity) || header.capacity % MSI_UNIT ||
        header.local_only > 1 || !memchr(header.path, 0, sizeof header.path))
        return slotfile_not_a_slot(key, "damaged header");
    msi_queue_lay_out(&file->layout, (size_t)header.capacity);
    if ((uint64_t)status.st_size != slotfile_size(&file->layout))
        return slotfile_not_a_slot(key, "wrong size");
    file->capacity = (size_t)header.capacity;
    file->max_message = (size_t)header.max_message;
    file->local_only = header.local_only;
    memcpy(file->path, header.path, sizeof header.path);
    return MAILSLOT_OK;
}

/* O_NONBLOCK: if a FIFO has that name, opening it must not wait. */
static mailslot_err slotfile_open_existing(msi_slotfile *file, int directory, const char *key,
                                           int flags) {
    file->fd =
        msi_clear_of_stdio(openat(directory, key, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file->fd < 0)
        return slotfile_open_failed(key);
    mailslot_err err = slotfile_check(file, key);
    return err ? slotfile_give_up(file, err) : MAILSLOT_OK;
}

/* ---- Removing what dead readers left ---- */

static bool slotfile_has_name(const msi_slotfile *file, int fd, const char *key) {
    struct stat named, ours;
    return !fstatat(file->directory, key, &named, AT_SYMLINK_NOFOLLOW) && !fstat(fd, &ours) &&
           named.st_dev == ours.st_dev && named.st_ino == ours.st_ino;
}

/* Marked before it is held, so that no writer takes who holds it for its reader. Where that fails,
 * a writer's puts go nowhere until its first look after the reader. */
enum { CLOSED_OFFSET = QUEUE_OFFSET + offsetof(msi_queue_shared, closed) };

static void slotfile_mark_closed(const msi_slotfile *file) {
    const uint32_t closed = 1;
    msi_file_write(file->fd, &closed, sizeof closed, CLOSED_OFFSET);
}

static bool slotfile_is_marked_closed(const msi_slotfile *file) {
    uint32_t closed;
    return pread(file->fd, &closed, sizeof closed, CLOSED_OFFSET) == sizeof closed && closed;
}

/* Names the reader as the file does. */
static mailslot_err slotfile_has_reader(const msi_slotfile *file) {
    uint32_t pid;
    char program[MSI_PROCESS_NAME_SIZE];
    if (pread(file->fd, &pid, sizeof pid, offsetof(slotfile_header, reader_pid)) != sizeof pid)
        return mailslot_fail(MAILSLOT_ERR_IN_USE, "the mailslot already has a reader");
    msi_process_name(pid, program);
    return mailslot_fail(MAILSLOT_ERR_IN_USE, "the mailslot already has a reader: process %u (%s)",
                         (unsigned)pid, program);
}

/* Who holds byte 0 of a file that is marked closed is about to remove its name: its reader, which
 * closes, or whoever found that reader dead. CLOSED: wait for that. */
static mailslot_err slotfile_in_use(const msi_slotfile *file) {
    if (slotfile_is_marked_closed(file))
        return MAILSLOT_ERR_CLOSED;
    return slotfile_has_reader(file);
}

/* Removes the name's file if its reader is dead. It cannot come to life meanwhile: a file has its
 * reader before it has its name, and only who holds byte 0 may remove a name. OK: the name may be
 * free. CLOSED, without a detail: it soon is. */
static mailslot_err slotfile_remove_dead(const msi_slotfile *file, const char *key) {
    msi_slotfile old = {.directory = -1, .fd = -1};
    msi_fail_silently();
    mailslot_err err = slotfile_open_existing(&old, file->directory, key, O_RDWR);
    if (err && err != MAILSLOT_ERR_NOT_FOUND)
        return msi_fail_after_all(err);
    msi_fail_aloud();
    if (err)
        return MAILSLOT_OK;
    int error = EAGAIN;
    if (!msi_slotfile_is_held(&old, MSI_READER_BYTE)) {
        slotfile_mark_closed(&old);
        error = slotfile_hold(&old, MSI_READER_BYTE);
    }
    if (error == EAGAIN || error == EACCES)
        err = slotfile_in_use(&old);
    else if (error)
        err = msi_fail_errno(MAILSLOT_ERR_OS, error, "cannot lock the file %s", key);
    else if (slotfile_has_name(file, old.fd, key))
        unlinkat(file->directory, key, 0);
    msi_slotfile_release(&old);
    return err;
}

/* Gives back the memory of a dead reader, if what has that name is left of one. */
static void slotfile_reap(int directory, const char *key) {
    const msi_slotfile place = {.directory = directory, .fd = -1};
    msi_fail_silently();
    (void)slotfile_remove_dead(&place, key);
    msi_fail_aloud();
}

/* ---- Opening the file of a live reader ---- */

static mailslot_err slotfile_reader_is_gone(void) {
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "no such mailslot: its reader is gone");
}

/* The process that holds byte 0 may also be a new reader that is removing a dead one's file;
 * `closed` is set then. */
static mailslot_err slotfile_open_live(msi_slotfile *file, int directory, const char *key,
                                       bool to_write) {
    mailslot_err err = slotfile_open_existing(file, directory, key, to_write ? O_RDWR : O_RDONLY);
    if (err)
        return err;
    if (!msi_slotfile_is_held(file, MSI_READER_BYTE)) {
        slotfile_reap(directory, key);
        return slotfile_give_up(file, slotfile_reader_is_gone());
    }
    err = slotfile_map(file, to_write ? PROT_READ | PROT_WRITE : PROT_READ);
    if (!err && atomic_load(&msi_slotfile_queue(file)->closed))
        err = slotfile_reader_is_gone();
    return err ? slotfile_give_up(file, err) : MAILSLOT_OK;
}

/* If this user has no such slot, another user may: name the owner. Access needs mailslotd. */
static mailslot_err slotfile_look_elsewhere(const char *key, mailslot_err err) {
    unsigned uid;
    if (err == MAILSLOT_ERR_NOT_FOUND && msi_slotdir_other_owner(key, &uid))
        return mailslot_fail(MAILSLOT_ERR_DENIED, "the mailslot belongs to user %u", uid);
    return err;
}

mailslot_err msi_slotfile_open(msi_slotfile *file, const char *key, bool to_write) {
    *file = (msi_slotfile){.directory = -1, .fd = -1};
    int directory;
    mailslot_err err = msi_slotdir_open(&directory, false);
    if (!err) {
        err = slotfile_open_live(file, directory, key, to_write);
        close(directory);
    }
    return err ? slotfile_look_elsewhere(key, err) : MAILSLOT_OK;
}

/* Opens the file by its name: only an open() of its own has byte locks of its own. In the
 * directory opened before, since the environment that named it may have changed. */
mailslot_err msi_slotfile_open_again(msi_slotfile *file, const msi_slotfile *own) {
    struct stat ours, theirs;
    *file = (msi_slotfile){.directory = -1, .fd = -1};
    mailslot_err err = slotfile_open_live(file, own->directory, own->key, true);
    if (err)
        return err;
    if (fstat(own->fd, &ours) || fstat(file->fd, &theirs) || ours.st_dev != theirs.st_dev ||
        ours.st_ino != theirs.st_ino)
        return slotfile_give_up(file, slotfile_not_a_slot(own->key, "it was replaced"));
    return MAILSLOT_OK;
}

/* ---- Becoming the reader ---- */

enum { TEMPORARY_SIZE = 32 };

/* The name begins with ':', which no slot's name contains (S4). If the name is taken, try the
 * next serial number: another process may have the same pid in its own PID namespace, and use
 * that file. */
static int slotfile_open_temporary(const msi_slotfile *file, char temporary[TEMPORARY_SIZE]) {
    static atomic_uint serial;
    int fd;
    do {
        snprintf(temporary, TEMPORARY_SIZE, ":%ld-%u", (long)getpid(),
                 atomic_fetch_add(&serial, 1));
        fd = openat(file->directory, temporary, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, FILE_MODE);
    } while (fd < 0 && errno == EEXIST);
    if (fd < 0)
        temporary[0] = 0;
    return fd;
}

/* Opens a file that has no name yet, so that none is left if this process dies. File systems
 * without O_TMPFILE, and systems without /proc to name the file by, get a temporary name; it is
 * "" otherwise. */
static mailslot_err slotfile_open_unnamed(msi_slotfile *file, char temporary[TEMPORARY_SIZE]) {
    temporary[0] = 0;
    file->fd = -1;
    if (!access("/proc/self/fd", X_OK))
        file->fd = openat(file->directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, FILE_MODE);
    if (file->fd < 0)
        file->fd = slotfile_open_temporary(file, temporary);
    file->fd = msi_clear_of_stdio(file->fd);
    if (file->fd >= 0 && !fchmod(file->fd, FILE_MODE))
        return MAILSLOT_OK;
    return msi_fail_errno(errno == ENOSPC ? MAILSLOT_ERR_FULL : MAILSLOT_ERR_OS, errno,
                          "cannot make the slot's file");
}

static mailslot_err slotfile_too_large(const msi_slotfile *file, int error) {
    size_t size = slotfile_size(&file->layout);
    struct rlimit limit;
    if (error == EFBIG && !getrlimit(RLIMIT_FSIZE, &limit) && limit.rlim_cur < size)
        return mailslot_fail(MAILSLOT_ERR_FULL,
                             "a capacity of %zu bytes takes a file of %zu, this process may make "
                             "files of %llu (RLIMIT_FSIZE): raise that or open with less capacity",
                             file->capacity, size, (unsigned long long)limit.rlim_cur);
    return msi_fail_errno(MAILSLOT_ERR_FULL, error, "a mailslot of %zu bytes", file->capacity);
}

static mailslot_err slotfile_resize(msi_slotfile *file) {
    int error = msi_file_resize(file->fd, (off_t)slotfile_size(&file->layout));
    if (error)
        return slotfile_too_large(file, error);
    if (!msi_file_reserve(file->fd, 0, RING_OFFSET))
        return mailslot_fail(MAILSLOT_ERR_FULL, "the system has no memory left for a mailslot");
    return slotfile_map(file, PROT_READ | PROT_WRITE);
}

static void slotfile_fill_header(const msi_slotfile *file, int timeout_ms) {
    slotfile_header *header = slotfile_header_of(file);
    memcpy(header->magic, magic, sizeof magic);
    header->version = VERSION;
    header->local_only = file->local_only;
    header->capacity = file->capacity;
    header->max_message = file->max_message;
    header->reader_pid = (uint32_t)getpid();
    memcpy(header->path, file->path, sizeof header->path);
    atomic_store(&header->timeout_ms, timeout_ms);
    msi_queue_init(msi_slotfile_queue(file), &file->layout, 0);
}

/* The slot directory's lock keeps two processes from naming a file at once. It is held for three
 * calls; a process that is stopped in between must not stop others for good. */
static int slotfile_lock_directory(int directory) {
    enum { TRIES = 1000 };
    const struct timespec pause = {0, 1000000};
    for (int i = 0; flock(directory, LOCK_EX | LOCK_NB); i++) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return errno;
        if (i == TRIES)
            return EBUSY;
        nanosleep(&pause, NULL);
    }
    return 0;
}

static int slotfile_rename_locked(int directory, const char *temporary, const char *key) {
    struct stat status;
    int error = slotfile_lock_directory(directory);
    if (error)
        return error;
    if (!fstatat(directory, key, &status, AT_SYMLINK_NOFOLLOW))
        error = EEXIST;
    else if (errno != ENOENT || renameat(directory, temporary, directory, key))
        error = errno;
    flock(directory, LOCK_UN);
    return error;
}

/* Not by link(): on FUSE it can lead to another inode, with locks and pages of its own. All who
 * name files in a directory find the same call missing, so they agree on the directory's lock. */
static int slotfile_rename(int directory, const char *temporary, const char *key) {
    if (!syscall(SYS_renameat2, directory, temporary, directory, key, RENAME_NOREPLACE))
        return 0; /* older versions of musl lack renameat2() */
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    return slotfile_rename_locked(directory, temporary, key);
}

static int slotfile_link(const msi_slotfile *file, const char *temporary, const char *key) {
    if (temporary[0])
        return slotfile_rename(file->directory, temporary, key);
    char source[32];
    snprintf(source, sizeof source, "/proc/self/fd/%d", file->fd);
    return linkat(AT_FDCWD, source, file->directory, key, AT_SYMLINK_FOLLOW) ? errno : 0;
}

/* Takes the name, or the way to it. CLOSED: another process is removing the name's file. */
static mailslot_err slotfile_try_to_take_name(const msi_slotfile *file, const char *temporary,
                                              const char *key, bool *taken) {
    int error = slotfile_link(file, temporary, key);
    *taken = !error;
    if (!error)
        return MAILSLOT_OK;
    if (error == EEXIST)
        return slotfile_remove_dead(file, key);
    return msi_fail_errno(error == ENOSPC ? MAILSLOT_ERR_FULL : MAILSLOT_ERR_OS, error,
                          "cannot name the slot's file");
}

/* link() fails if the name exists, so one of several processes gets it (S7). Ends: each round
 * finds a live reader, or removes the file of a dead one. */
static mailslot_err slotfile_take_name(const msi_slotfile *file, const char *temporary,
                                       const char *key) {
    enum { WAITS = 100 };
    const struct timespec pause = {0, 1000000};
    bool taken = false;
    for (int waits = 0; !taken;) {
        mailslot_err err = slotfile_try_to_take_name(file, temporary, key, &taken);
        if (err == MAILSLOT_ERR_CLOSED && waits++ < WAITS)
            nanosleep(&pause, NULL);
        else if (err == MAILSLOT_ERR_CLOSED)
            return mailslot_fail(MAILSLOT_ERR_IN_USE,
                                 "a process that is removing the mailslot is stopped");
        else if (err)
            return err;
    }
    return MAILSLOT_OK;
}

static bool slotfile_is_on_tmpfs(const msi_slotfile *file) {
    struct statfs status;
    return !fstatfs(file->fd, &status) && status.f_type == TMPFS_MAGIC;
}

/* Opens the file by its name, as writers will: there are file systems, as on FUSE, where that leads
 * to other memory or other locks than the reader's. */
static mailslot_err slotfile_verify(const msi_slotfile *file) {
    msi_slotfile again;
    if (slotfile_is_on_tmpfs(file))
        return MAILSLOT_OK;
    msi_fail_silently();
    mailslot_err err = msi_slotfile_open_again(&again, file);
    if (err && err != MAILSLOT_ERR_NOT_FOUND && err != MAILSLOT_ERR_DAMAGED)
        return msi_fail_after_all(err);
    msi_fail_aloud();
    if (err)
        return slotfile_unsupported("a file found by its name is not the one that was named");
    slotfile_give_up(&again, MAILSLOT_OK);
    return MAILSLOT_OK;
}

/* Sizes, fills and locks the file before naming it, so that no process finds a half-made slot. */
static mailslot_err slotfile_make(msi_slotfile *file, const char *temporary, int timeout_ms) {
    mailslot_err err = slotfile_resize(file);
    if (err)
        return err;
    slotfile_fill_header(file, timeout_ms);
    int error = slotfile_hold(file, MSI_READER_BYTE);
    if (error)
        return msi_fail_errno(MAILSLOT_ERR_OS, error, "cannot lock the slot's file");
    err = slotfile_take_name(file, temporary, file->key);
    if (err)
        return err;
    err = slotfile_verify(file);
    if (err)
        msi_slotfile_unlink(file);
    return err;
}

/* Called for a few of the files in the slot directory each time a reader opens, so that readers
 * that were killed leave little behind although no other process uses their names again. */
static void slotfile_reap_if_dead(int directory, const char *key) {
    msi_slotfile file = {.directory = -1};
    file.fd = openat(directory, key, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file.fd < 0)
        return;
    bool held = msi_slotfile_is_held(&file, MSI_READER_BYTE);
    close(file.fd);
    if (!held)
        slotfile_reap(directory, key);
}

mailslot_err msi_slotfile_create(msi_slotfile *file, const msi_name *name,
                                 const mailslot_options *options) {
    *file = (msi_slotfile){
        .fd = -1, .max_message = options->max_message, .local_only = options->local_only};
    file->capacity = options->capacity / MSI_UNIT * MSI_UNIT;
    memcpy(file->path, name->path, sizeof file->path);
    memcpy(file->key, name->key, sizeof file->key);
    msi_queue_lay_out(&file->layout, file->capacity);
    mailslot_err err = msi_slotdir_open(&file->directory, true);
    if (err)
        return err;
    char temporary[TEMPORARY_SIZE];
    err = slotfile_open_unnamed(file, temporary);
    if (!err)
        err = slotfile_make(file, temporary, options->timeout_ms);
    if (temporary[0])
        unlinkat(file->directory, temporary, 0);
    if (err)
        return slotfile_give_up(file, err);
    msi_slotdir_sample(file->directory, slotfile_reap_if_dead);
    return MAILSLOT_OK;
}

void msi_slotfile_unlink(const msi_slotfile *file) {
    if (slotfile_has_name(file, file->fd, file->key))
        unlinkat(file->directory, file->key, 0);
}

bool msi_slotfile_was_removed(const msi_slotfile *file) {
    struct stat named, ours;
    if (fstatat(file->directory, file->key, &named, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT;
    return !fstat(file->fd, &ours) && (named.st_dev != ours.st_dev || named.st_ino != ours.st_ino);
}
