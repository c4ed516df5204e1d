/*
 * Protobuf to JSON: every message has JSON that makes a message with the same JSON (what the schema
 * does not know is not shown). The input's first byte says which message type, the rest is the
 * message.
 */
#include "fuzz.h"
#include "json.h"
#include "protobuf_types.h"

static void check_json(const mailslot_codec *codec, const struct message *message) {
    struct buffer text = {0};
    mailslot_sink sink;
    json_show(&text, codec, message);
    require(json_encode(&sink, codec, text.data, text.len) == MAILSLOT_OK);
    msi_sink_free(&sink);
    buffer_free(&text);
}

/* As it is after one more put: protobuf-c leaves out -0.0 where 0 is the default. */
static void check_json_again(const mailslot_codec *codec, const struct message *message) {
    struct message again;
    mailslot_sink sink, returned;
    message_encode(&sink, codec, message->value);
    message_return(&again, codec, &sink);
    json_check_return(&returned, codec, &again);
    msi_sink_free(&sink);
    msi_sink_free(&returned);
    message_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size)
        return 0;
    const mailslot_codec *codec = protobuf_type(data[0]);
    struct message message;
    if (!message_decode(&message, codec, data + 1, size - 1, 0)) {
        check_json(codec, &message);
        check_json_again(codec, &message);
    }
    message_free(&message);
    return 0;
}
