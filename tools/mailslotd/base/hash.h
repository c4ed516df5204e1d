/* A hash with a seed, for tables that strangers fill. */
#ifndef MAILSLOTD_HASH_H
#define MAILSLOTD_HASH_H

#include <stddef.h>
#include <stdint.h>

/** Of len bytes, after what the seed stands for; may itself be the seed of what follows. */
uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t len);

/** A seed that nobody else knows, as far as the system has one to give. */
uint64_t hash_seed(void);

#endif
