/* Escapes text of other programs before a terminal or an error line gets it. */
#include "utf8.h"

#include <mailslot/codec.h>

#include <stdio.h>
#include <string.h>

/* The caller has checked the sequence; a first byte of size n has 7 - n bits. */
uint32_t utf8_decode(const char *text, size_t size) {
    const unsigned char *bytes = (const unsigned char *)text;
    uint32_t character = size == 1 ? bytes[0] : bytes[0] & (0x7FU >> size);
    for (size_t i = 1; i < size; i++)
        character = character << 6 | (bytes[i] & 0x3F);
    return character;
}

/* C0, C1, and the characters that change the direction of text (Unicode UAX #9) or break lines:
 * with these, a message can make a terminal show other text than it has. */
bool utf8_is_control(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/* ---- Into memory of a fixed size ---- */

/* Bytes that are not UTF-8 are always escaped: some terminals take 0x80 to 0x9F for C1 controls.
 */
static size_t utf8_escape(char *out, const char *text, size_t len, bool with_controls) {
    size_t used = 0;
    for (size_t i = 0, size; i < len; i += size) {
        size = mailslot_utf8_length(text + i, len - i);
        bool escaped = size == 0 || text[i] == '\0';
        if (!escaped && with_controls)
            escaped = utf8_is_control(utf8_decode(text + i, size));
        size = size ? size : 1;
        if (!escaped)
            memcpy(out + used, text + i, size);
        used += escaped ? 0 : size;
        for (size_t j = 0; escaped && j < size; j++)
            used += (size_t)sprintf(out + used, "\\x%02x", (unsigned char)text[i + j]);
    }
    return used;
}

size_t utf8_printable(char *out, const void *text, size_t len) {
    return utf8_escape(out, text, len, true);
}

size_t utf8_mended(char *out, const void *text, size_t len) {
    return utf8_escape(out, text, len, false);
}

/* ---- For a terminal ---- */

static void append_escaped(struct buffer *out, const char *text, size_t size, bool as_json) {
    char escape[UTF8_ESCAPED_SIZE(4)];
    if (as_json)
        snprintf(escape, sizeof escape, "\\u%04x", (unsigned)utf8_decode(text, size));
    else
        escape[utf8_printable(escape, text, size)] = '\0';
    buffer_append_text(out, escape);
}

/* Of characters whose escape a string of JSON may hold, all are below U+10000: one unit each. */
static void escape_tail(struct buffer *out, size_t from, bool as_json) {
    struct buffer safe = {0};
    for (size_t at = from, size; at < out->len; at += size) {
        const char *text = out->data + at;
        size = mailslot_utf8_length(text, out->len - at);
        bool keeps =
            *text == '\n' || *text == '\t' || (size && !utf8_is_control(utf8_decode(text, size)));
        bool is_utf8 = size > 0;
        size = is_utf8 ? size : 1;
        if (keeps)
            buffer_append(&safe, text, size);
        else
            append_escaped(&safe, text, size, as_json && is_utf8);
    }
    out->len = from;
    buffer_append(out, safe.data, safe.len);
    buffer_free(&safe);
}

void utf8_escape_text(struct buffer *out, size_t from) { escape_tail(out, from, false); }

void utf8_escape_json(struct buffer *out, size_t from) { escape_tail(out, from, true); }
