/* A seeded hash, for tables whose keys an attacker may choose. */
#ifndef MAILSLOTD_HASH_H
#define MAILSLOTD_HASH_H

#include <stddef.h>
#include <stdint.h>

/** Hashes len bytes. The result may be the seed of the next part. */
uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t len);

/** A random seed; from the clock if the system has no random numbers yet. */
uint64_t hash_seed(void);

#endif
