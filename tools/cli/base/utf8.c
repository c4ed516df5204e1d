#include "utf8.h"

#include <stdio.h>
#include <string.h>

static size_t length_by_lead(unsigned char lead) {
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* The second byte rules out overlong forms, surrogates and what lies above 10FFFF. */
static bool second_allowed(unsigned char lead, unsigned char second) {
    switch (lead) {
    case 0xE0:
        return second >= 0xA0;
    case 0xED:
        return second < 0xA0;
    case 0xF0:
        return second >= 0x90;
    case 0xF4:
        return second < 0x90;
    default:
        return true;
    }
}

size_t utf8_sequence(const unsigned char *text, size_t len) {
    size_t sequence = length_by_lead(text[0]);
    if (sequence > len)
        return 0;
    for (size_t i = 1; i < sequence; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    if (sequence > 1 && !second_allowed(text[0], text[1]))
        return 0;
    return sequence;
}

bool utf8_valid(const void *text, size_t len) {
    const unsigned char *at = text;
    while (len > 0) {
        size_t sequence = utf8_sequence(at, len);
        if (sequence == 0)
            return false;
        at += sequence;
        len -= sequence;
    }
    return true;
}

/* ---- Escaping ---- */

static bool is_control(const unsigned char *text, size_t sequence) {
    bool c1 = sequence == 2 && text[0] == 0xC2 && text[1] < 0xA0;
    return text[0] < 0x20 || text[0] == 0x7F || c1;
}

static size_t utf8_escape(char *out, const unsigned char *text, size_t len, bool with_controls) {
    size_t used = 0;
    for (size_t i = 0; i < len;) {
        size_t sequence = utf8_sequence(text + i, len - i);
        bool escaped = with_controls ? is_control(text + i, sequence) : text[i] == 0;
        if (sequence && !escaped) {
            memcpy(out + used, text + i, sequence);
            used += sequence;
            i += sequence;
        } else {
            used += (size_t)sprintf(out + used, "\\x%02x", text[i++]);
        }
    }
    return used;
}

size_t utf8_printable(char *out, const void *text, size_t len) {
    return utf8_escape(out, text, len, true);
}

size_t utf8_mended(char *out, const void *text, size_t len) {
    return utf8_escape(out, text, len, false);
}
