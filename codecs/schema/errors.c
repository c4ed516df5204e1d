/* The two failures that all files of this folder report. */
#include "errors.h"

#include <stdarg.h>
#include <stdio.h>

mailslot_err msi_schema_no_memory(const struct msi_arena *arena) {
    return mailslot_fail(arena->err, arena->err == MAILSLOT_ERR_TOO_COMPLEX
                                         ? "the descriptor set takes too much memory"
                                         : "no memory to load a descriptor set");
}

/* Names from the set are cut, so that the text behind them is always in the detail. */
mailslot_err msi_schema_fail(mailslot_err err, const struct msi_declaration *in, const char *part,
                             const char *format, ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return mailslot_fail(err, "%.120s: %.120s%s%.100s: %s", in->file->name ? in->file->name : "?",
                         in->symbol.name ? in->symbol.name : "?", part ? "." : "", part ? part : "",
                         text);
}
