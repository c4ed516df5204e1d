// roundtrip: a trace.Event travels through a slot of this C++ program; prints its message.
#include "trace.pb-c.h"

#include <mailslot/protobuf.h>

#include <cstdio>
#include <string>

MAILSLOT_PROTOBUF(trace_event, Trace__Event, trace__event__descriptor)

static mailslot_err pass(std::string text) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = trace_event_codec();
    options.direction = MAILSLOT_READ;
    MAILSLOT_SCOPED mailslot *reader = nullptr;
    MAILSLOT_SCOPED mailslot *writer = nullptr;
    if (mailslot_err err = mailslot_open(&reader, "roundtrip", &options))
        return err;
    options.direction = MAILSLOT_WRITE;
    if (mailslot_err err = mailslot_open(&writer, "roundtrip", &options))
        return err;
    Trace__Event event = TRACE__EVENT__INIT;
    event.message = &text[0];
    if (mailslot_err err = trace_event_put(writer, &event))
        return err;
    mailslot_record *record = nullptr;
    if (mailslot_err err = mailslot_record_new(&record))
        return err;
    const Trace__Event *got = nullptr;
    mailslot_err err = trace_event_get(reader, record, &got, MAILSLOT_NO_WAIT);
    if (!err)
        std::puts(got->message);
    mailslot_record_free(record);
    return err;
}

int main() {
    mailslot_err err = pass("there and back");
    if (err)
        std::fprintf(stderr, "roundtrip: %s\n", mailslot_detail());
    return err != MAILSLOT_OK;
}
