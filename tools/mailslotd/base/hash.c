/* A multiply-and-fold hash in the manner of wyhash, with a secret seed. Not cryptographic. */
#include "hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

/* Multiplies 64 by 64 bits and folds the halves: each input bit changes about half of the output
 * bits (as wyhash). */
static uint64_t hash_mix(uint64_t a, uint64_t b) {
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Constants without structure: the fractions of pi and e. */
#define PI 0x243f6a8885a308d3u
#define E  0xb7e151628aed2a6bu

uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t len) {
    const unsigned char *p = bytes;
    /* With the length, since the last word is padded with zeros. */
    uint64_t hash = hash_mix(seed ^ PI, E ^ len), word;
    for (; len >= sizeof word; len -= sizeof word, p += sizeof word) {
        memcpy(&word, p, sizeof word);
        hash = hash_mix(hash ^ word, PI ^ seed);
    }
    word = 0;
    if (len)
        memcpy(&word, p, len);
    return hash_mix(hash ^ word, E ^ seed);
}

uint64_t hash_seed(void) {
    uint64_t seed;
    /* Must not block at boot, before the random pool is ready. The time is guessable, which then
     * only helps to make entries of a hash table collide. */
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == sizeof seed)
        return seed;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec;
}
