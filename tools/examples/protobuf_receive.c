/*
 * protobuf_receive SLOT: prints the events of protobuf_send until it is interrupted. The
 * record owns the event: do not free it, and do not use it after the next get.
 */
#include "trace.pb-c.h"

#include <mailslot/protobuf.h>

#include <stdio.h>

MAILSLOT_PROTOBUF(trace_event, Trace__Event, trace__event__descriptor)

/* proto3 enums are open: a sender with a newer schema may use a number without a name here. */
static void print_event(const Trace__Event *event) {
    const ProtobufCEnumValue *severity =
        protobuf_c_enum_descriptor_get_value(&trace__severity__descriptor, event->severity);
    printf("%s %s: %s\n", severity ? severity->name : "?", event->process, event->message);
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: protobuf_receive SLOT\n");
        return 2;
    }
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.codec = trace_event_codec();
    MAILSLOT_SCOPED mailslot *slot = NULL;
    mailslot_record *record = NULL;
    mailslot_err err = mailslot_open(&slot, argv[1], &options);
    if (!err)
        err = mailslot_record_new(&record);
    const Trace__Event *event;
    while (!err && !(err = trace_event_get(slot, record, &event, MAILSLOT_FOREVER)))
        print_event(event);
    fprintf(stderr, "protobuf_receive: %s\n", mailslot_detail());
    mailslot_record_free(record);
    return 1;
}
