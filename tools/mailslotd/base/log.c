/* Log lines on standard error, where systemd's journal takes them. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One write() per line, so that lines of several processes do not mix. */
void log_line(const char *format, ...) {
    char line[1024] = "mailslotd: ";
    size_t len = strlen(line);
    va_list args;
    va_start(args, format);
    /* Cuts lines that are too long, with room for the newline. */
    vsnprintf(line + len, sizeof line - len - 1, format, args);
    va_end(args);
    len = strlen(line);
    line[len++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written;
}

void log_failure(const char *what) { log_line("%s: %s", what, mailslot_detail()); }
