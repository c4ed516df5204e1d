/* Encodes, decodes and prints NetBIOS names. */
#include "nbname.h"
#include "../ascii.h"
#include "wire.h"

#include <string.h>

enum {
    ENCODED_BYTES = 2 * MSI_NBNAME_SIZE, /* RFC 1001 section 14.1: two characters for each byte */
    LABEL_MAX = 63,                      /* RFC 1002 section 4.1 */
    POINTER = 0xc0,
    POINTER_OFFSET = 0x3fff,
};

static bool nbname_printable(unsigned char c) { return c >= 0x20 && c < 0x7f; }

/* ---- Made from text ---- */

/* Upper case, since NetBIOS names are compared byte by byte. Implementations pad "*" with NULs. */
void msi_nbname_set(msi_nbname *name, const char *text, uint8_t suffix) {
    bool wildcard = strcmp(text, "*") == 0;
    size_t len = 0;
    for (; len < MSI_NBNAME_SIZE - 1 && text[len]; len++)
        name->bytes[len] = (unsigned char)msi_upper(text[len]);
    memset(name->bytes + len, wildcard ? 0 : ' ', MSI_NBNAME_SIZE - 1 - len);
    name->bytes[MSI_NBNAME_SIZE - 1] = wildcard ? 0 : suffix;
    name->scope_len = 0;
}

/* An empty label, also behind a trailing dot, is refused: on the wire its length of 0 ends the
 * name. */
bool msi_nbname_set_scope(msi_nbname *name, const char *text) {
    size_t used = 0;
    name->scope_len = 0;
    while (*text) {
        size_t len = strcspn(text, ".");
        if (!len || len > LABEL_MAX || used + 1 + len > MSI_NBNAME_SCOPE_MAX)
            return false;
        name->scope[used] = (unsigned char)len;
        memcpy(name->scope + used + 1, text, len);
        used += 1 + len;
        text += len;
        if (*text == '.' && !*++text)
            return false;
    }
    name->scope_len = (uint8_t)used;
    return true;
}

/* ---- On the wire ---- */

size_t msi_nbname_encode(const msi_nbname *name, unsigned char *out, size_t cap) {
    size_t size = (size_t)MSI_NBNAME_PLAIN + name->scope_len;
    if (size > cap || size > MSI_NBNAME_ENCODED_MAX)
        return 0;
    out[0] = ENCODED_BYTES;
    for (size_t i = 0; i < MSI_NBNAME_SIZE; i++) {
        out[1 + 2 * i] = (unsigned char)('A' + (name->bytes[i] >> 4));
        out[2 + 2 * i] = (unsigned char)('A' + (name->bytes[i] & 0xf));
    }
    /* The scope is stored in its wire form, labels with their lengths. */
    memcpy(out + 1 + ENCODED_BYTES, name->scope, name->scope_len);
    out[size - 1] = 0;
    return size;
}

/* The position in a packet at which a name is being read. */
typedef struct {
    const unsigned char *packet;
    size_t len, at;
    size_t run;   /* where the labels being read begin: pointers must lead to before them */
    size_t after; /* behind the first pointer; 0: none met yet */
} name_cursor;

/* Moves the cursor to the target of the pointer there. Each run of labels must lie before the
 * one that led to it, so a hostile packet cannot make a loop. The first pointer ends the name in
 * its place: what follows the name on the wire is behind it. */
static bool nbname_follow_pointer(name_cursor *cursor) {
    if (cursor->len - cursor->at < 2)
        return false;
    size_t target = msi_get_be16(cursor->packet + cursor->at) & POINTER_OFFSET;
    if (target >= cursor->run)
        return false;
    if (!cursor->after)
        cursor->after = cursor->at + 2;
    cursor->at = cursor->run = target;
    return true;
}

/* Moves to the first character of the next label, by way of one pointer at most: a second
 * pointer right at the target has a length above LABEL_MAX. The target lies before a byte of the
 * packet, so it is within the packet too. Returns the label's length, 0 at the name's end, -1 if
 * there is no label. */
static int nbname_next_label(name_cursor *cursor) {
    if (cursor->at >= cursor->len)
        return -1;
    if ((cursor->packet[cursor->at] & POINTER) == POINTER && !nbname_follow_pointer(cursor))
        return -1;
    unsigned char len = cursor->packet[cursor->at++];
    return len <= LABEL_MAX && len <= cursor->len - cursor->at ? len : -1;
}

