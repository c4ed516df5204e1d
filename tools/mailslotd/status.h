/* What mailslotd reports about itself. */
#ifndef MAILSLOTD_STATUS_H
#define MAILSLOTD_STATUS_H

#include "base/text.h"

/** Write the lines of STATUS_TEXT and the metrics; ctx is a struct daemon. */
void status_text(void *ctx, struct text *text);
void status_metrics(void *ctx, struct text *text);

#endif
