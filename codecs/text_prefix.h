/* UTF-8 text that has to fit into a C string. */
#ifndef MSI_TEXT_PREFIX_H
#define MSI_TEXT_PREFIX_H

#include <mailslot/codec.h>

#include <string.h>

/** The offset of the first character that is NUL or not UTF-8 (RFC 3629); len if there is none. */
static inline size_t msi_text_prefix(const void *text, size_t len) {
    const char *nul = len ? (const char *)memchr(text, 0, len) : NULL;
    return mailslot_utf8_prefix((const char *)text, nul ? (size_t)(nul - (const char *)text) : len);
}

#endif
