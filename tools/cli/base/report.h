/* Exit statuses, error lines and output of the tool. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <mailslot/mailslot.h>

/** Exit statuses, as --help documents them. */
enum status {
    STATUS_DONE = 0,
    STATUS_ERROR = 1,
    STATUS_USAGE = 2,
    STATUS_FEWER = 3,   /* fewer messages than requested arrived in time */
    STATUS_TOO_BIG = 4, /* a message is too big */
    STATUS_NO_SLOT = 5, /* no such mailslot, or its reader has closed it */
};

/** The exit status that stands for a library error. */
enum status status_of(mailslot_err err);

/** Prints "mailslot: ", the formatted text and a newline on standard error as one line: control
 *  characters and bytes that are not UTF-8 come out as \xHH. Returns status. */
MAILSLOT_PRINTF(2, 3) enum status report_error(enum status status, const char *format, ...);

/** Reports mailslot_detail(), the text of this thread's last failure, and returns the status for
 *  err. */
enum status report_failure(mailslot_err err);

/** Reports an invalid command line, and the --help that describes it. verb may be NULL. Returns
 *  STATUS_USAGE. */
MAILSLOT_PRINTF(2, 3) enum status report_usage(const char *verb, const char *format, ...);

/** Writes all of data to standard output; 0, or the errno that stopped it. */
int output_write(const void *data, size_t len);

/** Writes text to standard output and reports a failure, for verbs that print once and exit. For a
 *  terminal, control characters are escaped by utf8_escape_text(). */
enum status output_whole(const void *data, size_t len);

#endif
