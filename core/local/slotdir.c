/* The slot directory: one per user, writable by that user only. */
#include "error.h"
#include "linux/process.h"
#include "platform.h"
#include "slotfile.h"
#include "unwind.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DIRECTORY_MODE = 0711 }; /* others may learn that a slot exists, and no more */

static const char *slotdir_base(void) {
    const char *dir = msi_environment("MAILSLOT_DIR");
    return dir ? dir : "/dev/shm";
}

mailslot_err msi_slotdir_path(char path[PATH_MAX]) {
    int len = snprintf(path, PATH_MAX, "%s/mailslot-%u", slotdir_base(), (unsigned)geteuid());
    if (len >= PATH_MAX)
        return mailslot_fail(MAILSLOT_ERR_OS, "MAILSLOT_DIR exceeds %d bytes", PATH_MAX - 32);
    return MAILSLOT_OK;
}

/* Too few rights are left by a strict umask, or by a process killed before it set them: repair
 * those. More rights are unsafe: leave such a directory alone, and refuse it. */
static bool slotdir_is_mendable(const struct stat *status) {
    return status->st_uid == geteuid() && !(status->st_mode & 07777 & ~(unsigned)DIRECTORY_MODE);
}

/* A directory that cannot even be opened is repaired by its path in /proc/self/fd, which names
 * the directory that was checked, even if another has its name by now. */
static void slotdir_mend_unopened(const char *path) {
    struct stat status;
    int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    char opened[32];
    snprintf(opened, sizeof opened, "/proc/self/fd/%d", fd);
    if (!fstat(fd, &status) && slotdir_is_mendable(&status))
        (void)!chmod(opened, DIRECTORY_MODE);
    close(fd);
}

static mailslot_err slotdir_open_path(const char *path, int *fd) {
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    *fd = open(path, flags);
    if (*fd < 0 && errno == EACCES) {
        slotdir_mend_unopened(path);
        *fd = open(path, flags);
    }
    *fd = msi_clear_of_stdio(*fd);
    if (*fd >= 0)
        return MAILSLOT_OK;
    if (errno == ENOENT)
        return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "no such mailslot");
    if (errno == ELOOP || errno == ENOTDIR)
        return mailslot_fail(MAILSLOT_ERR_DENIED, "%s is not a directory", path);
    return msi_fail_errno(errno == EACCES ? MAILSLOT_ERR_DENIED : MAILSLOT_ERR_OS, errno, "%s",
                          path);
}

static mailslot_err slotdir_check(const char *path, int fd) {
    struct stat status;
    if (fstat(fd, &status))
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "%s", path);
    if (status.st_uid != geteuid())
        return mailslot_fail(MAILSLOT_ERR_DENIED,
                             "%s belongs to user %u, not to user %u: have that user or root remove "
                             "it, or set MAILSLOT_DIR to a directory that only its users can write",
                             path, (unsigned)status.st_uid, (unsigned)geteuid());
    unsigned mode = status.st_mode & 07777;
    if (!slotdir_is_mendable(&status))
        return mailslot_fail(MAILSLOT_ERR_DENIED, "%s has mode %04o, must be %04o", path, mode,
                             (unsigned)DIRECTORY_MODE);
    if (mode != DIRECTORY_MODE && fchmod(fd, DIRECTORY_MODE))
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "%s", path);
    return MAILSLOT_OK;
}