/* One test finds every bad character: one below 'A' wraps to a large number, one above 'P'
 * exceeds 15. */
static bool nbname_decode_bytes(unsigned char bytes[MSI_NBNAME_SIZE], const unsigned char *text) {
    unsigned outside = 0;
    for (size_t i = 0; i < MSI_NBNAME_SIZE; i++) {
        unsigned high = (unsigned)text[2 * i] - 'A', low = (unsigned)text[2 * i + 1] - 'A';
        outside |= high | low;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    return outside <= 0xf;
}

/* Ends: each label adds at least 2 bytes to `used`, which is limited. */
static bool nbname_decode_scope(msi_nbname *name, name_cursor *cursor) {
    size_t used = 0;
    int len = nbname_next_label(cursor);
    while (len > 0) {
        if (used + 1 + (size_t)len > MSI_NBNAME_SCOPE_MAX)
            return false;
        name->scope[used] = (unsigned char)len;
        memcpy(name->scope + used + 1, cursor->packet + cursor->at, (size_t)len);
        used += 1 + (size_t)len;
        cursor->at += (size_t)len;
        len = nbname_next_label(cursor);
    }
    name->scope_len = (uint8_t)used;
    return len == 0;
}

bool msi_nbname_decode(msi_nbname *name, const unsigned char *packet, size_t len, size_t *offset) {
    name_cursor cursor = {.packet = packet, .len = len, .at = *offset, .run = *offset};
    if (nbname_next_label(&cursor) != ENCODED_BYTES ||
        !nbname_decode_bytes(name->bytes, packet + cursor.at))
        return false;
    cursor.at += ENCODED_BYTES;
    if (!nbname_decode_scope(name, &cursor))
        return false;
    *offset = cursor.after ? cursor.after : cursor.at;
    return true;
}

/* ---- Compared and shown ---- */

/* Label lengths (up to 63) are below the letters, so folding them along changes nothing. */
static bool nbname_scope_equal(const msi_nbname *a, const msi_nbname *b) {
    if (a->scope_len != b->scope_len)
        return false;
    for (size_t i = 0; i < a->scope_len; i++)
        if (msi_upper((char)a->scope[i]) != msi_upper((char)b->scope[i]))
            return false;
    return true;
}

bool msi_nbname_equal(const msi_nbname *a, const msi_nbname *b) {
    return memcmp(a->bytes, b->bytes, MSI_NBNAME_SIZE) == 0 && nbname_scope_equal(a, b);
}

bool msi_nbname_is_wildcard(const msi_nbname *name) {
    static const unsigned char wildcard[MSI_NBNAME_SIZE] = {'*'};
    return memcmp(name->bytes, wildcard, MSI_NBNAME_SIZE) == 0;
}

/* Characters before the suffix and the padding. */
static size_t nbname_unpadded_length(const msi_nbname *name) {
    size_t len = MSI_NBNAME_SIZE - 1;
    while (len && (name->bytes[len - 1] == ' ' || name->bytes[len - 1] == '\0'))
        len--;
    return len;
}

void msi_nbname_computer(const msi_nbname *name, char out[MSI_NBNAME_SIZE]) {
    size_t len = nbname_unpadded_length(name);
    for (size_t i = 0; i < len; i++)
        out[i] = nbname_printable(name->bytes[i]) ? (char)name->bytes[i] : '.';
    out[len] = '\0';
}

static char *nbname_put_hex(char *out, unsigned char c) {
    static const char digits[] = "0123456789abcdef";
    *out++ = digits[c >> 4];
    *out++ = digits[c & 0xf];
    return out;
}

void msi_nbname_text(const msi_nbname *name, char out[MSI_NBNAME_TEXT]) {
    size_t len = nbname_unpadded_length(name);
    for (size_t i = 0; i < len; i++) {
        if (nbname_printable(name->bytes[i])) {
            *out++ = (char)name->bytes[i];
            continue;
        }
        *out++ = '\\';
        *out++ = 'x';
        out = nbname_put_hex(out, name->bytes[i]);
    }
    *out++ = '<';
    out = nbname_put_hex(out, name->bytes[MSI_NBNAME_SIZE - 1]);
    *out++ = '>';
    *out = '\0';
}
