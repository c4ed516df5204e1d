/* The mailslots that have a reader on this computer, and who may write to them. */
#ifndef MAILSLOTD_READERS_H
#define MAILSLOTD_READERS_H

#include "base/peer.h"
#include "quota.h"
#include "relay/protocol.h"

enum {
    READERS_BUCKETS = 1024,
    /* Bytes of kernel memory that the queues of one user's readers may hold, as far as each of them
     * has room for the largest message; and of one queue, before the kernel doubles it. */
    READERS_USER_BYTES = 32 << 20,
    READERS_QUEUE_MOST = 1 << 19,
    READERS_QUEUE_LEAST = 72 << 10,
    READERS_BATCH = 64, /* messages delivered by one system call */
};

struct reader {
    struct reader *next; /* in its bucket */
    uint64_t hash;
    unsigned references; /* one of the connection and one of each attached writer */
    int fd;              /* -1: gone */
    struct peer peer;
    uint64_t since;    /* when it registered, in ns since 1970 */
    size_t queue_size; /* bytes of the socket's buffer */
    uint32_t limit;
    mailslot_access access;
    bool local_only;
    struct quota quota;
    struct reader *next_pending;
    uint8_t pending_count, pending[READERS_BATCH]; /* see deliver.h */
    char key[];
};

struct readers {
    uint64_t seed;
    size_t count;
    /* Readers of one user with one name: normally one, two while a reader is replaced, more where
     * containers share a user and this daemon. */
    unsigned max_same;
    struct reader *buckets[READERS_BUCKETS];
};

/** With the default limits. */
void readers_init(struct readers *readers, uint64_t seed);

/** Adds a reader as its REGISTER says, whose connection is fd, now by the wall clock in ns. IN_USE,
 *  NO_MEMORY. */
mailslot_err readers_add(struct readers *readers, struct reader **reader,
                         const msi_relay_message *request, int fd, const struct peer *peer,
                         uint64_t now);

/** Removes a reader. Its memory is freed with the last reference. */
void readers_remove(struct readers *readers, struct reader *reader);

void reader_refer(struct reader *reader);
void reader_forget(struct reader *reader);

/** Whether the reader was removed. */
bool reader_is_gone(const struct reader *reader);

/** The readers of a name; NULL: no more. The users in the order in which they came, each with its
 *  newest first. */
struct reader *readers_first(const struct readers *readers, const char *key);
struct reader *readers_next(const struct reader *reader);

#endif
