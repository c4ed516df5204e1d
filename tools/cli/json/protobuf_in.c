/* JSON to Protobuf messages, by the mapping of https://protobuf.dev/programming-guides/json/. Where
 * that leaves a choice, what a sender most likely mistyped is an error: unknown fields, duplicates,
 * NUL in strings. */
#include "base/timestamp.h"
#include "protobuf.h"
#include "protobuf_any.h"
#include "protobuf_fields.h"
#include "protobuf_names.h"
#include "protobuf_scalar.h"
#include "text.h"
#include "well_known.h"

#include <mailslot/codec.h>
#include <mailslot/schema.h>

#include <string.h>

struct maker {
    struct arena *arena;
    const mailslot_registry *types;
    unsigned depth; /* messages around the one being made */
    unsigned anys;  /* of these, the Anys; their content is packed here, not by the codec */
};

static mailslot_err make_message(struct maker *maker, struct json_object *json,
                                 const ProtobufCMessageDescriptor *type,
                                 ProtobufCMessage **message);

static mailslot_err make_value(struct maker *maker, struct json_object *json,
                               const ProtobufCFieldDescriptor *field, void *member) {
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return make_message(maker, json, field->descriptor, member);
    return protobuf_scalar_from_json(maker->arena, json, field, member);
}

/* ---- Repeated fields and maps ---- */

/* Room for len values, as the message's repeated field. */
static char *make_room(struct maker *maker, ProtobufCMessage *message,
                       const ProtobufCFieldDescriptor *field, size_t len) {
    char *values = arena_alloc(maker->arena, len * protobuf_size(field));
    *(void **)protobuf_member(message, field) = values;
    *protobuf_count(message, field) = len;
    return values;
}

/* null is not an element: json-c gives NULL, which make_value() refuses unless the type has a
 * null. */
static mailslot_err make_list(struct maker *maker, struct json_object *json,
                              ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    if (!json_object_is_type(json, json_type_array))
        return protobuf_refuse(json, "an array");
    size_t len = json_object_array_length(json);
    char *values = make_room(maker, message, field, len);
    for (size_t i = 0; i < len; i++) {
        mailslot_err err = make_value(maker, json_object_array_get_idx(json, i), field,
                                      values + i * protobuf_size(field));
        if (err)
            return json_fail_in_element(err, i);
    }
    return MAILSLOT_OK;
}

/* Only the canonical text of an integer: "1" and "01" would be one key given twice. */
static bool is_plain_integer(const char *text) {
    const char *digits = text + (*text == '-');
    size_t len = strspn(digits, "0123456789");
    return len > 0 && digits[len] == '\0' && (*digits != '0' || strcmp(text, "0") == 0);
}

static mailslot_err make_key(struct maker *maker, const char *name,
                             const ProtobufCFieldDescriptor *field, void *member) {
    if (field->type == PROTOBUF_C_TYPE_BOOL) {
        *(protobuf_c_boolean *)member = strcmp(name, "true") == 0;
        return *(protobuf_c_boolean *)member || strcmp(name, "false") == 0
                   ? MAILSLOT_OK
                   : mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": the key is neither true nor false");
    }
    if (field->type != PROTOBUF_C_TYPE_STRING && !is_plain_integer(name))
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": the key is not an integer");
    struct json_object *key = json_words(name);
    mailslot_err err = make_value(maker, key, field, member);
    json_object_put(key);
    return err;
}

/* Sets the has_ flag of a field that has one. */
static void mark_given(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    if (protobuf_has_flag(field))
        *protobuf_flag(message, field) = true;
}

static void keep_zero(struct maker *maker, ProtobufCMessage *message,
                      const ProtobufCFieldDescriptor *field) {
    if (maker->anys > 0)
        protobuf_keep_minus_zero(maker->arena, message, field);
}

static mailslot_err make_entry(struct maker *maker, const char *name, struct json_object *json,
                               ProtobufCMessage *entry) {
    for (unsigned i = 0; i < 2; i++) {
        const ProtobufCFieldDescriptor *field = &entry->descriptor->fields[i];
        void *member = protobuf_member(entry, field);
        mailslot_err err =
            i == 0 ? make_key(maker, name, field, member) : make_value(maker, json, field, member);
        if (err)
            return err;
        mark_given(entry, field);
        keep_zero(maker, entry, field);
    }
    return MAILSLOT_OK;
}

static mailslot_err new_message(struct maker *maker, const ProtobufCMessageDescriptor *type,
                                ProtobufCMessage **message) {
    /* As the codec does when it decodes: what is sent must be readable. */
    if (maker->depth == VALUE_NESTING_MAX)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                             ": nested deeper than %d messages; an object in a Struct takes 3",
                             VALUE_NESTING_MAX);
    *message = arena_alloc(maker->arena, type->sizeof_message);
    mailslot_protobuf_init(type, *message);
    return MAILSLOT_OK;
}

