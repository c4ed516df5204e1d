#include "json.h"
#include "fuzz.h"

#include <json/msgpack.h>
#include <json/protobuf.h>
#include <json/text.h>

static mailslot_err make(mailslot_sink *sink, struct arena *arena, const mailslot_codec *codec,
                         struct json_object *json) {
    msgpack_object object;
    ProtobufCMessage *message = NULL;
    mailslot_err err = codec->schema
                           ? protobuf_from_json(arena, json, codec->schema, NULL, &message)
                           : msgpack_from_json(arena, json, &object);
    if (err)
        return err;
    return codec->encode(codec, codec->schema ? (void *)message : (void *)&object, sink);
}

mailslot_err json_encode(mailslot_sink *sink, const mailslot_codec *codec, const void *text,
                         size_t len) {
    struct arena arena = {0};
    struct json_object *json;
    char *copy = fuzz_memory(len + 1);
    if (len)
        memcpy(copy, text, len);
    copy[len] = '\0';
    *sink = (mailslot_sink){.limit = SIZE_MAX};
    mailslot_err err = json_read(copy, len, &json);
    if (!err)
        err = make(sink, &arena, codec, json);
    require(!err || (err == MAILSLOT_ERR_BAD_VALUE && *mailslot_detail()));
    json_object_put(json);
    arena_free(&arena);
    free(copy);
    return err;
}

void json_show(struct buffer *text, const mailslot_codec *codec, const struct message *message) {
    struct json_object *json;
    mailslot_err err = codec->schema ? protobuf_to_json(message->value, NULL, &json)
                                     : msgpack_to_json(message->value, &json);
    require(err == MAILSLOT_OK);
    json_write(text, json);
    json_object_put(json);
    require(!memchr(text->data, '\n', text->len));
}

void json_check_return(mailslot_sink *again, const mailslot_codec *codec,
                       const struct message *message) {
    struct buffer first = {0}, second = {0};
    struct message returned;
    json_show(&first, codec, message);
    require(json_encode(again, codec, first.data, first.len) == MAILSLOT_OK);
    message_return(&returned, codec, again);
    json_show(&second, codec, &returned);
    require(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    message_free(&returned);
    buffer_free(&first);
    buffer_free(&second);
}
