/* Sends values to a mailslot one by one, for send and trace: a failure is reported, and the next
 * value is sent if that makes sense. */
#ifndef CLI_SENDING_H
#define CLI_SENDING_H

#include "base/report.h"

#include <stdbool.h>
#include <stddef.h>

/** Start from {.put = ..., .ctx = ...}. */
struct sending {
    /** Sends the value given by len bytes of text, which a NUL follows. */
    mailslot_err (*put)(void *ctx, const char *text, size_t len);
    void *ctx;
    enum status first_failure;
    bool stopped; /* the slot cannot be used any more */
};

/** Where a value came from, for error texts: "line", 7. */
struct source {
    const char *kind; /* NULL: it is the only value */
    size_t number;
};

/** Keeps the status of a failure that was reported, if it is the first. */
void sending_note(struct sending *sending, enum status status);

/** Reports err if it is a failure to send a value, and stops unless the next value can be sent. */
void sending_settle(struct sending *sending, mailslot_err err, struct source source);

/** Sends one value. */
void sending_put(struct sending *sending, const char *text, size_t len, struct source source);

/** Sends each line of standard input, without its newline. */
void sending_lines(struct sending *sending);

#endif
