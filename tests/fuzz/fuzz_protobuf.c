/* Protobuf. The input's first byte says which message type, the rest is the message. */
#include "fuzz.h"
#include "message.h"
#include "protobuf_types.h"

enum { MAX_DEPTH = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size)
        return 0;
    const mailslot_codec *codec = protobuf_type(data[0]);
    struct message message;
    mailslot_err err = message_decode(&message, codec, data + 1, size - 1, 0);
    if (!err) {
        require(protobuf_depth(message.value) <= MAX_DEPTH);
        message_check(codec, &message, protobuf_equal);
    }
    message_free(&message);
    return 0;
}
