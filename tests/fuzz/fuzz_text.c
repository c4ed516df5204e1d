/* text, utf8 and bytes. The input is the message. */
#include "fuzz.h"
#include "message.h"

#include <mailslot/text.h>

/* ---- RFC 3629, by what a sequence means ---- */

/* The number that n bytes stand for; -1 if one behind the first is not of its kind. */
static long model_code_point(const uint8_t *p, size_t n) {
    long point = n == 1 ? p[0] : p[0] & (0x7f >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return -1;
        point = point << 6 | (p[i] & 0x3f);
    }
    return point;
}

/* Bytes of the character at p; 0 if there is none. */
static size_t model_length(const uint8_t *p, size_t left) {
    static const long least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = p[0] < 0x80             ? 1
               : (p[0] & 0xe0) == 0xc0 ? 2
               : (p[0] & 0xf0) == 0xe0 ? 3
               : (p[0] & 0xf8) == 0xf0 ? 4
                                       : 0;
    if (!n || n > left)
        return 0;
    long point = model_code_point(p, n);
    bool surrogate = point >= 0xd800 && point <= 0xdfff;
    return point >= least[n] && point <= 0x10ffff && !surrogate ? n : 0;
}

/* Bytes before the first wrong character. */
static size_t model_prefix(const uint8_t *data, size_t size) {
    size_t at = 0;
    for (size_t n; at < size && (n = model_length(data + at, size - at)); at += n)
        continue;
    return at;
}

/* ---- The codecs ---- */

static bool same_text(const void *a, const void *b) { return strcmp(a, b) == 0; }

static bool same_bytes(const void *a, const void *b) {
    const mailslot_bytes *x = a, *y = b;
    return x->len == y->len && (!x->len || memcmp(x->data, y->data, x->len) == 0);
}

static void check_codec(const mailslot_codec *codec, const uint8_t *data, size_t size,
                        bool accepted, bool (*same)(const void *, const void *)) {
    struct message message;
    mailslot_err err = message_decode(&message, codec, data, size, 0);
    require(err == (accepted ? MAILSLOT_OK : MAILSLOT_ERR_BAD_MESSAGE));
    if (!err)
        message_check(codec, &message, same);
    message_free(&message);
}

/* The start of the text is every alignment in turn, since words are read at once. */
static void check_prefix(const uint8_t *data, size_t size, size_t good) {
    for (size_t shift = 0; shift < 8; shift++) {
        uint8_t *copy = fuzz_memory(size + shift);
        memset(copy, 0xff, shift);
        if (size)
            memcpy(copy + shift, data, size);
        const char *text = (const char *)copy + shift;
        require(mailslot_utf8_prefix(text, size) == good);
        require(mailslot_utf8_length(text, size) == (size ? model_length(data, size) : 0));
        free(copy);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t good = model_prefix(data, size);
    bool has_nul = size && memchr(data, 0, size);
    check_prefix(data, size, good);
    check_codec(mailslot_codec_utf8(), data, size, good == size && !has_nul, same_text);
    check_codec(mailslot_codec_text(), data, size, true, same_text);
    check_codec(mailslot_codec_bytes(), data, size, true, same_bytes);
    return 0;
}
