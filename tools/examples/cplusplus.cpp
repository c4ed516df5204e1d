// cplusplus send SLOT TEXT..., cplusplus receive SLOT: a C++ program sends and prints trace.Events
// (proto/trace.proto). It uses the C headers, frees with unique_ptr and throws errors as
// exceptions.
#include "trace.pb-c.h"

#include <mailslot/protobuf.h>

#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

MAILSLOT_PROTOBUF(trace_event, Trace__Event, trace__event__descriptor)

namespace {

void throw_on_error(mailslot_err err) {
    if (err != MAILSLOT_OK)
        throw std::runtime_error(mailslot_detail());
}

struct deleter {
    void operator()(mailslot *slot) const { mailslot_close(slot); }
    void operator()(mailslot_record *record) const { mailslot_record_free(record); }
};
using slot_ptr = std::unique_ptr<mailslot, deleter>;
using record_ptr = std::unique_ptr<mailslot_record, deleter>;

slot_ptr open_slot(const std::string &name, mailslot_direction direction) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = direction;
    options.codec = trace_event_codec();
    mailslot *slot = nullptr;
    throw_on_error(mailslot_open(&slot, name.c_str(), &options));
    return slot_ptr(slot);
}

void send_texts(const std::string &name, char **texts, int count) {
    slot_ptr slot = open_slot(name, MAILSLOT_WRITE);
    for (int i = 0; i < count; i++) {
        Trace__Event event = TRACE__EVENT__INIT;
        event.message = texts[i];
        throw_on_error(trace_event_put(slot.get(), &event));
    }
}

void print_events(const std::string &name) {
    slot_ptr slot = open_slot(name, MAILSLOT_READ);
    mailslot_record *made = nullptr;
    throw_on_error(mailslot_record_new(&made));
    record_ptr record(made);
    for (;;) {
        const Trace__Event *event = nullptr;
        throw_on_error(trace_event_get(slot.get(), record.get(), &event, MAILSLOT_FOREVER));
        std::cout << event->message << std::endl;
    }
}

} // namespace

int main(int argc, char **argv) {
    try {
        if (argc > 3 && std::string(argv[1]) == "send") {
            send_texts(argv[2], argv + 3, argc - 3);
        } else if (argc == 3 && std::string(argv[1]) == "receive") {
            print_events(argv[2]);
        } else {
            std::cerr << "usage: cplusplus send SLOT TEXT...\n"
                         "       cplusplus receive SLOT\n";
            return 2;
        }
    } catch (const std::exception &error) {
        std::cerr << "cplusplus: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
