/*
 * The bare relay: receives from UDP and sends over AF_UNIX, many datagrams at once, and nothing
 * else. And the sender of the bare pair, which has the datagrams beforehand.
 */
#ifndef BENCH_NET_BARE_H
#define BENCH_NET_BARE_H

#include "net.h"

#include <sys/socket.h>

#define BARE_BATCH 64

/* Datagrams side by side, and what the system calls for many want. */
struct bare_batch {
    struct mmsghdr messages[BARE_BATCH];
    struct iovec parts[BARE_BATCH];
    unsigned char bytes[BARE_BATCH][MSI_DATAGRAM_MAX];
};

/* Has the spaces of a batch filled by recvmmsg. */
void bare_lay_out(struct bare_batch *batch);

struct bare {
    pid_t pid;
    int to;   /* UDP to it; connected */
    int from; /* what it passes on comes from here */
};

/* Starts a relay; or, of a window that is not 0, a sender that takes so many datagrams, stops
 * itself, passes them on when it is continued, and takes the next. */
void bare_start(struct bare *bare, const struct machine *machine, unsigned window);

/* A pair of sockets with the queue that mailslotd asks for; the second waits for NET_SILENCE_S. */
void bare_socket_pair(int ends[2]);

#endif
