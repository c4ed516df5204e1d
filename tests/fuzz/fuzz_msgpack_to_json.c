/* MessagePack to JSON: every message has JSON that makes an equal message. The input is the
 * message. */
#include "fuzz.h"
#include "json.h"

#include <mailslot/msgpack.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const mailslot_codec *codec = mailslot_codec_msgpack();
    struct message message;
    if (!message_decode(&message, codec, data, size, 0)) {
        mailslot_sink sink, again;
        message_encode(&sink, codec, message.value);
        json_check_return(&again, codec, &message);
        require(message_same(&sink, &again));
        msi_sink_free(&sink);
        msi_sink_free(&again);
    }
    message_free(&message);
    return 0;
}
