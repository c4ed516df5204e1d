/* Parts of a manual page in mdoc(7), made from the table of a verb. */
#ifndef MAN_MDOC_H
#define MAN_MDOC_H

#include "base/verb.h"

#include <stdbool.h>

/** Appends the section NAME. */
void mdoc_append_name(struct buffer *out, const struct verb *verb);

/** Appends each form of the command line, with all options that may be added to it. */
void mdoc_append_synopsis(struct buffer *out, const struct verb *verb);

/** Appends a list of the options with their help and detail, and --help. */
void mdoc_append_options(struct buffer *out, const struct verb *verb);

/** Appends the list of exit statuses. */
void mdoc_append_statuses(struct buffer *out, const struct verb *verb);

/** Appends the verb's lists of words: each its title, then its words. */
void mdoc_append_lists(struct buffer *out, const struct verb *verb);

/** Appends a list of all verbs up to NULL, each with its summary and its page. */
void mdoc_append_verbs(struct buffer *out, const struct verb *const *verbs);

/**
 * Appends a page: a line of the template that is @NAME@, @SYNOPSIS@, @LISTS@, @OPTIONS@,
 * @EXIT STATUS@ or @VERBS@ is replaced by that part, all others are kept. Returns false if the
 * template has another such line, or lacks one that every page must have.
 */
bool mdoc_append_page(struct buffer *out, const struct verb *verb, const struct verb *const *verbs,
                      const char *template);

#endif
