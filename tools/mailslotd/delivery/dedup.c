/* A set-associative table: DEDUP_SETS sets with DEDUP_WAYS entries, newest first. A flood pushes
 * out only the oldest entries of each set. */
#include "dedup.h"
#include "base/hash.h"

#include <string.h>

void dedup_init(struct dedup *dedup, uint64_t seed) {
    memset(dedup, 0, sizeof *dedup);
    dedup->seed = seed;
}

static uint64_t hash_name(uint64_t hash, const msi_nbname *name) {
    hash = hash_bytes(hash, name->bytes, sizeof name->bytes);
    return hash_bytes(hash, name->scope, name->scope_len);
}

/* Over all that a repeated datagram has in common. The seed is secret, so a sender cannot make the
 * datagram of another one collide, which would drop it. */
static uint64_t hash_datagram(uint64_t seed, const msi_datagram *datagram) {
    uint64_t hash = hash_bytes(seed, &datagram->id, sizeof datagram->id);
    hash = hash_name(hash, &datagram->source);
    hash = hash_name(hash, &datagram->destination);
    return hash_bytes(hash, datagram->data, datagram->len) | 1; /* 0 means free */
}

/* Where a hash is in its set; DEDUP_WAYS - 1, the oldest's place, if it is not. */
static size_t dedup_find(const struct dedup_entry *set, uint64_t hash) {
    size_t i = 0;
    while (i < DEDUP_WAYS - 1 && set[i].hash != hash)
        i++;
    return i;
}

bool dedup_note(struct dedup *dedup, const msi_datagram *datagram, uint64_t now_ns) {
    uint64_t hash = hash_datagram(dedup->seed, datagram), now_ms = now_ns / 1000000;
    struct dedup_entry *set = dedup->sets[hash >> 32 & (DEDUP_SETS - 1)];
    size_t i = dedup_find(set, hash);
    if (set[i].hash == hash && now_ms - set[i].when_ms < DEDUP_MS)
        return true;
    /* Moves the found or the oldest entry to the front; `i` entries before it move back. */
    memmove(set + 1, set, i * sizeof *set);
    set[0] = (struct dedup_entry){hash, now_ms};
    return false;
}
