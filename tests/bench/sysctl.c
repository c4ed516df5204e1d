/* Raises a limit in /proc/sys and puts it back. */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool sysctl_raise(struct sysctl *limit, const char *path, const char *value) {
    *limit = (struct sysctl){.path = path, .fd = open(path, O_RDWR | O_CLOEXEC)};
    if (limit->fd < 0)
        return false;
    ssize_t len = pread(limit->fd, limit->before, sizeof limit->before, 0);
    if (len > 0 && pwrite(limit->fd, value, strlen(value), 0) > 0) {
        limit->len = (size_t)len;
        return true;
    }
    int error = errno;
    close(limit->fd);
    errno = error;
    return false;
}

void sysctl_restore(struct sysctl *limit) {
    int error = errno;
    if (pwrite(limit->fd, limit->before, limit->len, 0) != (ssize_t)limit->len) {
        fprintf(stderr, "mailslot_bench: %s is still raised; it was %.*s", limit->path,
                (int)limit->len, limit->before);
    }
    close(limit->fd);
    errno = error;
}
