/* JSON to MessagePack: what is accepted makes a message whose JSON makes the same message. The
 * input is the text. */
#include "fuzz.h"
#include "json.h"

#include <mailslot/msgpack.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const mailslot_codec *codec = mailslot_codec_msgpack();
    mailslot_sink sink, again;
    if (!json_encode(&sink, codec, data, size)) {
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
