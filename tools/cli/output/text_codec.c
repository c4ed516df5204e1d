/* The table of text codecs, and the registry that the tool makes of codecs and schemas. */
#include "text_codec.h"

#include "base/schemas.h"
#include "event.h"
#include "json/msgpack.h"
#include "json/protobuf.h"
#include "json/text.h"

#include <mailslot/msgpack.h>
#include <mailslot/protobuf.h>
#include <mailslot/text.h>

#include <string.h>

#include "trace.pb-c.h"

struct text_form {
    const char *codec; /* a codec's name; ending with ':', what such names begin with */
    bool is_json;
    /** encode of a codec whose value is a const mailslot_bytes * of text and whose schema is a
     *  struct target, so that the library reports errors as it does those of any codec. NULL: the
     *  text is sent as it is. */
    mailslot_err (*encode)(const mailslot_codec *codec, const void *value, mailslot_sink *sink);
    mailslot_err (*to_json)(const mailslot_record *record, const mailslot_registry *types,
                            struct json_object **json);
};

/* What encode makes of a text. */
struct target {
    const mailslot_codec *real;
    const mailslot_registry *types;
};

/* ---- Bytes as they are ---- */

static mailslot_err encode_utf8(const mailslot_codec *codec, const void *value,
                                mailslot_sink *sink) {
    const mailslot_codec *real = ((const struct target *)codec->schema)->real;
    const mailslot_bytes *text = value;
    /* The utf8 codec takes a C string, which would end at the NUL: report it rather than send less
     * than was given. */
    size_t before_nul = strlen(text->data);
    if (before_nul < text->len)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                             "a NUL at offset %zu, which utf8 cannot hold: use --codec bytes",
                             before_nul);
    return real->encode(real, text->data, sink);
}

static mailslot_err bytes_to_json(const mailslot_record *record, const mailslot_registry *types,
                                  struct json_object **json) {
    (void)types;
    *json = json_binary(mailslot_record_bytes(record));
    return MAILSLOT_OK;
}

static mailslot_err text_to_json(const mailslot_record *record, const mailslot_registry *types,
                                 struct json_object **json) {
    (void)types;
    *json = json_text(mailslot_record_bytes(record));
    return MAILSLOT_OK;
}

/* ---- JSON ---- */

static mailslot_err encode_msgpack(const mailslot_codec *codec, const void *value,
                                   mailslot_sink *sink) {
    const mailslot_codec *real = ((const struct target *)codec->schema)->real;
    const mailslot_bytes *text = value;
    struct arena arena = {0};
    struct json_object *json;
    msgpack_object object;
    mailslot_err err = json_read(text->data, text->len, &json);
    if (!err)
        err = msgpack_from_json(&arena, json, &object);
    if (!err)
        err = real->encode(real, &object, sink);
    json_object_put(json);
    arena_free(&arena);
    return err;
}

static mailslot_err msgpack_record_to_json(const mailslot_record *record,
                                           const mailslot_registry *types,
                                           struct json_object **json) {
    (void)types;
    return msgpack_to_json(mailslot_record_value(record), json);
}

static mailslot_err encode_protobuf(const mailslot_codec *codec, const void *value,
                                    mailslot_sink *sink) {
    const struct target *target = codec->schema;
    const mailslot_codec *real = target->real;
    const mailslot_bytes *text = value;
    struct arena arena = {0};
    struct json_object *json;
    ProtobufCMessage *message;
    mailslot_err err = json_read(text->data, text->len, &json);
    if (!err)
        err = protobuf_from_json(&arena, json, real->schema, target->types, &message);
    if (!err)
        err = real->encode(real, message, sink);
    json_object_put(json);
    arena_free(&arena);
    return err;
}

static mailslot_err protobuf_record_to_json(const mailslot_record *record,
                                            const mailslot_registry *types,
                                            struct json_object **json) {
    return protobuf_to_json(mailslot_record_value(record), types, json);
}

/* ---- Which codec has which ---- */

/* The first that matches counts: the event stands before the other Protobuf types, and text is the
 * fallback of text_form_of(). */
static const struct text_form text_forms[] = {
    {"text", false, NULL, text_to_json},
    {"utf8", false, encode_utf8, text_to_json},
    {"bytes", false, NULL, bytes_to_json},
    {"msgpack", true, encode_msgpack, msgpack_record_to_json},
    {EVENT_SPEC, true, encode_protobuf, protobuf_record_to_json},
    {"protobuf:", true, encode_protobuf, protobuf_record_to_json},
};

