/* JSON to Protobuf: what is accepted makes a message whose JSON makes the same message. The input's
 * first byte says which message type, the rest is the text. */
#include "fuzz.h"
#include "json.h"
#include "protobuf_types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size)
        return 0;
    const mailslot_codec *codec = protobuf_type(data[0]);
    mailslot_sink sink, again;
    if (!json_encode(&sink, codec, data + 1, size - 1)) {
        struct message message;
        message_return(&message, codec, &sink);
        json_check_return(&again, codec, &message);
        require(message_same(&sink, &again));
        msi_sink_free(&again);
        message_free(&message);
    }
    msi_sink_free(&sink);
    return 0;
}
