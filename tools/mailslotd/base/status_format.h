/* The status as text. */
#ifndef MAILSLOTD_STATUS_FORMAT_H
#define MAILSLOTD_STATUS_FORMAT_H

#include "text.h"

#include <mailslot/network.h>

/** Adds the lines of STATUS_TEXT, which programs of version 0.1 ask for: a keyword and its words.
 */
void status_format_lines(const mailslot_daemon_status *status, struct text *text);

/** Adds the metrics in Prometheus' text format, version 0.0.4. */
void status_format_prometheus(const mailslot_daemon_status *status, struct text *text);

#endif
