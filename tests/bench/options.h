/* The command line of mailslot_bench. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include "cell.h"

#define PEERS_MAX  16
#define ROUNDS_MAX 1000

struct bench_options {
    double seconds;
    unsigned rounds;
    uint64_t messages; /* 0: by time */
    enum plant plant;
    bool strace;
    bool costs; /* measure them too: see cost.h */
    uint64_t syscall_messages;
    const char *json; /* file name, or NULL */
    const struct peer *peers[PEERS_MAX];
    unsigned peer_count;
    const struct cell *cells[CELL_COUNT];
    unsigned cell_count;
};

/* Exit status, or -1: go on. Prints what --help, --list and mistakes ask for. */
int options_parse(struct bench_options *options, int argc, char **argv);

#endif
