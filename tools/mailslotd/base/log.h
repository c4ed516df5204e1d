/* Log lines to standard error: what happened and, where the administrator can do something about
 * it, what to do. */
#ifndef MAILSLOTD_LOG_H
#define MAILSLOTD_LOG_H

#include <mailslot/codec.h>

/** Writes one line, cut at 1,000 bytes. */
MAILSLOT_PRINTF(1, 2) void log_line(const char *format, ...);

/** Writes "what: " and the detail of this thread's last failure. */
void log_failure(const char *what);

#endif
