/* Error texts, and the per-thread detail of the last failure. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Index of the detail that a failure sets: the public one, or a second one while failures are
 * silenced, from which msi_fail_after_all() can publish it. */
enum { TOLD, SILENT };
/* `last` points to this thread's detail or to a constant text, so that msi_fail_plain() copies
 * nothing. `failures` is compared for equality only, and one failure may count twice. */
static _Thread_local char detail[2][MSI_DETAIL_SIZE];
static _Thread_local const char *last[2] = {"", ""};
static _Thread_local unsigned failures[2], silenced;

static int error_audience(void) { return silenced ? SILENT : TOLD; }

/* No default: the compiler then reports an error that MAILSLOT_ERROR_LIST lacks. */
const char *mailslot_strerror(mailslot_err err) {
    switch (err) {
    case MAILSLOT_OK:
        return "no error";
#define CASE(name, number, text)                                                                   \
    case MAILSLOT_ERR_##name:                                                                      \
        return text;
        MAILSLOT_ERROR_LIST(CASE)
#undef CASE
    }
    return "unknown error";
}

const char *mailslot_errname(mailslot_err err) {
    switch (err) {
    case MAILSLOT_OK:
        return "OK";
#define CASE(name, number, text)                                                                   \
    case MAILSLOT_ERR_##name:                                                                      \
        return #name;
        MAILSLOT_ERROR_LIST(CASE)
#undef CASE
    }
    return "UNKNOWN";
}

const char *mailslot_detail(void) { return last[error_audience()]; }

unsigned msi_failures(void) { return failures[error_audience()]; }

unsigned msi_fail_silently(void) {
    silenced++;
    return failures[SILENT];
}

void msi_fail_aloud(void) { silenced--; }

static void error_say(const char *words) {
    last[error_audience()] = words;
    failures[error_audience()]++;
}

/* Formats into a local buffer first, because an argument may be the detail itself. */
static void error_note(const char *format, va_list args) {
    char text[MSI_DETAIL_SIZE];
    vsnprintf(text, sizeof text, format, args);
    error_say(memcpy(detail[error_audience()], text, sizeof text));
}

mailslot_err mailslot_fail(mailslot_err err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    error_note(format, args);
    va_end(args);
    return err;
}

mailslot_err msi_fail_publish(mailslot_err err) { return mailslot_fail(err, "%s", last[SILENT]); }

mailslot_err msi_fail_after_all(mailslot_err err) {
    msi_fail_aloud();
    return msi_fail_publish(err);
}

mailslot_err msi_fail_plain(mailslot_err err) {
    error_say(mailslot_strerror(err));
    return err;
}

/* Copies, because formatting takes as long as several gets. */
mailslot_err msi_fail_briefly(mailslot_err err, const char *subject) {
    const char *text = mailslot_strerror(err);
    char *to = detail[error_audience()];
    size_t len = strlen(subject), room = MSI_DETAIL_SIZE - sizeof ": " - strlen(text);
    len = len < room ? len : room;
    memcpy(to, subject, len);
    memcpy(to + len, ": ", 2);
    strcpy(to + len + 2, text);
    error_say(to);
    return err;
}

mailslot_err msi_fail_errno(mailslot_err err, int errno_value, const char *format, ...) {
    va_list args;
    va_start(args, format);
    error_note(format, args);
    va_end(args);
    return mailslot_fail(err, "%s: %s", last[error_audience()], strerror(errno_value));
}

/* Cut the subject, so that the reason behind it always has room. */
mailslot_err msi_fail_about(mailslot_err err, const char *subject) {
    return mailslot_fail(err, "%.300s: %s", subject, last[error_audience()]);
}
