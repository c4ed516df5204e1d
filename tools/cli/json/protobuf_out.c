/* Protobuf messages to JSON, the inverse of protobuf_in.c. */
#include "base/timestamp.h"
#include "protobuf.h"
#include "protobuf_any.h"
#include "protobuf_fields.h"
#include "protobuf_names.h"
#include "text.h"
#include "well_known.h"

#include <mailslot/codec.h>
#include <mailslot/schema.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a message stands. */
struct level {
    unsigned depth; /* messages around it */
    const mailslot_registry *types;
};

static struct level level_below(struct level level) {
    level.depth++;
    return level;
}

/* What is made, whole or on failure in part, belongs to the caller either way. */
static mailslot_err show_message(const ProtobufCMessage *message, struct level level,
                                 struct json_object **json);

/* ---- Values ---- */

static struct json_object *show_integer64(int64_t value) {
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRId64, value);
    return json_string(text, (size_t)len);
}

static struct json_object *show_unsigned64(uint64_t value) {
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRIu64, value);
    return json_string(text, (size_t)len);
}

static struct json_object *show_enum(const ProtobufCEnumDescriptor *type, int32_t number) {
    const ProtobufCEnumValue *value = protobuf_enum_value(type, number);
    return value ? json_words(value->name) : json_made(json_object_new_int(number));
}

static bool is_utf8(const char *text) {
    size_t len = strlen(text);
    return mailslot_utf8_prefix(text, len) == len;
}

static mailslot_err show_string(const char *text, struct json_object **json) {
    text = text ? text : "";
    if (!is_utf8(text))
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, ": a string that is not UTF-8");
    *json = json_words(text);
    return MAILSLOT_OK;
}

/* What stands for an entry's absent value: an empty message. */
static mailslot_err show_empty(const ProtobufCMessageDescriptor *type, struct level level,
                               struct json_object **json) {
    if (well_known_of(type) == WELL_KNOWN_NONE) {
        *json = json_made(json_object_new_object());
        return MAILSLOT_OK;
    }
    ProtobufCMessage *message = memory_resize(NULL, type->sizeof_message);
    mailslot_protobuf_init(type, message);
    mailslot_err err = show_message(message, level, json);
    free(message);
    return err;
}

static mailslot_err show_submessage(const ProtobufCFieldDescriptor *field, const void *member,
                                    struct level level, struct json_object **json) {
    const ProtobufCMessage *message = *(ProtobufCMessage *const *)member;
    return message ? show_message(message, level, json)
                   : show_empty(field->descriptor, level, json);
}

/* Numbers and booleans; NULL for other types. */
static struct json_object *show_number(ProtobufCType type, const void *member) {
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return json_made(json_object_new_int(*(const int32_t *)member));
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return json_made(json_object_new_int64(*(const uint32_t *)member));
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return show_integer64(*(const int64_t *)member);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return show_unsigned64(*(const uint64_t *)member);
    case PROTOBUF_C_TYPE_FLOAT:
        return json_float(*(const float *)member);
    case PROTOBUF_C_TYPE_DOUBLE:
        return json_double(*(const double *)member);
    case PROTOBUF_C_TYPE_BOOL:
        return json_made(json_object_new_boolean(*(const protobuf_c_boolean *)member));
    default:
        return NULL;
    }
}

static mailslot_err show_value(const ProtobufCFieldDescriptor *field, const void *member,
                               struct level level, struct json_object **json) {
    const ProtobufCBinaryData *bytes = member;
    *json = NULL;
    switch (field->type) {
    case PROTOBUF_C_TYPE_ENUM:
        if (!well_known_is_null(field)) /* null has one value, whatever its number */
            *json = show_enum(field->descriptor, *(const int32_t *)member);
        return MAILSLOT_OK;
    case PROTOBUF_C_TYPE_STRING:
        return show_string(*(char *const *)member, json);
    case PROTOBUF_C_TYPE_BYTES:
        *json = json_base64(bytes->data, bytes->len);
        return MAILSLOT_OK;
    case PROTOBUF_C_TYPE_MESSAGE:
        return show_submessage(field, member, level, json);
    default:
        *json = show_number(field->type, member);
        return MAILSLOT_OK;
    }
}

