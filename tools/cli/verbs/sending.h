/* Values on their way into a mailslot, one after the other: what fails is told, and the next one
 * sent. */
#ifndef CLI_SENDING_H
#define CLI_SENDING_H

#include "base/report.h"

#include <stdbool.h>
#include <stddef.h>

/** Start from {.put = ..., .ctx = ...}. */
struct sending {
    /** Puts the value that len bytes of text, which a NUL follows, stand for. */
    mailslot_err (*put)(void *ctx, const char *text, size_t len);
    void *ctx;
    enum status first_failure;
    bool stopped; /* the slot is of no more use */
};

/** A name for where a value came from, for those that are one of several. */
struct source {
    const char *kind; /* NULL: there is but one */
    size_t number;
};

/** Notes a failure that was reported. */
void sending_note(struct sending *sending, enum status status);

/** Reports what came of putting a value. */
void sending_settle(struct sending *sending, mailslot_err err, struct source source);

/** Puts one value. */
void sending_put(struct sending *sending, const char *text, size_t len, struct source source);

/** Puts each line of standard input. */
void sending_lines(struct sending *sending);

#endif
