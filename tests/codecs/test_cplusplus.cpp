// Every public header in a C++17 program: the initialisers and macros, and that it links and runs.
#include <mailslot/codec.h>
#include <mailslot/export.h>
#include <mailslot/mailslot.h>
#include <mailslot/msgpack.h>
#include <mailslot/protobuf.h>
#include <mailslot/registry.h>
#include <mailslot/text.h>

#include "trace.pb-c.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

MAILSLOT_PROTOBUF(event, Trace__Event, trace__event__descriptor)
MAILSLOT_PROTOBUF(unused, Trace__Event, trace__event__descriptor)

namespace {

void check(bool holds, const char *what) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s; last detail: %s\n", what, mailslot_detail());
        std::exit(1);
    }
}

#define CHECK(condition) check((condition), #condition)

mailslot *open_end(const mailslot_codec *codec, mailslot_direction direction) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = codec;
    options.direction = direction;
    mailslot *slot = nullptr;
    CHECK(mailslot_open(&slot, "cplusplus", &options) == MAILSLOT_OK);
    return slot;
}

void an_event_passes() {
    MAILSLOT_SCOPED mailslot *reader = open_end(event_codec(), MAILSLOT_READ);
    MAILSLOT_SCOPED mailslot *writer = open_end(event_codec(), MAILSLOT_WRITE);
    Trace__Event sent = TRACE__EVENT__INIT;
    std::string text = "from C++";
    sent.message = &text[0];
    CHECK(event_put(writer, &sent) == MAILSLOT_OK);
    mailslot_info info = MAILSLOT_INFO_INIT;
    CHECK(mailslot_info_get(reader, &info) == MAILSLOT_OK && info.count == 1);
    mailslot_record *record = nullptr;
    CHECK(mailslot_record_new(&record) == MAILSLOT_OK);
    const Trace__Event *got = nullptr;
    CHECK(event_get(reader, record, &got, MAILSLOT_NO_WAIT) == MAILSLOT_OK);
    CHECK(got->message == text);
    mailslot_record_free(record);
}

int fill(msgpack_packer *packer, void *) { return msgpack_pack_true(packer); }

void a_stream_passes() {
    MAILSLOT_SCOPED mailslot *reader = open_end(mailslot_codec_msgpack(), MAILSLOT_READ);
    MAILSLOT_SCOPED mailslot *writer = open_end(mailslot_codec_msgpack(), MAILSLOT_WRITE);
    CHECK(mailslot_put_msgpack(writer, fill, nullptr) == MAILSLOT_OK);
    mailslot_record *record = nullptr;
    CHECK(mailslot_record_new(&record) == MAILSLOT_OK);
    CHECK(mailslot_get_nowait(reader, record) == MAILSLOT_OK);
    auto object = static_cast<const msgpack_object *>(mailslot_record_value(record));
    CHECK(object->type == MSGPACK_OBJECT_BOOLEAN && object->via.boolean);
    mailslot_record_free(record);
}

void the_registry_finds() {
    mailslot_registry *registry = nullptr;
    const mailslot_codec *codec = nullptr;
    CHECK(mailslot_registry_new(&registry) == MAILSLOT_OK);
    CHECK(mailslot_registry_find(registry, "utf8", &codec) == MAILSLOT_OK);
    CHECK(codec == mailslot_codec_utf8());
    mailslot_registry_free(registry);
}

} // namespace

int main() {
    char path[] = "/dev/shm/mailslot-test-XXXXXX";
    CHECK(mkdtemp(path) != nullptr && setenv("MAILSLOT_DIR", path, 1) == 0);
    an_event_passes();
    a_stream_passes();
    the_registry_finds();
    const std::string slots = std::string(path) + "/mailslot-" + std::to_string(geteuid());
    CHECK(rmdir(slots.c_str()) == 0 && rmdir(path) == 0);
}