/* ---- Repeated fields and maps ---- */

static mailslot_err show_list(const ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field, struct level level,
                              struct json_object **json) {
    const char *values = *(char *const *)protobuf_member(message, field);
    *json = json_made(json_object_new_array());
    for (size_t i = 0; i < *protobuf_count(message, field); i++) {
        struct json_object *item;
        mailslot_err err = show_value(field, values + i * protobuf_size(field), level, &item);
        json_append(*json, item);
        if (err)
            return json_fail_in_element(err, i);
    }
    return MAILSLOT_OK;
}

/* Of entries with the same key the last one counts, as for every Protobuf parser. */
static mailslot_err show_entry(const ProtobufCMessage *entry, struct level level,
                               struct json_object *object) {
    const ProtobufCFieldDescriptor *fields = entry->descriptor->fields;
    struct json_object *key, *value;
    mailslot_err err = show_value(&fields[0], protobuf_member(entry, &fields[0]), level, &key);
    if (!err) {
        err = show_value(&fields[1], protobuf_member(entry, &fields[1]), level, &value);
        json_add(object, json_scalar_text(key), value);
        if (err)
            json_fail_in_member(err, json_scalar_text(key));
    }
    json_object_put(key);
    return err;
}

static mailslot_err show_map(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                             struct level level, struct json_object **json) {
    ProtobufCMessage *const *entries = *(ProtobufCMessage ***)protobuf_member(message, field);
    *json = json_made(json_object_new_object());
    for (size_t i = 0; i < *protobuf_count(message, field); i++) {
        mailslot_err err = show_entry(entries[i], level_below(level), *json);
        if (err)
            return err;
    }
    return MAILSLOT_OK;
}

/* ---- Messages ---- */

static mailslot_err show_field(const ProtobufCMessage *message,
                               const ProtobufCFieldDescriptor *field, struct level level,
                               struct json_object **json) {
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return show_value(field, protobuf_member(message, field), level, json);
    if (protobuf_is_map(message->descriptor, field))
        return show_map(message, field, level, json);
    return show_list(message, field, level, json);
}

static mailslot_err add_field(const ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field, struct protobuf_names *names,
                              struct level level, struct json_object *object) {
    struct json_object *value;
    mailslot_err err = show_field(message, field, level, &value);
    const char *name = protobuf_names_json(names, field);
    if (!err && json_object_object_get_ex(object, name, NULL))
        err = mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE,
                            ": in JSON %.100s has another field of the name \"%.100s\"",
                            message->descriptor->name, name);
    json_add(object, name, value);
    return err ? json_fail_in_member(err, field->name) : MAILSLOT_OK;
}

static mailslot_err show_fields(const ProtobufCMessage *message, struct level level,
                                struct json_object **json) {
    const ProtobufCMessageDescriptor *type = message->descriptor;
    struct protobuf_names names = {.type = type};
    mailslot_err err = MAILSLOT_OK;
    *json = json_made(json_object_new_object());
    for (unsigned i = 0; i < type->n_fields && !err; i++)
        if (protobuf_is_present(message, &type->fields[i]))
            err = add_field(message, &type->fields[i], &names, level, *json);
    protobuf_names_free(&names);
    return err;
}

/* ---- Messages with a form of their own ---- */

static mailslot_err show_time(const ProtobufCMessage *message,
                              bool (*show)(struct buffer *, int64_t, int32_t),
                              struct json_object **json) {
    const ProtobufCFieldDescriptor *fields = message->descriptor->fields;
    int64_t seconds = *(const int64_t *)protobuf_member(message, &fields[0]);
    int32_t nanos = *(const int32_t *)protobuf_member(message, &fields[1]);
    struct buffer text = {0};
    bool shown = show(&text, seconds, nanos);
    *json = shown ? json_string(text.data, text.len) : NULL;
    buffer_free(&text);
    return shown ? MAILSLOT_OK
                 : mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE,
                                 ": %" PRId64 " s and %" PRId32 " ns are out of range for %s",
                                 seconds, nanos, message->descriptor->name);
}

