/*
 * protobuf_send SLOT PROCESS MESSAGE: sends a trace.Event (proto/trace.proto); protobuf_receive
 * reads it. MAILSLOT_PROTOBUF() defines the typed functions, which accept only this message's
 * struct.
 */
#include "trace.pb-c.h"

#include <mailslot/protobuf.h>

#include <stdio.h>

MAILSLOT_PROTOBUF(trace_event, Trace__Event, trace__event__descriptor)

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: protobuf_send SLOT PROCESS MESSAGE\n");
        return 2;
    }
    Trace__Event event = TRACE__EVENT__INIT;
    event.severity = TRACE__SEVERITY__SEVERITY_NOTICE;
    event.process = argv[2];
    event.message = argv[3];

    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.codec = trace_event_codec();
    MAILSLOT_SCOPED mailslot *slot = NULL;
    if (!mailslot_open(&slot, argv[1], &options) && !trace_event_put(slot, &event))
        return 0;
    fprintf(stderr, "protobuf_send: %s\n", mailslot_detail());
    return 1;
}
