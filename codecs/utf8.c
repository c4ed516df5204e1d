#include "utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static uint64_t load8(const unsigned char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static uint64_t load4(const unsigned char *p) {
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* Whether eight bytes are all 01 to 7F: below 80 as they are, and not below 0 less one. */
static bool word_is_plain(uint64_t word) {
    return ((word | (word - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080)) == 0;
}

/* Whether all bytes are 01 to 7F, as in most texts. The last word overlaps the one before it, so
 * that no text ends in single bytes. */
static bool all_plain(const unsigned char *p, size_t len) {
    if (len < 4) {
        unsigned char bad = 0;
        for (size_t i = 0; i < len; i++)
            bad |= (unsigned char)(p[i] | (p[i] - 1));
        return bad < 0x80;
    }
    if (len < 8)
        return word_is_plain(load4(p) | load4(p + len - 4) << 32);
    for (size_t at = 0; at < len - 8; at += 8)
        if (!word_is_plain(load8(p + at)))
            return false;
    return word_is_plain(load8(p + len - 8));
}

/* Bytes of the character that a byte of 80 or more begins; 0 for none. */
static size_t length_of(unsigned char first) {
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Only the second byte tells overlong forms, surrogates and numbers above 10FFFF. */
static bool second_fits(unsigned char first, unsigned char second) {
    unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= least && second <= most;
}

/* Bytes of the character at p, which has left bytes; 0 if it is none or NUL. */
static size_t character(const unsigned char *p, size_t left) {
    if (p[0] < 0x80)
        return p[0] != 0;
    size_t len = length_of(p[0]);
    if (len == 0 || len > left || !second_fits(p[0], p[1]))
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

size_t msi_utf8_prefix(const void *data, size_t len) {
    const unsigned char *p = data;
    if (all_plain(p, len))
        return len;
    size_t at = 0;
    while (at < len) {
        bool word = len - at >= 8 && word_is_plain(load8(p + at));
        size_t step = word ? 8 : character(p + at, len - at);
        if (step == 0)
            break;
        at += step;
    }
    return at;
}
