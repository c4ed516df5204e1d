/* What mailslotd says: lines to standard error, each what happened and, if anybody can do something
 * about it, what. */
#ifndef MAILSLOTD_LOG_H
#define MAILSLOTD_LOG_H

#include <mailslot/codec.h>

/** Writes one line, cut at 1,000 bytes. */
MAILSLOT_PRINTF(1, 2) void log_line(const char *format, ...);

/** Writes "what: " and the detail of this thread's last failure. */
void log_failure(const char *what);

#endif