static mailslot_err show_mask(const ProtobufCMessage *message, struct json_object **json) {
    const ProtobufCFieldDescriptor *field = message->descriptor->fields;
    char *const *paths = *(char ***)protobuf_member(message, field);
    struct buffer text = {0};
    bool shown = true;
    for (size_t i = 0; shown && i < *protobuf_count(message, field); i++) {
        buffer_append(&text, ",", i > 0);
        shown = is_utf8(paths[i]) && well_known_show_path(&text, paths[i]);
    }
    *json = shown ? json_string(text.data, text.len) : NULL;
    buffer_free(&text);
    return shown ? MAILSLOT_OK
                 : mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE,
                                 ": a path that is not in lower_snake_case");
}

/* A Value that holds nothing is null too. */
static mailslot_err show_any_value(const ProtobufCMessage *message, struct level level,
                                   struct json_object **json) {
    const ProtobufCFieldDescriptor *fields = message->descriptor->fields;
    uint32_t which = *protobuf_oneof_case(message, fields);
    *json = NULL;
    if (which == 0 || which == fields[VALUE_NULL].id)
        return MAILSLOT_OK;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(message->descriptor, which);
    const void *member = protobuf_member(message, field);
    if (field == &fields[VALUE_NUMBER] && !isfinite(*(const double *)member))
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE,
                             ": NaN and infinity have no JSON form in a Value");
    return show_value(field, member, level, json);
}

/* NULL: the content is not known, or cannot be shown. */
static struct json_object *show_unpacked(const ProtobufCMessage *any, struct level level) {
    mailslot_record *record = protobuf_any_unpack(any, level.types);
    if (!record)
        return NULL;
    struct json_object *json;
    const ProtobufCMessage *content = mailslot_record_value(record);
    if (show_message(content, level, &json)) {
        json_object_put(json);
        json = NULL;
    } else {
        json = protobuf_any_join(any, content, json);
    }
    mailslot_record_free(record);
    return json;
}

static mailslot_err show_any(const ProtobufCMessage *any, struct level level,
                             struct json_object **json) {
    *json = show_unpacked(any, level);
    return *json ? MAILSLOT_OK : show_fields(any, level, json);
}

static mailslot_err show_message(const ProtobufCMessage *message, struct level level,
                                 struct json_object **json) {
    *json = NULL;
    if (level.depth >= VALUE_NESTING_MAX)
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE,
                             ": nested deeper than %d messages; an object in a Struct takes 3",
                             VALUE_NESTING_MAX);
    switch (well_known_of(message->descriptor)) {
    case WELL_KNOWN_ANY:
        return show_any(message, level_below(level), json);
    case WELL_KNOWN_TIMESTAMP:
        return show_time(message, timestamp_append, json);
    case WELL_KNOWN_DURATION:
        return show_time(message, duration_append, json);
    case WELL_KNOWN_FIELD_MASK:
        return show_mask(message, json);
    case WELL_KNOWN_CONTENT:
        return show_field(message, message->descriptor->fields, level_below(level), json);
    case WELL_KNOWN_VALUE:
        return show_any_value(message, level_below(level), json);
    default:
        return show_fields(message, level_below(level), json);
    }
}

mailslot_err protobuf_to_json(const ProtobufCMessage *message, const mailslot_registry *types,
                              struct json_object **json) {
    mailslot_err err = show_message(message, (struct level){.types = types}, json);
    if (err) {
        json_object_put(*json);
        *json = NULL;
        return json_fail_whole(err);
    }
    return MAILSLOT_OK;
}
