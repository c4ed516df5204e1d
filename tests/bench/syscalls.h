/* System calls per message, by strace. */
#ifndef BENCH_SYSCALLS_H
#define BENCH_SYSCALLS_H

#include "options.h"

#include <stdio.h>

struct syscall_count {
    bool measured, failed;
    double per_message; /* reader and writer together */
    uint64_t messages;
    char details[75];   /* the kinds that matter */
    const char *reason; /* why it was not measured */
};

/* With one writer that puts 64 bytes as fast as it can, which keeps the reader awake. */
struct syscall_count syscalls_count(const struct peer *peer, uint64_t messages);

void syscalls_print(FILE *out, const struct peer *peer, const struct syscall_count *count);

/* --strace. Returns the exit status. */
int syscalls_run(const struct bench_options *options);

#endif
