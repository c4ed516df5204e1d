/* Appends to a text in a buffer of fixed size; what does not fit is cut off. */
#ifndef MAILSLOTD_TEXT_H
#define MAILSLOTD_TEXT_H

#include <mailslot/codec.h>

struct text {
    char *bytes; /* ends with a NUL once something was added */
    size_t cap, len;
};

MAILSLOT_PRINTF(2, 3) void text_add(struct text *text, const char *format, ...);

#endif