mailslot_err msi_slotdir_open(int *fd, bool make) {
    *fd = -1;
    char path[PATH_MAX];
    mailslot_err err = msi_slotdir_path(path);
    if (err)
        return err;
    if (make && mkdir(path, DIRECTORY_MODE) && errno != EEXIST)
        return msi_fail_errno(errno == ENOSPC ? MAILSLOT_ERR_FULL : MAILSLOT_ERR_OS, errno,
                              "cannot make %s", path);
    err = slotdir_open_path(path, fd);
    if (!err)
        err = slotdir_check(path, *fd);
    if (err && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return err;
}

/* ---- Looking at some of many ---- */

/* The bounds of what an open reads of directories, which can be very large: /dev/shm is open to
 * all users. */
enum { NAMES_MAX = 4096, SAMPLE_SIZE = 8, USERS_MAX = 256 };

typedef struct {
    unsigned seen;
    uint32_t random;
    char keys[SAMPLE_SIZE][MSI_PATH_MAX + 1];
} slotdir_choice;

/* Xorshift, by Marsaglia. It only has to differ from one open to the next. */
static uint32_t slotdir_random(slotdir_choice *choice) {
    choice->random ^= choice->random << 13;
    choice->random ^= choice->random >> 17;
    return choice->random ^= choice->random << 5;
}

/* Reservoir sampling: entry number n is chosen with the chance SAMPLE_SIZE / n. */
static void slotdir_consider(slotdir_choice *choice, const char *key) {
    unsigned at = choice->seen++;
    if (at >= SAMPLE_SIZE)
        at = slotdir_random(choice) % choice->seen;
    if (at < SAMPLE_SIZE)
        memcpy(choice->keys[at], key, strlen(key) + 1);
}

/* No key contains a colon, which half-made files have in their names. */
static bool slotdir_may_be_slot(const struct dirent *entry) {
    return (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) &&
           strlen(entry->d_name) <= MSI_PATH_MAX && !strchr(entry->d_name, ':');
}

void msi_slotdir_sample(int directory, void (*each)(int directory, const char *key)) {
    slotdir_choice choice = {.random = (uint32_t)msi_now() | 1};
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries && fd >= 0)
        close(fd);
    if (!entries)
        return;
    struct dirent *entry;
    for (int names = 0; names < NAMES_MAX && (entry = readdir(entries)); names++)
        if (slotdir_may_be_slot(entry))
            slotdir_consider(&choice, entry->d_name);
    closedir(entries);
    for (unsigned i = 0; i < choice.seen && i < SAMPLE_SIZE; i++)
        each(directory, choice.keys[i]);
}

/* ---- Other users' slots ---- */

static bool slotdir_parse_user(const char *entry, unsigned *uid) {
    char rest;
    return entry[0] == 'm' && sscanf(entry, "mailslot-%u%c", uid, &rest) == 1;
}

/* Ignores a directory that is named after a user but owned by another. */
static bool slotdir_has_slot(int base, const char *entry, unsigned uid, const char *key) {
    struct stat status;
    int fd = openat(base, entry, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool found = !fstat(fd, &status) && status.st_uid == uid &&
                 !fstatat(fd, key, &status, AT_SYMLINK_NOFOLLOW) && S_ISREG(status.st_mode) &&
                 status.st_uid == uid;
    close(fd);
    return found;
}

/* Any user can make such directories without end, so look at a bounded number. A slot beyond is
 * NOT_FOUND rather than DENIED, which is all that the caller makes of it. */
bool msi_slotdir_other_owner(const char *key, unsigned *uid) {
    DIR *base = opendir(slotdir_base());
    if (!base)
        return false;
    bool found = false;
    struct dirent *entry;
    for (int names = 0, users = 0;
         !found && names < NAMES_MAX && users < USERS_MAX && (entry = readdir(base)); names++)
        if (slotdir_parse_user(entry->d_name, uid) && *uid != geteuid()) {
            found = slotdir_has_slot(dirfd(base), entry->d_name, *uid, key);
            users++;
        }
    closedir(base);
    return found;
}

/* ---- Listing ---- */

/* The name of a half-made file contains a colon, which no key does. Making one takes far less than
 * OLD_SECONDS. */
static void slotdir_remove_if_old(int directory, const char *entry) {
    enum { OLD_SECONDS = 60 };
    struct stat status;
    if (!fstatat(directory, entry, &status, AT_SYMLINK_NOFOLLOW) &&
        time(NULL) - status.st_mtime > OLD_SECONDS)
        unlinkat(directory, entry, 0);
}

static void slotdir_close(DIR **directory) {
    if (*directory)
        closedir(*directory);
    *directory = NULL;
}

mailslot_err msi_slotfile_each(mailslot_err (*each)(void *ctx, const char *key), void *ctx) {
    int fd;
    msi_fail_silently();
    mailslot_err err = msi_slotdir_open(&fd, false);
    if (err && err != MAILSLOT_ERR_NOT_FOUND)
        return msi_fail_after_all(err);
    msi_fail_aloud();
    if (err)
        return MAILSLOT_OK;
    MSI_ON_UNWIND(slotdir_close) DIR *directory = fdopendir(fd);
    if (!directory) {
        close(fd);
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to list mailslots");
    }
    for (struct dirent *entry; !err && (entry = readdir(directory));) {
        if (strchr(entry->d_name, ':'))
            slotdir_remove_if_old(fd, entry->d_name);
        else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            err = each(ctx, entry->d_name);
    }
    slotdir_close(&directory);
    return err;
}
