#include "dedup.h"
#include "base/hash.h"

#include <string.h>

void duplicates_init(struct duplicates *duplicates, uint64_t seed) {
    memset(duplicates, 0, sizeof *duplicates);
    duplicates->seed = seed;
}

static uint64_t hash_name(uint64_t hash, const msi_nbname *name) {
    hash = hash_bytes(hash, name->bytes, sizeof name->bytes);
    return hash_bytes(hash, name->scope, name->scope_len);
}

static uint64_t hash_datagram(uint64_t seed, const msi_datagram *datagram) {
    uint64_t hash = hash_bytes(seed, &datagram->id, sizeof datagram->id);
    hash = hash_name(hash, &datagram->source);
    hash = hash_name(hash, &datagram->destination);
    return hash_bytes(hash, datagram->data, datagram->len) | 1; /* 0 means free */
}

/* Where a hash is in its set; DUPLICATES_WAYS - 1, the oldest's place, if it is not. */
static size_t find(const struct duplicate *set, uint64_t hash) {
    size_t i = 0;
    while (i < DUPLICATES_WAYS - 1 && set[i].hash != hash)
        i++;
    return i;
}

bool duplicates_note(struct duplicates *duplicates, const msi_datagram *datagram, uint64_t now_ns) {
    uint64_t hash = hash_datagram(duplicates->seed, datagram), now_ms = now_ns / 1000000;
    struct duplicate *set = duplicates->sets[hash >> 32 & (DUPLICATES_SETS - 1)];
    size_t i = find(set, hash);
    if (set[i].hash == hash && now_ms - set[i].when_ms < DUPLICATES_MS)
        return true;
    memmove(set + 1, set, i * sizeof *set);
    set[0] = (struct duplicate){hash, now_ms};
    return false;
}
