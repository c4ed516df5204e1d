/* Text of other programs made safe to print: what a terminal would obey is escaped. */
#ifndef CLI_UTF8_H
#define CLI_UTF8_H

#include <stddef.h>

/** Room for len bytes of text when all of them come out as \xHH. */
#define UTF8_ESCAPED_SIZE(len) ((len)*4 + 1)

/** Copies len bytes of text to out, which has UTF8_ESCAPED_SIZE(len) bytes, for people to read:
 *  control characters, which a terminal would obey, and bytes that are not UTF-8 come out as \xHH.
 *  Returns how many bytes that makes; no NUL is added. */
size_t utf8_printable(char *out, const void *text, size_t len);

/** As utf8_printable(), but only what no Protobuf string can hold comes out as \xHH: NULs and bytes
 *  that are not UTF-8. */
size_t utf8_mended(char *out, const void *text, size_t len);

#endif
