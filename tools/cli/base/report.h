/* How the tool speaks: exit statuses, error lines and output. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <mailslot/mailslot.h>

/** Exit statuses, as --help documents them. */
enum status {
    STATUS_DONE = 0,
    STATUS_ERROR = 1,
    STATUS_USAGE = 2,
    STATUS_FEWER = 3,   /* fewer messages than asked for came in time */
    STATUS_TOO_BIG = 4, /* a message is too big */
    STATUS_NO_SLOT = 5, /* no such mailslot, or its reader is gone */
};

/** The exit status that stands for a library error. */
enum status status_of(mailslot_err err);

/** Prints "mailslot: ", the formatted text and a newline on standard error as one line: control
 *  characters and bytes that are not UTF-8 come out as \xHH. Returns status. */
MAILSLOT_PRINTF(2, 3) enum status report(enum status status, const char *format, ...);

/** Reports mailslot_detail(), the words of this thread's last failure, which was err. */
enum status report_failure(mailslot_err err);

/** Reports a mistake in the command line and which --help to read; verb may be NULL. */
MAILSLOT_PRINTF(2, 3) enum status report_usage(const char *verb, const char *format, ...);

/** Writes all of data to standard output; 0, or the errno that stopped it. */
int output_write(const void *data, size_t len);

/** Writes data to standard output and reports a failure to; for verbs that print and end. */
enum status output_whole(const void *data, size_t len);

#endif
