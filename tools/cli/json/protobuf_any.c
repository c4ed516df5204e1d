/* google.protobuf.Any: finds the type of the content, and takes the JSON apart and together. */
#include "protobuf_any.h"

#include "protobuf_fields.h"
#include "protobuf_scalar.h"
#include "value.h"
#include "well_known.h"

#include <mailslot/codec.h>
#include <mailslot/schema.h>

#include <string.h>

#define TYPE_MEMBER  "@type"
#define VALUE_MEMBER "value"

/* ---- Both directions ---- */

/* Other implementations refuse a URL without a slash too. */
static const ProtobufCMessageDescriptor *any_type_of(const char *url,
                                                     const mailslot_registry *types) {
    const char *slash = strrchr(url, '/');
    return slash ? mailslot_protobuf_find(types, slash + 1) : NULL;
}

static char **any_url(const ProtobufCMessage *any) {
    return protobuf_member(any, &any->descriptor->fields[0]);
}

static ProtobufCBinaryData *any_bytes(const ProtobufCMessage *any) {
    return protobuf_member(any, &any->descriptor->fields[1]);
}

static bool any_content_is_value(const ProtobufCMessageDescriptor *type) {
    return well_known_of(type) != WELL_KNOWN_NONE;
}

/* ---- From JSON ---- */

bool protobuf_any_has_type(struct json_object *json) {
    return json_object_is_type(json, json_type_object) &&
           json_object_object_get_ex(json, TYPE_MEMBER, NULL);
}

static mailslot_err any_read_url(struct json_object *json, const char **url) {
    struct json_object *given = json_member(json, TYPE_MEMBER);
    *url = json_object_is_type(given, json_type_string) ? json_object_get_string(given) : "";
    if (strchr(*url, '/') && strlen(*url) == (size_t)json_object_get_string_len(given))
        return MAILSLOT_OK;
    mailslot_err err =
        protobuf_refuse(given, "a type URL such as \"type.googleapis.com/package.Type\"");
    return json_fail_in_member(err, TYPE_MEMBER);
}

static struct json_object *any_without_type(struct json_object *json) {
    struct json_object *content = json_made(json_object_new_object());
    json_object_object_foreach(json, name, value) {
        if (strcmp(name, TYPE_MEMBER) != 0)
            json_add(content, name, json_object_get(value));
    }
    return content;
}

/* google.protobuf.Empty has no form of its own, but Go writes it as "value":{}. */
static bool any_is_empty_value(const ProtobufCMessageDescriptor *type, struct json_object *json) {
    struct json_object *value = json_member(json, VALUE_MEMBER);
    return strcmp(type->name, "google.protobuf.Empty") == 0 &&
           json_object_is_type(value, json_type_object) && json_object_object_length(value) == 0;
}

static mailslot_err any_take_value(const ProtobufCMessageDescriptor *type, struct json_object *json,
                                   struct json_object **content) {
    struct json_object *value;
    if (json_object_object_length(json) != 2 ||
        !json_object_object_get_ex(json, VALUE_MEMBER, &value))
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                             ": an Any with a %.100s has the members \"@type\" and \"value\"",
                             type->name);
    *content = json_object_get(value);
    return MAILSLOT_OK;
}

mailslot_err protobuf_any_split(struct json_object *json, const mailslot_registry *types,
                                const char **url, const ProtobufCMessageDescriptor **type,
                                struct json_object **content) {
    *content = NULL;
    mailslot_err err = any_read_url(json, url);
    if (err)
        return err;
    *type = any_type_of(*url, types);
    if (!*type)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                             ".@type: type \"%.100s\" is not known; load its schema, or give "
                             "\"typeUrl\" and \"value\" in Base64",
                             strrchr(*url, '/') + 1);
    if (any_content_is_value(*type) || any_is_empty_value(*type, json))
        return any_take_value(*type, json, content);
    *content = any_without_type(json);
    return MAILSLOT_OK;
}

void protobuf_any_pack(struct arena *arena, ProtobufCMessage *any, const char *url,
                       const ProtobufCMessage *content) {
    ProtobufCBinaryData *bytes = any_bytes(any);
    *any_url(any) = arena_copy(arena, url, strlen(url));
    bytes->len = protobuf_c_message_get_packed_size(content);
    bytes->data = arena_alloc(arena, bytes->len);
    protobuf_c_message_pack(content, bytes->data);
}

/* ---- To JSON ---- */

mailslot_record *protobuf_any_unpack(const ProtobufCMessage *any, const mailslot_registry *types) {
    const char *url = *any_url(any);
    const ProtobufCBinaryData *bytes = any_bytes(any);
    const ProtobufCMessageDescriptor *type = any_type_of(url ? url : "", types);
    mailslot_record *record;
    if (!type || mailslot_record_new(&record))
        return NULL;
    const mailslot_codec codec = {sizeof codec, "protobuf", type, mailslot_protobuf_encode,
                                  mailslot_protobuf_decode};
    if (mailslot_record_decode(record, &codec, bytes->data, bytes->len, NULL, 0)) {
        mailslot_record_free(record);
        return NULL;
    }
    return record;
}

/* Whether all members could be added to an object that has "@type" already. */
static bool any_add_members(struct json_object *to, struct json_object *from) {
    json_object_object_foreach(from, name, value) {
        if (strcmp(name, TYPE_MEMBER) == 0)
            return false;
        json_add(to, name, json_object_get(value));
    }
    return true;
}

struct json_object *protobuf_any_join(const ProtobufCMessage *any, const ProtobufCMessage *content,
                                      struct json_object *json) {
    struct json_object *joined = json_made(json_object_new_object());
    json_add(joined, TYPE_MEMBER, json_words(*any_url(any)));
    if (any_content_is_value(content->descriptor)) {
        json_add(joined, VALUE_MEMBER, json);
        return joined;
    }
    bool whole = any_add_members(joined, json);
    json_object_put(json);
    if (whole)
        return joined;
    json_object_put(joined);
    return NULL;
}
