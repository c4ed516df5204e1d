/* UTF-8 as RFC 3629 section 4 defines it. This is the only implementation in the project: names,
 * the codecs and the tool all call it. */
#include <mailslot/codec.h>

#include <stdint.h>
#include <string.h>

enum { WORD_SIZE = 8 };

/* Copied, since text need not be aligned. */
static bool utf8_word_is_ascii(const unsigned char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

/* Length of a sequence by its first byte. C0, C1 and F5 to FF begin none: the first two could only
 * be overlong, the others lie above U+10FFFF. */
static size_t utf8_length_by_lead(unsigned char lead) {
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* After E0, F0, ED and F4 the range of the second byte is narrower than 80 to BF. That excludes
 * the other overlong forms, the surrogates and everything above U+10FFFF. */
static bool utf8_second_is_valid(unsigned char lead, unsigned char second) {
    unsigned char least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    return second >= least && second <= most;
}

static size_t utf8_sequence_length(const unsigned char *p, size_t len) {
    size_t sequence = len ? utf8_length_by_lead(p[0]) : 0;
    if (sequence <= 1)
        return sequence;
    if (sequence > len || !utf8_second_is_valid(p[0], p[1]))
        return 0;
    for (size_t i = 2; i < sequence; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return sequence;
}

size_t mailslot_utf8_length(const char *text, size_t len) {
    return utf8_sequence_length((const unsigned char *)text, len);
}

size_t mailslot_utf8_prefix(const char *text, size_t len) {
    const unsigned char *p = (const unsigned char *)text;
    size_t at = 0;
    while (at < len) {
        if (len - at >= WORD_SIZE && utf8_word_is_ascii(p + at)) {
            at += WORD_SIZE; /* most text is ASCII: eight characters at a time */
            continue;
        }
        size_t step = utf8_sequence_length(p + at, len - at);
        if (!step)
            break;
        at += step;
    }
    return at;
}
