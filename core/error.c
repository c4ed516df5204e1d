#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char detail[MSI_DETAIL_SIZE];
static _Thread_local const char *last = "";
static _Thread_local unsigned failures, silenced;

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

const char *mailslot_detail(void) { return last; }

unsigned msi_failures(void) { return failures; }

void msi_fail_silently(void) { silenced++; }

void msi_fail_aloud(void) { silenced--; }

/* Built aside first: an argument may be the detail itself, quoted in a wider failure. */
static void note(const char *format, va_list args) {
    char text[MSI_DETAIL_SIZE];
    if (silenced)
        return;
    vsnprintf(text, sizeof text, format, args);
    memcpy(detail, text, sizeof text);
    last = detail;
    failures++;
}

mailslot_err mailslot_fail(mailslot_err err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    note(format, args);
    va_end(args);
    return err;
}

mailslot_err msi_fail_plain(mailslot_err err) {
    if (silenced)
        return err;
    last = mailslot_strerror(err);
    failures++;
    return err;
}

mailslot_err msi_fail_errno(mailslot_err err, int errno_value, const char *format, ...) {
    va_list args;
    va_start(args, format);
    note(format, args);
    va_end(args);
    return mailslot_fail(err, "%s: %s", last, strerror(errno_value));
}

mailslot_err msi_fail_about(mailslot_err err, const char *subject) {
    return mailslot_fail(err, "%.300s: %s", subject, last);
}
