/* mailslotd, started for a cell. */
#ifndef BENCH_NET_DAEMON_H
#define BENCH_NET_DAEMON_H

#include "net.h"

struct net_daemon {
    pid_t pid;
    uint16_t port; /* of datagrams */
};

/* Returns when it is ready as NET_TARGET. Sets MAILSLOT_DIR. */
void net_daemon_start(struct net_daemon *daemon, const struct net_settings *settings);

/* One of the numbers it counts, such as "received". */
uint64_t net_daemon_count(const char *name);

/** Malformed datagrams that it has counted, of all kinds. */
uint64_t net_daemon_malformed(void);

#endif
