#include "utf8.h"

#include <mailslot/codec.h>

#include <stdio.h>
#include <string.h>

static bool is_control(const unsigned char *text, size_t sequence) {
    bool c1 = sequence == 2 && text[0] == 0xC2 && text[1] < 0xA0;
    return text[0] < 0x20 || text[0] == 0x7F || c1;
}

static size_t utf8_escape(char *out, const unsigned char *text, size_t len, bool with_controls) {
    size_t used = 0;
    for (size_t i = 0; i < len;) {
        size_t sequence = mailslot_utf8_length((const char *)text + i, len - i);
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
