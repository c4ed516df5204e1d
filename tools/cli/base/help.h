/* --help, made from the table of a verb. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "report.h"
#include "verb.h"

/** Appends paragraphs of text, filled to lines of at most 80 columns. Lines that begin with two
 *  spaces are kept as they are. */
void help_append_text(struct buffer *out, const char *text);

/** Appends a list of words with their help beside them. */
void help_append_words(struct buffer *out, const struct verb_word *words);

/** Appends what --help prints: usage, description, lists, options, notes and exit statuses. A verb
 *  without a name is the tool itself. */
void help_append_verb(struct buffer *out, const struct verb *verb);

/** Prints a verb's help on standard output; reports if it cannot. */
enum status help_print(const struct verb *verb);

#endif
