/* trace.Event: its severity, and the line that --format line prints. */
#ifndef CLI_EVENT_H
#define CLI_EVENT_H

#include "base/buffer.h"

#include <protobuf-c/protobuf-c.h>

#include <stdbool.h>
#include <stdint.h>

/** The spec of its codec. */
#define EVENT_SPEC "protobuf:trace.Event"

/** Whether messages of type are what proto/trace.proto calls a trace.Event: they have its fields.
 *  Those of a schema that was loaded may have more. */
bool event_is_type(const ProtobufCMessageDescriptor *type);

/** The number of a severity: its name with or without SEVERITY_, in any case. False if there is
 *  none of that name. */
bool event_read_severity(const char *name, int32_t *severity);

/** The names that event_read_severity() accepts, for --help, and the error text for another. */
#define EVENT_SEVERITIES_FROM "debug, info, notice, warning,"
#define EVENT_SEVERITIES_TO   "error or critical"
#define EVENT_NO_SEVERITY                                                                          \
    "invalid severity \"%.100s\"; valid are: unspecified, debug, info, notice, warning, error, "   \
    "critical"

/** The severity of an event: a greater number is more severe. */
int32_t event_severity(const ProtobufCMessage *event);

/**
 * Appends an event, a message of such a type, as one line:
 *
 *     TIME SEVERITY HOST PROCESS: MESSAGE KEY=VALUE...
 *
 * TIME is by RFC 3339 in this computer's time zone. A missing part is "-"; a missing message and
 * missing attributes are left out. Values with spaces are quoted. Control characters are printed
 * as \xHH.
 */
void event_append_line(struct buffer *out, const ProtobufCMessage *event, bool colored);

#endif
