/* Text of a verb's table as mdoc(7). */
#ifndef MAN_MDOC_TEXT_H
#define MAN_MDOC_TEXT_H

#include "base/verb.h"

/** Appends text as sentences: arguments, options, variables and references to verbs are marked up,
 *  the first letter becomes a capital, and a full stop is added. verb says what its arguments are
 *  called. */
void mdoc_append_text(struct buffer *out, const struct verb *verb, const char *text);

/** Appends characters so that mdoc takes none of them for a request or an escape. */
void mdoc_append_escaped(struct buffer *out, const char *text, size_t len);

/** Appends " Ar name" for "NAME", and likewise for "[NAME=]SPEC", "KEY=VALUE" and "NAME...", as it
 *  stands on the line of a macro. */
void mdoc_append_argument(struct buffer *out, const char *text, size_t len);

/** Appends " Fl -name" for "--name", and likewise for "-o", as it stands on the line of a macro. */
void mdoc_append_flag(struct buffer *out, const char *name, size_t len);

#endif
