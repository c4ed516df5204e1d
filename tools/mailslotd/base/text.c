/* Bounded formatting. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>

void text_add(struct text *text, const char *format, ...) {
    size_t room = text->cap - text->len;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text->bytes + text->len, room, format, args);
    va_end(args);
    if (len > 0)
        /* A text that does not fit is cut; len stays below cap, so that a NUL always follows. */
        text->len += (size_t)len < room ? (size_t)len : room - 1;
}
