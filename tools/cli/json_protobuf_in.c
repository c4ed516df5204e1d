#include "json_protobuf.h"
#include "json_protobuf_scalar.h"
#include "json_text.h"
#include "protobuf_fields.h"

#include <mailslot/codec.h>

#include <string.h>

struct maker {
    struct arena *arena;
    unsigned depth; /* messages around the one being made */
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

/* One text for each key, so that different names are different keys. */
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
    struct json_object *key = json_string(name, strlen(name));
    mailslot_err err = make_value(maker, key, field, member);
    json_object_put(key);
    return err;
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
        if (protobuf_has_flag(field))
            *protobuf_flag(entry, field) = true;
    }
    return MAILSLOT_OK;
}

static mailslot_err new_message(struct maker *maker, const ProtobufCMessageDescriptor *type,
                                ProtobufCMessage **message) {
    if (maker->depth == VALUE_NESTING_MAX)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": nested deeper than %d", VALUE_NESTING_MAX);
    *message = arena_alloc(maker->arena, type->sizeof_message);
    protobuf_c_message_init(type, *message);
    return MAILSLOT_OK;
}

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
    else if (protobuf_has_flag(field))
        *protobuf_flag(message, field) = true;
    return err ? err : make_value(maker, json, field, protobuf_member(message, field));
}

static mailslot_err make_field(struct maker *maker, struct json_object *json,
                               ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return make_single(maker, json, message, field);
    if (protobuf_is_map(message->descriptor, field))
        return make_map(maker, json, message, field);
    return make_list(maker, json, message, field);
}

static mailslot_err check_required(const ProtobufCMessageDescriptor *type,
                                   struct json_object *const *given) {
    for (unsigned i = 0; i < type->n_fields; i++)
        if (type->fields[i].label == PROTOBUF_C_LABEL_REQUIRED && !given[i])
            return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": required field \"%.100s\" is missing",
                                 type->fields[i].name);
    return MAILSLOT_OK;
}

/* Sorts the members of json into given, by field: json-c has null for those that are absent. */
static mailslot_err match_fields(struct maker *maker, struct json_object *json,
                                 const ProtobufCMessageDescriptor *type,
                                 struct json_object **given) {
    bool *named = arena_alloc(maker->arena, type->n_fields * sizeof *named);
    json_object_object_foreach(json, name, value) {
        const ProtobufCFieldDescriptor *field = protobuf_field(type, name);
        if (!field)
            return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": %.100s has no field \"%.100s\"",
                                 type->name, name);
        size_t i = (size_t)(field - type->fields);
        if (named[i])
            return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                                 ": field \"%.100s\" is given twice, under both its names",
                                 field->name);
        named[i] = true;
        given[i] = value;
    }
    return check_required(type, given);
}

static mailslot_err make_fields(struct maker *maker, struct json_object *json,
                                ProtobufCMessage *message) {
    const ProtobufCMessageDescriptor *type = message->descriptor;
    struct json_object **given = arena_alloc(maker->arena, type->n_fields * sizeof(void *));
    mailslot_err err = match_fields(maker, json, type, given);
    for (unsigned i = 0; i < type->n_fields && !err; i++)
        if (given[i]) {
            err = make_field(maker, given[i], message, &type->fields[i]);
            if (err)
                json_fail_in_member(err, type->fields[i].name);
        }
    return err;
}

static mailslot_err make_message(struct maker *maker, struct json_object *json,
                                 const ProtobufCMessageDescriptor *type,
                                 ProtobufCMessage **message) {
    if (!json_object_is_type(json, json_type_object))
        return protobuf_refuse(json, "an object");
    mailslot_err err = new_message(maker, type, message);
    if (err)
        return err;
    maker->depth++;
    err = make_fields(maker, json, *message);
    maker->depth--;
    return err;
}

mailslot_err protobuf_from_json(struct arena *arena, struct json_object *json,
                                const ProtobufCMessageDescriptor *type,
                                ProtobufCMessage **message) {
    struct maker maker = {.arena = arena};
    mailslot_err err = make_message(&maker, json, type, message);
    return err ? json_fail_whole(err) : MAILSLOT_OK;
}
