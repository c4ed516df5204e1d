/* The tables of the bash completion, made from those of the verbs. */
#ifndef COMPLETION_BASH_H
#define COMPLETION_BASH_H

#include "base/verb.h"

#include <stdbool.h>

/** Appends the functions that the completion asks: which verbs there are, which options a verb has,
 *  what an option takes and whether it may be given again, and what a verb's operands are. verbs
 *  ends with NULL; tool is the command line without a verb. */
void bash_append_tables(struct buffer *out, const struct verb *tool,
                        const struct verb *const *verbs);

/** Appends a template, with the tables in place of its line "# @TABLES@". Returns false if it has
 *  no such line. */
bool bash_append_completion(struct buffer *out, const struct verb *tool,
                            const struct verb *const *verbs, const char *template);

#endif
