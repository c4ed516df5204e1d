#include "report.h"

#include "utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Room for the longest detail of the library and then some; what is longer is cut. */
enum { LINE_SIZE = 1536, ESCAPE_SIZE = 4 };

enum status status_of(mailslot_err err) {
    switch (err) {
    case MAILSLOT_OK:
        return STATUS_DONE;
    case MAILSLOT_ERR_EMPTY:
        return STATUS_FEWER;
    case MAILSLOT_ERR_TOO_BIG:
        return STATUS_TOO_BIG;
    case MAILSLOT_ERR_NOT_FOUND:
    case MAILSLOT_ERR_GONE:
        return STATUS_NO_SLOT;
    case MAILSLOT_ERR_INVALID:
        return STATUS_USAGE; /* an option's value that makes no sense to the library */
    default:
        return STATUS_ERROR;
    }
}

/* Names and values are other people's: a terminal must not obey what they contain. */
static size_t escape(char *out, const unsigned char *text, size_t len) {
    size_t used = 0;
    for (size_t i = 0; i < len;) {
        size_t sequence = utf8_sequence(text + i, len - i);
        bool c1_control = sequence == 2 && text[i] == 0xC2 && text[i + 1] < 0xA0;
        bool control = text[i] < 0x20 || text[i] == 0x7F || c1_control;
        if (sequence && !control) {
            memcpy(out + used, text + i, sequence);
            used += sequence;
            i += sequence;
        } else {
            used += (size_t)sprintf(out + used, "\\x%02x", text[i++]);
        }
    }
    return used;
}

static void print_line(const char *format, va_list args) {
    char line[LINE_SIZE];
    int len = vsnprintf(line, sizeof line, format, args);
    size_t kept = len < 0 ? 0 : (size_t)len < sizeof line ? (size_t)len : sizeof line - 1;
    char escaped[LINE_SIZE * ESCAPE_SIZE];
    size_t used = escape(escaped, (const unsigned char *)line, kept);
    fprintf(stderr, "mailslot: %.*s\n", (int)used, escaped);
}

enum status report(enum status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    print_line(format, args);
    va_end(args);
    return status;
}

enum status report_failure(mailslot_err err) {
    return report(status_of(err), "%s", mailslot_detail());
}

enum status report_usage(const char *verb, const char *format, ...) {
    char text[LINE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return report(STATUS_USAGE, "%s (try 'mailslot %s%s--help')", text, verb ? verb : "",
                  verb ? " " : "");
}

int output_write(const void *data, size_t len) {
    const char *rest = data;
    while (len > 0) {
        ssize_t written = write(STDOUT_FILENO, rest, len);
        if (written < 0 && errno != EINTR)
            return errno;
        if (written > 0) {
            rest += written;
            len -= (size_t)written;
        }
    }
    return 0;
}

enum status output_whole(const void *data, size_t len) {
    int failure = output_write(data, len);
    if (failure)
        return report(STATUS_ERROR, "cannot write to standard output: %s", strerror(failure));
    return STATUS_DONE;
}
