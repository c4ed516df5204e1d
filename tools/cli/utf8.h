/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above 10FFFF. */
#ifndef CLI_UTF8_H
#define CLI_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/** Bytes of the character at text, of which len > 0 bytes are there; 0 if it is not valid. */
size_t utf8_sequence(const unsigned char *text, size_t len);

/** Whether all of text is valid; true for len 0. NUL is a character like others. */
bool utf8_valid(const void *text, size_t len);

#endif
