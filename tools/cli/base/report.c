/* Writes errors and output, and maps library errors to exit statuses. */
#include "report.h"

#include "platform/platform.h"
#include "utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* More than the longest detail of the library. Longer lines are truncated. */
enum { LINE_SIZE = 1536 };

enum status status_of(mailslot_err err) {
    switch (err) {
    case MAILSLOT_OK:
        return STATUS_DONE;
    case MAILSLOT_ERR_EMPTY:
        return STATUS_FEWER;
    case MAILSLOT_ERR_TOO_BIG:
        return STATUS_TOO_BIG;
    case MAILSLOT_ERR_NOT_FOUND:
    /* A reader that has closed the slot is the same to a script as a missing one. */
    case MAILSLOT_ERR_GONE:
        return STATUS_NO_SLOT;
    case MAILSLOT_ERR_INVALID:
        return STATUS_USAGE; /* the library refused the value of an option */
    default:
        return STATUS_ERROR;
    }
}

static void print_line(const char *format, va_list args) {
    char line[LINE_SIZE];
    int len = vsnprintf(line, sizeof line, format, args);
    size_t kept = len < 0 ? 0 : (size_t)len < sizeof line ? (size_t)len : sizeof line - 1;
    static const char program[] = "mailslot: ";
    char escaped[sizeof program + UTF8_ESCAPED_SIZE(LINE_SIZE)];
    size_t used = strlen(program);
    memcpy(escaped, program, used);
    /* Names and values may come from other users: a terminal must not interpret control characters.
     */
    used += utf8_printable(escaped + used, line, kept);
    escaped[used++] = '\n';
    /* In one write, so that lines of several processes do not mix. A failure cannot be reported
     * anywhere. */
    (void)platform_write(PLATFORM_ERROR, escaped, used);
}

enum status report_error(enum status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    print_line(format, args);
    va_end(args);
    return status;
}

enum status report_failure(mailslot_err err) {
    return report_error(status_of(err), "%s", mailslot_detail());
}

enum status report_usage(const char *verb, const char *format, ...) {
    char text[LINE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return report_error(STATUS_USAGE, "%s (try 'mailslot %s%s--help')", text, verb ? verb : "",
                        verb ? " " : "");
}

int output_write(const void *data, size_t len) {
    return platform_write(PLATFORM_OUTPUT, data, len);
}

/* Names of computers and processes are chosen by others: control characters must not reach the
 * terminal. */
static int output_safely(const void *data, size_t len) {
    struct buffer safe = {0};
    buffer_append(&safe, data, len);
    utf8_escape_text(&safe, 0);
    int failure = output_write(safe.data, safe.len);
    buffer_free(&safe);
    return failure;
}

enum status output_whole(const void *data, size_t len) {
    int failure =
        platform_output_is_terminal() ? output_safely(data, len) : output_write(data, len);
    if (failure)
        return report_error(STATUS_ERROR, "cannot write to standard output: %s", strerror(failure));
    return STATUS_DONE;
}