/* An entry of a map is a message on the wire and takes a level of nesting. */
static mailslot_err make_map(struct maker *maker, struct json_object *json,
                             ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    if (!json_object_is_type(json, json_type_object))
        return protobuf_refuse(json, "an object");
    size_t len = (size_t)json_object_object_length(json);
    ProtobufCMessage **entries = (void *)make_room(maker, message, field, len);
    json_object_object_foreach(json, name, value) {
        mailslot_err err = new_message(maker, field->descriptor, entries);
        maker->depth++;
        if (!err)
            err = make_entry(maker, name, value, *entries++);
        maker->depth--;
        if (err)
            return json_fail_in_member(err, name);
    }
    return MAILSLOT_OK;
}

/* ---- Messages ---- */

/* The members of a oneof share memory, so a second one would overwrite the first. */
static mailslot_err claim_oneof(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    uint32_t *set = protobuf_oneof_case(message, field);
    if (*set) {
        const ProtobufCFieldDescriptor *other =
            protobuf_c_message_descriptor_get_field(message->descriptor, *set);
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": \"%.100s\" of the same oneof is set too",
                             other ? other->name : "another field");
    }
    *set = field->id;
    return MAILSLOT_OK;
}

static mailslot_err make_single(struct maker *maker, struct json_object *json,
                                ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    mailslot_err err = MAILSLOT_OK;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        err = claim_oneof(message, field);
    else
        mark_given(message, field);
    if (!err)
        err = make_value(maker, json, field, protobuf_member(message, field));
    if (!err)
        keep_zero(maker, message, field);
    return err;
}

static mailslot_err make_field(struct maker *maker, struct json_object *json,
                               ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return make_single(maker, json, message, field);
    if (protobuf_is_map(message->descriptor, field))
        return make_map(maker, json, message, field);
    return make_list(maker, json, message, field);
}

/* The value given to a field. By the mapping, null means not set, except for google.protobuf.Value
 * and NullValue, of which it is a value. */
struct given {
    bool named, present;
    struct json_object *json;
};

static mailslot_err check_required(const ProtobufCMessageDescriptor *type,
                                   const struct given *given) {
    for (unsigned i = 0; i < type->n_fields; i++)
        if (type->fields[i].label == PROTOBUF_C_LABEL_REQUIRED && !given[i].present)
            return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": required field \"%.100s\" is missing",
                                 type->fields[i].name);
    return MAILSLOT_OK;
}

/* Sorts the members of json into given, by field. */
/* Matched before anything is made, so that a field given under both of its names is found whatever
 * the order. */
static mailslot_err match_fields(struct json_object *json, struct protobuf_names *names,
                                 struct given *given) {
    const ProtobufCMessageDescriptor *type = names->type;
    json_object_object_foreach(json, name, value) {
        const ProtobufCFieldDescriptor *field = protobuf_names_field(names, name);
        if (!field)
            return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": %.100s has no field \"%.100s\"",
                                 type->name, name);
        struct given *to = &given[field - type->fields];
        if (to->named)
            return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                                 ": field \"%.100s\" is given twice, under both its names",
                                 field->name);
        *to = (struct given){true, value || well_known_takes_null(field), value};
    }
    return check_required(type, given);
}

static mailslot_err make_fields(struct maker *maker, struct json_object *json,
                                ProtobufCMessage *message) {
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (!json_object_is_type(json, json_type_object))
        return protobuf_refuse(json, "an object");
    struct given *given = arena_alloc(maker->arena, type->n_fields * sizeof *given);
    struct protobuf_names names = {.type = type};
    mailslot_err err = match_fields(json, &names, given);
    protobuf_names_free(&names);
    for (unsigned i = 0; i < type->n_fields && !err; i++)
        if (given[i].present) {
            err = make_field(maker, given[i].json, message, &type->fields[i]);
            if (err)
                json_fail_in_member(err, type->fields[i].name);
        }
    return err;
}

/* ---- Messages with a form of their own ---- */

/* A string without a NUL; "" for anything else, which is none of the forms. */
static const char *plain_text(struct json_object *json) {
    if (!json_object_is_type(json, json_type_string))
        return "";
    const char *text = json_object_get_string(json);
    return strlen(text) == (size_t)json_object_get_string_len(json) ? text : "";
}