static bool text_form_is_event(const struct text_form *form) {
    return strcmp(form->codec, EVENT_SPEC) == 0;
}

bool text_codec_is_event(const struct text_codec *text_codec) {
    return text_form_is_event(text_codec->form);
}

static bool text_form_is_for(const struct text_form *form, const char *codec) {
    size_t len = strlen(form->codec);
    bool prefix = form->codec[len - 1] == ':';
    return prefix ? strncmp(codec, form->codec, len) == 0 : strcmp(codec, form->codec) == 0;
}

/* A codec that the table does not have is shown as its bytes. */
static const struct text_form *text_form_of(const mailslot_codec *codec) {
    for (size_t i = 0; i < sizeof text_forms / sizeof *text_forms; i++)
        if (text_form_is_for(&text_forms[i], codec->name) &&
            (!text_form_is_event(&text_forms[i]) || event_is_type(codec->schema)))
            return &text_forms[i];
    return &text_forms[0];
}

struct text_codec text_codec_of(const mailslot_registry *registry, const mailslot_codec *codec) {
    return (struct text_codec){text_form_of(codec), registry};
}

bool text_codec_is_json(const struct text_codec *text_codec) { return text_codec->form->is_json; }

mailslot_err text_codec_put(const struct text_codec *text_codec, mailslot *slot, const char *text,
                            size_t len) {
    if (!text_codec->form->encode)
        return mailslot_put_bytes(slot, text, len);
    const mailslot_codec *real = mailslot_slot_codec(slot);
    /* A codec that encodes from text, with the name of the real one for error texts. On the stack:
     * the library uses it during the call only. */
    const struct target target = {real, text_codec->types};
    const mailslot_codec outside = {sizeof outside, real->name, &target, text_codec->form->encode,
                                    real->decode};
    return mailslot_put_as(slot, &outside, &(mailslot_bytes){.data = text, .len = len});
}

mailslot_err text_codec_to_json(const struct text_codec *text_codec, const mailslot_record *record,
                                struct json_object **json) {
    return text_codec->form->to_json(record, text_codec->types, json);
}

/* A trace.Event of the user's schemas takes precedence over the built-in one. */
static mailslot_err add_event(mailslot_registry *registry) {
    const mailslot_codec *codec;
    if (mailslot_registry_find(registry, EVENT_SPEC, &codec) == MAILSLOT_OK)
        return MAILSLOT_OK;
    return mailslot_registry_add_protobuf(registry, &trace__event__descriptor);
}

enum status text_codec_registry_and_sets(const struct text_list *schemas, bool with_path,
                                         struct buffer *sets, mailslot_registry **registry) {
    mailslot_err err = mailslot_registry_new(registry);
    if (err)
        return report_failure(err);
    enum status status = schemas_load(*registry, schemas, with_path, sets);
    if (!status) {
        err = add_event(*registry);
        status = err ? report_failure(err) : STATUS_DONE;
    }
    /* A failed load leaves no registry, so that the caller need not free it. */
    if (status) {
        mailslot_registry_free(*registry);
        *registry = NULL;
    }
    return status;
}

enum status text_codec_registry(const struct text_list *schemas, mailslot_registry **registry) {
    return text_codec_registry_and_sets(schemas, true, NULL, registry);
}

bool text_codec_needs_schema(const char *spec) {
    return strncmp(spec, "protobuf:", strlen("protobuf:")) == 0;
}

/* MAILSLOT_SCHEMA_PATH is searched only for a Protobuf type: compiling every schema in it may take
 * seconds, which a codec without schema must not cost. */
enum status text_codec_find(const struct verb *verb, const struct option *codec_option,
                            const struct text_list *schemas, mailslot_registry **registry,
                            const mailslot_codec **codec) {
    const char *spec = codec_option->given ? codec_option->text : "text";
    enum status status =
        text_codec_registry_and_sets(schemas, text_codec_needs_schema(spec), NULL, registry);
    if (status)
        return status;
    if (mailslot_registry_find(*registry, spec, codec) == MAILSLOT_OK)
        return STATUS_DONE;
    mailslot_registry_free(*registry);
    *registry = NULL;
    return report_usage(verb->name, "%s", mailslot_detail());
}
