/* Base64 by RFC 4648: encodes the standard alphabet, decodes that and the URL-safe one. */
#include "base64.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buffer *out, const void *data, size_t len) {
    const unsigned char *in = data;
    buffer_reserve(out, len / 3 * 4 + 4);
    for (size_t i = 0; i < len; i += 3) {
        size_t some = len - i < 3 ? len - i : 3;
        uint32_t bits = (uint32_t)in[i] << 16;
        bits |= some > 1 ? (uint32_t)in[i + 1] << 8 : 0;
        bits |= some > 2 ? in[i + 2] : 0;
        char group[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
                         some > 1 ? digits[bits >> 6 & 63] : '=',
                         some > 2 ? digits[bits & 63] : '='};
        buffer_append(out, group, sizeof group);
    }
}

size_t base64_decoded_max(size_t text_len) { return text_len / 4 * 3 + 3; }

/* The value of a digit of either alphabet; -1 if it is none. */
static int digit_value(char c) {
    if (c == '-')
        return 62;
    if (c == '_')
        return 63;
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Padding, where there is any, must fill the last group of four. */
static bool strip_padding(const char *text, size_t *len) {
    size_t digits_len = *len;
    while (digits_len > 0 && *len - digits_len < 2 && text[digits_len - 1] == '=')
        digits_len--;
    bool padded = digits_len != *len;
    bool fits = !padded || *len % 4 == 0;
    *len = digits_len;
    return fits && digits_len % 4 != 1;
}

bool base64_decode(const char *text, size_t text_len, unsigned char *out, size_t *len) {
    if (!strip_padding(text, &text_len))
        return false;
    uint32_t bits = 0;
    unsigned held = 0;
    *len = 0;
    for (size_t i = 0; i < text_len; i++) {
        int value = digit_value(text[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[(*len)++] = (unsigned char)(bits >> held);
            bits &= (1U << held) - 1;
        }
    }
    return true;
}
