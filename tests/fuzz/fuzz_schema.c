/*
 * Descriptor sets: what is loaded describes messages that every codec could have, and what is
 * refused says why. The input's first byte is the length of a message that comes next; the rest is
 * the set. The message is decoded, and shown as JSON, as each of the first types in the set.
 */
#include "fuzz.h"
#include "json.h"
#include "protobuf_types.h"

#include <json/protobuf.h>
#include <json/text.h>
#include <mailslot/schema.h>

enum { MOST_TYPES = 16 };

struct passing {
    const uint8_t *data;
    size_t len;
    int types;
};

static void check_init(const ProtobufCMessageDescriptor *type) {
    ProtobufCMessage *message = fuzz_memory(type->sizeof_message);
    mailslot_protobuf_init(type, message);
    require(message->descriptor == type);
    protobuf_c_message_get_packed_size(message);
    free(message);
}

/* A schema can make fields whose names in JSON are one, so what is shown need not be taken back. */
static void check_json(const mailslot_codec *codec, const struct message *message) {
    struct json_object *json;
    struct buffer text = {0};
    mailslot_sink sink;
    mailslot_err err = protobuf_to_json(message->value, NULL, &json);
    require(err == MAILSLOT_OK || (err == MAILSLOT_ERR_BAD_MESSAGE && *mailslot_detail()));
    if (!err) {
        json_write(&text, json);
        (void)!json_encode(&sink, codec, text.data, text.len);
        msi_sink_free(&sink);
    }
    json_object_put(json);
    buffer_free(&text);
}

/* Hints may be of what their field has not. */
static void check_size(const ProtobufCMessageDescriptor *type) {
    mailslot_protobuf_size size;
    mailslot_err err = mailslot_protobuf_encoded_size(type, NULL, &size);
    require(err == MAILSLOT_OK || (err == MAILSLOT_ERR_BAD_MESSAGE && *mailslot_detail()));
    require(err || size.smallest <= size.worst);
}

static mailslot_err pass(void *ctx, const char *spec, const mailslot_codec *codec) {
    struct passing *passing = ctx;
    struct message message;
    if (strncmp(spec, "protobuf:", 9) != 0 || passing->types++ == MOST_TYPES)
        return MAILSLOT_OK;
    check_init(codec->schema);
    check_size(codec->schema);
    if (!message_decode(&message, codec, passing->data, passing->len, 0)) {
        message_check(codec, &message, protobuf_equal);
        check_json(codec, &message);
    }
    message_free(&message);
    return MAILSLOT_OK;
}

static bool may_say(mailslot_err err) {
    return err == MAILSLOT_ERR_BAD_MESSAGE || err == MAILSLOT_ERR_UNSUPPORTED ||
           err == MAILSLOT_ERR_TOO_COMPLEX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    struct passing passing = {.types = 0};
    mailslot_registry *registry = NULL;
    passing.data = take_bytes(&input, (size_t)take_number(&input, 1), &passing.len);
    require(mailslot_registry_new(&registry) == MAILSLOT_OK);
    mailslot_err err = mailslot_protobuf_load(registry, input.at, input.left);
    require(!err || (may_say(err) && *mailslot_detail()));
    if (!err) {
        require(mailslot_registry_each(registry, pass, &passing) == MAILSLOT_OK);
        require(mailslot_protobuf_load(registry, input.at, input.left) == MAILSLOT_OK);
    }
    mailslot_registry_free(registry);
    return 0;
}
