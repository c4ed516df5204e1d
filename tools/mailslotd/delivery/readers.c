/* A hash table with chains, keyed by the name of the mailslot. */
#include "readers.h"
#include "base/hash.h"
#include "error.h"
#include "netbios/config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void readers_init(struct readers *readers, uint64_t seed) {
    *readers = (struct readers){.seed = seed, .max_same = MSI_CONFIG_NAME_READERS};
}

static struct reader **readers_bucket(struct readers *readers, uint64_t hash) {
    return &readers->buckets[hash % READERS_BUCKETS];
}

static struct reader *reader_match(struct reader *reader, uint64_t hash, const char *key) {
    while (reader && (reader->hash != hash || strcmp(reader->key, key) != 0))
        reader = reader->next;
    return reader;
}

struct reader *readers_first(const struct readers *readers, const char *key) {
    uint64_t hash = hash_bytes(readers->seed, key, strlen(key));
    return reader_match(readers->buckets[hash % READERS_BUCKETS], hash, key);
}

struct reader *readers_next(const struct reader *reader) {
    /* In one bucket, readers of one key need not be adjacent. */
    return reader_match(reader->next, reader->hash, reader->key);
}

/* ---- Registration ---- */

/* Bounds the chain of one name: each datagram for it walks the chain. */
static mailslot_err readers_check_room(const struct readers *readers,
                                       const msi_relay_message *request, uid_t uid) {
    unsigned same = 0;
    for (struct reader *r = readers_first(readers, request->key); r; r = readers_next(r))
        same += r->peer.uid == uid;
    if (same >= readers->max_same)
        return mailslot_fail(MAILSLOT_ERR_IN_USE,
                             "user %u already has %u readers of that name: close some, or raise "
                             "max-readers-per-name in mailslot.conf",
                             (unsigned)uid, same);
    return MAILSLOT_OK;
}

/* Asks for a queue that takes bursts. The kernel doubles the value, and may grant less. */
static size_t reader_size_queue(int fd, int wanted) {
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted);
    int size = 0;
    socklen_t len = sizeof size;
    return getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len) ? 0 : (size_t)size;
}

/* Before readers of the same user and name, whose end may not have been noticed yet; after those of
 * other users, so that a later reader cannot take their messages. */
static void readers_insert(struct readers *readers, struct reader *reader) {
    struct reader **at = readers_bucket(readers, reader->hash);
    while (*at && ((*at)->peer.uid != reader->peer.uid || strcmp((*at)->key, reader->key) != 0))
        at = &(*at)->next;
    reader->next = *at;
    *at = reader;
    readers->count++;
}

/* A reader of a user that has others gets a part of what is left of the user's budget, and at least
 * room for the largest message. */
static int queue_share(const struct readers *readers, uid_t uid) {
    size_t used = 0;
    /* A walk over all readers, but registrations are rare. */
    for (size_t i = 0; i < READERS_BUCKETS; i++)
        for (const struct reader *reader = readers->buckets[i]; reader; reader = reader->next)
            used += reader->peer.uid == uid ? reader->queue_size : 0;
    size_t left = used < READERS_USER_BYTES ? READERS_USER_BYTES - used : 0;
    size_t share = left / 16;
    if (share < READERS_QUEUE_LEAST)
        share = READERS_QUEUE_LEAST;
    return (int)(share < READERS_QUEUE_MOST ? share : READERS_QUEUE_MOST);
}

mailslot_err readers_add(struct readers *readers, struct reader **reader,
                         const msi_relay_message *request, int fd, const struct peer *peer,
                         uint64_t now) {
    mailslot_err err = readers_check_room(readers, request, peer->uid);
    if (err)
        return err;
    size_t len = strlen(request->key);
    /* The key follows the struct, so that one free() releases both. */
    struct reader *r = calloc(1, sizeof *r + len + 1);
    if (!r)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "mailslotd has no memory for a reader");
    memcpy(r->key, request->key, len + 1);
    r->hash = hash_bytes(readers->seed, r->key, len);
    r->references = 1;
    r->fd = fd;
    r->peer = *peer;
    r->queue_size = reader_size_queue(fd, queue_share(readers, peer->uid));
    r->since = now;
    r->limit = request->limit;
    r->access = request->access;
    r->local_only = request->local_only;
    readers_insert(readers, r);
    *reader = r;
    return MAILSLOT_OK;
}

/* ---- Removal ---- */

void reader_refer(struct reader *reader) { reader->references++; }

void reader_forget(struct reader *reader) {
    if (!--reader->references)
        free(reader);
}

bool reader_is_gone(const struct reader *reader) { return reader->fd < 0; }

void readers_remove(struct readers *readers, struct reader *reader) {
    struct reader **at = readers_bucket(readers, reader->hash);
    while (*at != reader)
        at = &(*at)->next;
    *at = reader->next;
    readers->count--;
    /* Writers that still refer to the reader see by this that it is gone. */
    reader->fd = -1;
    reader_forget(reader);
}
