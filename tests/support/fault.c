/* Wrappers of libc functions that fail as planned. */
#include "fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    const char *function; /* NULL: no call is to fail */
    int error, after, flags;
    bool struck;
} plan;

void fault_plan(const char *function, int error, int after) {
    plan.error = error;
    plan.after = after;
    plan.flags = 0;
    plan.struck = false;
    plan.function = function;
}

void fault_plan_flags(const char *function, int error, int flags) {
    fault_plan(function, error, 0);
    plan.flags = flags;
}

bool fault_end(void) {
    plan.function = NULL;
    return plan.struck;
}

/* True if this call is to fail; sets errno then. */
static bool fault_strikes(const char *function, int flags) {
    if (!plan.function || strcmp(plan.function, function) != 0)
        return false;
    if (plan.flags ? (flags & plan.flags) != plan.flags : plan.struck || plan.after-- > 0)
        return false;
    plan.struck = true;
    errno = plan.error;
    return true;
}

/* ld --wrap=NAME resolves calls of NAME to __wrap_NAME, and __real_NAME to the real function. */
#define FAULTY(type, name, failure, parameters, arguments)                                         \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters {                                                                \
        return fault_strikes(#name, 0) ? (failure) : __real_##name arguments;                      \
    }

FAULTY(void *, malloc, NULL, (size_t size), (size))
FAULTY(void *, calloc, NULL, (size_t count, size_t size), (count, size))
FAULTY(void *, realloc, NULL, (void *memory, size_t size), (memory, size))
FAULTY(void *, mmap, MAP_FAILED,
       (void *address, size_t len, int protection, int flags, int fd, off_t offset),
       (address, len, protection, flags, fd, offset))
FAULTY(int, access, -1, (const char *path, int mode), (path, mode))
FAULTY(int, mkdir, -1, (const char *path, mode_t mode), (path, mode))
FAULTY(int, fchmod, -1, (int fd, mode_t mode), (fd, mode))
FAULTY(int, fstat, -1, (int fd, struct stat *status), (fd, status))
FAULTY(int, ftruncate, -1, (int fd, off_t len), (fd, len))
FAULTY(ssize_t, pread, -1, (int fd, void *buf, size_t len, off_t offset), (fd, buf, len, offset))
FAULTY(int, linkat, -1, (int from, const char *old, int to, const char *new, int flags),
       (from, old, to, new, flags))
FAULTY(int, eventfd, -1, (unsigned count, int flags), (count, flags))
FAULTY(DIR *, opendir, NULL, (const char *path), (path))
FAULTY(DIR *, fdopendir, NULL, (int fd), (fd))
FAULTY(int, pthread_create, plan.error,
       (pthread_t * thread, const pthread_attr_t *attributes, void *(*body)(void *), void *ctx),
       (thread, attributes, body, ctx))

int __real_fallocate(int fd, int mode, off_t offset, off_t len);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t len);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t len) {
    return fault_strikes("fallocate", (int)len) ? -1 : __real_fallocate(fd, mode, offset, len);
}

int __real_posix_fallocate(int fd, off_t offset, off_t len);
int __wrap_posix_fallocate(int fd, off_t offset, off_t len);
int __wrap_posix_fallocate(int fd, off_t offset, off_t len) {
    return fault_strikes("posix_fallocate", (int)len) ? plan.error
                                                      : __real_posix_fallocate(fd, offset, len);
}

/* ---- Those with a variable last argument ---- */

static bool fault_takes_mode(int flags) {
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = fault_takes_mode(flags) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return fault_strikes("open", flags) ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int directory, const char *path, int flags, ...);
int __wrap_openat(int directory, const char *path, int flags, ...);
int __wrap_openat(int directory, const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    mode_t mode = fault_takes_mode(flags) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return fault_strikes("openat", flags) ? -1 : __real_openat(directory, path, flags, mode);
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...) {
    if (fault_strikes("fcntl", 0))
        return -1;
    va_list args;
    va_start(args, command);
    int result = command == F_DUPFD_CLOEXEC ? __real_fcntl(fd, command, va_arg(args, int))
                                            : __real_fcntl(fd, command, va_arg(args, void *));
    va_end(args);
    return result;
}
