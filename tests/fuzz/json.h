/* Values from JSON and as JSON, as the tool makes and shows them. */
#ifndef MAILSLOT_FUZZ_JSON_H
#define MAILSLOT_FUZZ_JSON_H

#include "message.h"

#include <base/buffer.h>

/** Encodes what len bytes of JSON stand for into a sink that the caller frees in any case. Checks
 *  that an error is BAD_VALUE and says why. codec: MessagePack, or one of protobuf_type(). */
mailslot_err json_encode(mailslot_sink *sink, const mailslot_codec *codec, const void *text,
                         size_t len);

/** Appends the JSON of a decoded message's value, which there has to be, in one line. */
void json_show(struct buffer *text, const mailslot_codec *codec, const struct message *message);

/** What a message's JSON owes: it is taken back, to a message that has the same JSON. Leaves that
 *  message's bytes in again, for the caller to free. */
void json_check_return(mailslot_sink *again, const mailslot_codec *codec,
                       const struct message *message);

#endif
