/* Text of other programs made safe to print: what a terminal would obey is escaped. */
#ifndef CLI_UTF8_H
#define CLI_UTF8_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The character at text, whose length is size as mailslot_utf8_length() returned it, not 0. */
uint32_t utf8_decode(const char *text, size_t size);

/** Whether a terminal obeys the character, or it changes how the text around it reads: the controls
 *  C0, DEL and C1; Unicode's marks, embeddings, overrides and isolates of direction (UAX #9); and
 *  its separators of lines and paragraphs. */
bool utf8_is_control(uint32_t character);

/** Room for len bytes of text when all of them come out as \xHH. */
#define UTF8_ESCAPED_SIZE(len) ((len)*4 + 1)

/** Copies len bytes of text to out, which has UTF8_ESCAPED_SIZE(len) bytes, for people to read:
 *  controls and bytes that are not UTF-8 come out as \xHH. Returns how many bytes that makes; no
 * NUL is added. */
size_t utf8_printable(char *out, const void *text, size_t len);

/** As utf8_printable(), but only what no Protobuf string can hold comes out as \xHH: NULs and bytes
 *  that are not UTF-8. */
size_t utf8_mended(char *out, const void *text, size_t len);

/** Makes what stands in out from an offset on safe for a terminal. Text keeps its newlines and
 * tabs; other controls, and bytes that are not UTF-8, become \xHH. */
void utf8_escape_text(struct buffer *out, size_t from);

/** As utf8_escape_text() for JSON, which stays equal JSON: controls in its strings become \uHHHH.
 */
void utf8_escape_json(struct buffer *out, size_t from);

#endif
