/* trace.Event for people: how bad one is, and the line that shows it. */
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

/** Names that event_read_severity() knows, for --help, and what to say of another. */
#define EVENT_SEVERITIES_FROM "debug, info, notice, warning,"
#define EVENT_SEVERITIES_TO   "error or critical"
#define EVENT_NO_SEVERITY                                                                          \
    "no severity \"%.100s\"; there are: unspecified, debug, info, notice, warning, error, "        \
    "critical"

/** How bad an event is: more is worse. */
int32_t event_severity(const ProtobufCMessage *event);

/**
 * Appends an event, a message of such a type, as one line:
 *
 *     TIME SEVERITY HOST PROCESS: MESSAGE KEY=VALUE...
 *
 * TIME is by RFC 3339 in this computer's time zone. What was not said is "-"; a message or
 * attributes that are not there are not shown. Values with spaces stand in quotes. What a terminal
 * would obey comes out as \xHH.
 */
void event_append_line(struct buffer *out, const ProtobufCMessage *event, bool colored);

#endif
