/* Times and spans of time as the texts that RFC 3339 and Protobuf's JSON mapping define. */
#ifndef CLI_TIMESTAMP_H
#define CLI_TIMESTAMP_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

/** Appends the text of a time in seconds and nanoseconds; false if it is out of the type's range.
 */
bool timestamp_append(struct buffer *out, int64_t seconds, int32_t nanos);
bool duration_append(struct buffer *out, int64_t seconds, int32_t nanos);

/** Reads such a text; false if it is none. */
bool timestamp_read(const char *text, int64_t *seconds, int32_t *nanos);
bool duration_read(const char *text, int64_t *seconds, int32_t *nanos);

#endif
