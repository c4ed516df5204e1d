/* Access to message memory by descriptors, as protobuf-c lays it out. */
#include "protobuf_fields.h"

#include "protobuf_names.h"

#include <mailslot/schema.h>

#include <stdlib.h>
#include <string.h>

/* ---- Maps ---- */

static bool is_single(const ProtobufCFieldDescriptor *field, const char *name, uint32_t id) {
    return field->id == id && strcmp(field->name, name) == 0 &&
           field->label != PROTOBUF_C_LABEL_REPEATED && field->label != PROTOBUF_C_LABEL_REQUIRED &&
           !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
}

/* The Protobuf language guide: any integral type, bool or string. */
static bool can_be_key(ProtobufCType type) {
    return type != PROTOBUF_C_TYPE_FLOAT && type != PROTOBUF_C_TYPE_DOUBLE &&
           type != PROTOBUF_C_TYPE_BYTES && type != PROTOBUF_C_TYPE_ENUM &&
           type != PROTOBUF_C_TYPE_MESSAGE;
}

/* package.Message.FieldEntry */
static bool is_entry_name(const ProtobufCMessageDescriptor *type,
                          const ProtobufCFieldDescriptor *field, const char *name) {
    struct buffer wanted = {0};
    buffer_append_text(&wanted, type->name);
    buffer_append_text(&wanted, ".");
    protobuf_camel_case(&wanted, field->name, true);
    buffer_append(&wanted, "Entry", sizeof "Entry");
    bool same = strcmp(wanted.data, name) == 0;
    buffer_free(&wanted);
    return same;
}

bool protobuf_is_map(const ProtobufCMessageDescriptor *type,
                     const ProtobufCFieldDescriptor *field) {
    if (field->label != PROTOBUF_C_LABEL_REPEATED || field->type != PROTOBUF_C_TYPE_MESSAGE)
        return false;
    const ProtobufCMessageDescriptor *entry = field->descriptor;
    /* protoc-c drops the option map_entry, so compiled-in types are recognized by the shape and the
     * name that protoc gives to an entry; loaded ones keep the option. */
    if (mailslot_protobuf_is_loaded(type))
        return mailslot_protobuf_is_map_entry(entry);
    return entry->n_fields == 2 && is_single(&entry->fields[0], "key", 1) &&
           can_be_key(entry->fields[0].type) && is_single(&entry->fields[1], "value", 2) &&
           is_entry_name(type, field, entry->name);
}

/* ---- Enums ---- */

static int compare_values(const void *a, const void *b) {
    int x = ((const ProtobufCEnumValue *)a)->value, y = ((const ProtobufCEnumValue *)b)->value;
    return x < y ? -1 : x > y;
}

/* Not by protobuf_c_enum_descriptor_get_value(), which does not find INT_MAX. */
const ProtobufCEnumValue *protobuf_enum_value(const ProtobufCEnumDescriptor *type, int32_t number) {
    const ProtobufCEnumValue wanted = {.value = number};
    return bsearch(&wanted, type->values, type->n_values, sizeof wanted, compare_values);
}

/* ---- Memory ---- */

size_t protobuf_size(const ProtobufCFieldDescriptor *field) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(double);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default: /* 32-bit integers, float and enums, which are int */
        return sizeof(uint32_t);
    }
}

void *protobuf_member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    return (char *)message + field->offset;
}

/* One offset with three meanings: the count of a repeated field, the case of a oneof, or the has_
 * flag. */
static void *quantifier_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    return (char *)message + field->quantifier_offset;
}

size_t *protobuf_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    return quantifier_of(message, field);
}

uint32_t *protobuf_oneof_case(const ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field) {
    return quantifier_of(message, field);
}

static bool is_pointer(const ProtobufCFieldDescriptor *field) {
    return field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
}

/* Pointers need no flag: NULL means not set. */
bool protobuf_has_flag(const ProtobufCFieldDescriptor *field) {
    return field->label == PROTOBUF_C_LABEL_OPTIONAL && !is_pointer(field) &&
           !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
}

protobuf_c_boolean *protobuf_flag(const ProtobufCMessage *message,
                                  const ProtobufCFieldDescriptor *field) {
    return quantifier_of(message, field);
}

/* ---- Presence ---- */

/* By the bits: -0.0 is not the default. */
static bool all_zero(const void *memory, size_t len) {
    const unsigned char *bytes = memory;
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

/* A proto2 string that was never set points to its default; a decoded one never does. */
static bool has_pointer(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    const void *pointer = *(void *const *)protobuf_member(message, field);
    if (!pointer || pointer == field->default_value)
        return false;
    /* proto3 without "optional": the empty string is the default and means not set. */
    bool implicit = field->label == PROTOBUF_C_LABEL_NONE && field->type == PROTOBUF_C_TYPE_STRING;
    return !implicit || *(const char *)pointer;
}

bool protobuf_is_present(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *protobuf_count(message, field) > 0;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *protobuf_oneof_case(message, field) == field->id;
    /* proto2; the codec refuses a message without it. */
    if (field->label == PROTOBUF_C_LABEL_REQUIRED)
        return true;
    if (is_pointer(field))
        return has_pointer(message, field);
    if (field->label == PROTOBUF_C_LABEL_OPTIONAL)
        return *protobuf_flag(message, field);
    const void *member = protobuf_member(message, field);
    if (field->type == PROTOBUF_C_TYPE_BYTES)
        return ((const ProtobufCBinaryData *)member)->len > 0;
    return !all_zero(member, protobuf_size(field));
}

/* ---- What protobuf-c leaves out ---- */

static bool is_minus_zero(const ProtobufCFieldDescriptor *field, const void *member) {
    bool zero = field->type == PROTOBUF_C_TYPE_FLOAT
                    ? *(const float *)member == 0
                    : field->type == PROTOBUF_C_TYPE_DOUBLE && *(const double *)member == 0;
    return zero && !all_zero(member, protobuf_size(field));
}

void protobuf_keep_minus_zero(struct arena *arena, ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field) {
    size_t len = protobuf_size(field);
    if (field->label != PROTOBUF_C_LABEL_NONE || field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF ||
        !is_minus_zero(field, protobuf_member(message, field)))
        return;
    if (!message->unknown_fields)
        message->unknown_fields =
            arena_alloc(arena, message->descriptor->n_fields * sizeof *message->unknown_fields);
    uint8_t *data = arena_alloc(arena, len);
    data[len - 1] = 0x80; /* the sign, in what is sent */
    message->unknown_fields[message->n_unknown_fields++] = (ProtobufCMessageUnknownField){
        field->id, len == 4 ? PROTOBUF_C_WIRE_TYPE_32BIT : PROTOBUF_C_WIRE_TYPE_64BIT, len, data};
}
