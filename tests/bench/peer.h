/*
 * What the benchmark measures: one table per peer, one file per table, listed in peers.c.
 *
 * The harness calls create() in the parent process, then forks. The reader's process calls
 * open_reader(), and once every reader of the cell is open, each writer's process calls
 * open_writer(). Ends are closed only after every message of the cell has been read. An end is
 * used by one thread. A latency cell makes two channels and opens both in both processes.
 *
 * A function that fails says why through peer_fail() and returns what its comment says.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stdbool.h>
#include <stddef.h>

enum peer_status {
    PEER_OK,
    PEER_FULL,   /* put: no room now, nothing was queued; the harness counts it and tries again */
    PEER_ABSENT, /* create: this machine or user does not have it; printed as not measured */
    PEER_ERROR,  /* the run has failed */
};

/* Where a channel is to be: peers name their sockets, queues and slots after id. */
struct peer_place {
    const char *id;     /* unique among everything alive; letters, digits and '-' */
    const char *dir;    /* a private directory for socket files */
    size_t max_message; /* bytes of the largest message that will be put */
};

struct peer {
    const char *name;     /* for --peers and the table: at most 12 characters */
    const char *what;     /* one line about it */
    const char *missing;  /* why this build cannot measure it; every function is then NULL */
    unsigned max_writers; /* 0: any number */

    /* Makes what both ends need before they exist and stores it in *channel. PEER_OK, or
     * PEER_ABSENT or PEER_ERROR with nothing left behind. */
    enum peer_status (*create)(const struct peer_place *place, void **channel);
    void (*destroy)(void *channel);

    /* The end on which get() is called, or NULL. */
    void *(*open_reader)(void *channel);
    /* The end on which put() is called, or NULL. Its put may block until there is room if wait
     * is set and the peer's natural call does so; otherwise a full queue is PEER_FULL. */
    void *(*open_writer)(void *channel, bool wait);

    /* Queues one message of len bytes: PEER_OK, PEER_FULL or PEER_ERROR. */
    enum peer_status (*put)(void *end, const void *data, size_t len);
    /* Waits for the next message by the peer's natural blocking call, copies it into buf and
     * returns its length, or -1. */
    long (*get)(void *end, void *buf, size_t cap);
    void (*close)(void *end);
};

/* Every peer, in the order of the table; ends with NULL. */
extern const struct peer *const peers_all[];

const struct peer *peer_find(const char *name);

/* The one that the others are measured beside. */
extern const struct peer peer_mailslot;

/* Keeps the reason of a failure or an absence, with errno's text appended if error is not 0. */
void peer_fail(const char *what, int error);
/* The last reason given in this process; never NULL. */
const char *peer_reason(void);

#endif