static mailslot_err make_time(struct json_object *json, ProtobufCMessage *message,
                              bool (*read)(const char *, int64_t *, int32_t *),
                              const char *wanted) {
    const ProtobufCFieldDescriptor *fields = message->descriptor->fields;
    if (!read(plain_text(json), protobuf_member(message, &fields[0]),
              protobuf_member(message, &fields[1])))
        return protobuf_refuse(json, wanted);
    mark_given(message, &fields[0]);
    mark_given(message, &fields[1]);
    return MAILSLOT_OK;
}

static mailslot_err make_path(struct maker *maker, struct json_object *json, const char *text,
                              size_t len, char **path) {
    struct buffer made = {0};
    bool good = well_known_read_path(&made, text, len);
    *path = arena_copy(maker->arena, made.data, made.len);
    buffer_free(&made);
    return good ? MAILSLOT_OK : protobuf_refuse(json, "a list of paths in lowerCamelCase");
}

static mailslot_err make_mask(struct maker *maker, struct json_object *json,
                              ProtobufCMessage *message) {
    const char *text = plain_text(json);
    if (!json_object_is_type(json, json_type_string) ||
        strlen(text) != (size_t)json_object_get_string_len(json))
        return protobuf_refuse(json, "a string");
    size_t count = *text != '\0';
    /* "" is an empty mask, not one of an empty path. */
    for (const char *comma = text; (comma = strchr(comma, ',')); comma++)
        count++;
    char **paths = (void *)make_room(maker, message, message->descriptor->fields, count);
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; i < count && !err; i++) {
        size_t len = strcspn(text, ",");
        err = make_path(maker, json, text, len, &paths[i]);
        text += len + 1;
    }
    return err;
}

/* Wrappers, Struct and ListValue have one field, whose JSON stands for the whole message. */
static mailslot_err make_content(struct maker *maker, struct json_object *json,
                                 ProtobufCMessage *message) {
    return make_field(maker, json, message, message->descriptor->fields);
}

static int kind_of_value(struct json_object *json) {
    switch (json_object_get_type(json)) {
    case json_type_boolean:
        return VALUE_BOOL;
    case json_type_double:
    case json_type_int:
        return VALUE_NUMBER;
    case json_type_string:
        return VALUE_STRING;
    case json_type_object:
        return VALUE_STRUCT;
    case json_type_array:
        return VALUE_LIST;
    default:
        return VALUE_NULL;
    }
}

static mailslot_err make_any_value(struct maker *maker, struct json_object *json,
                                   ProtobufCMessage *message) {
    return make_field(maker, json, message, &message->descriptor->fields[kind_of_value(json)]);
}

static mailslot_err make_packed(struct maker *maker, struct json_object *json,
                                ProtobufCMessage *any) {
    if (!protobuf_any_has_type(json))
        return make_fields(maker, json, any);
    const char *url;
    const ProtobufCMessageDescriptor *type;
    struct json_object *content_json;
    ProtobufCMessage *content = NULL;
    mailslot_err err = protobuf_any_split(json, maker->types, &url, &type, &content_json);
    maker->anys++;
    if (!err)
        err = make_message(maker, content_json, type, &content);
    maker->anys--;
    if (!err)
        protobuf_any_pack(maker->arena, any, url, content);
    json_object_put(content_json);
    return err;
}

/* ---- All messages ---- */

static mailslot_err fill_message(struct maker *maker, struct json_object *json,
                                 ProtobufCMessage *message) {
    switch (well_known_of(message->descriptor)) {
    case WELL_KNOWN_ANY:
        return make_packed(maker, json, message);
    case WELL_KNOWN_TIMESTAMP:
        return make_time(json, message, timestamp_read,
                         "a time such as \"1972-01-01T10:00:20.021Z\"");
    case WELL_KNOWN_DURATION:
        return make_time(json, message, duration_read, "a duration such as \"1.5s\"");
    case WELL_KNOWN_FIELD_MASK:
        return make_mask(maker, json, message);
    case WELL_KNOWN_CONTENT:
        return make_content(maker, json, message);
    case WELL_KNOWN_VALUE:
        return make_any_value(maker, json, message);
    default:
        return make_fields(maker, json, message);
    }
}

static mailslot_err make_message(struct maker *maker, struct json_object *json,
                                 const ProtobufCMessageDescriptor *type,
                                 ProtobufCMessage **message) {
    mailslot_err err = new_message(maker, type, message);
    if (err)
        return err;
    maker->depth++;
    err = fill_message(maker, json, *message);
    maker->depth--;
    return err;
}

mailslot_err protobuf_from_json(struct arena *arena, struct json_object *json,
                                const ProtobufCMessageDescriptor *type,
                                const mailslot_registry *types, ProtobufCMessage **message) {
    struct maker maker = {.arena = arena, .types = types};
    mailslot_err err = make_message(&maker, json, type, message);
    return err ? json_fail_whole(err) : MAILSLOT_OK;
}
