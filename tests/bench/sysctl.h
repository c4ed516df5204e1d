/* System-wide limits that a peer takes note of when it is made: raised for that moment only. */
#ifndef BENCH_SYSCTL_H
#define BENCH_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>

struct sysctl {
    const char *path;
    int fd;
    char before[32];
    size_t len;
};

/* Sets the limit at path. False, with errno and nothing changed, if this user may not. Signals
 * should stay blocked until sysctl_restore(), and only one process may do this at a time. */
bool sysctl_raise(struct sysctl *limit, const char *path, const char *value);

/* Sets it back; says on standard error if it cannot. errno is kept. */
void sysctl_restore(struct sysctl *limit);

#endif
