/* Makes the fields of message types: type, label, place in the message's memory, and default. */
#include "field.h"

#include "default.h"
#include "errors.h"
#include "size_hints.h"

#include <string.h>

/* FieldDescriptorProto's number for groups, and those for labels. */
enum { TYPE_GROUP = 10 };
enum { LABEL_OPTIONAL = 1, LABEL_REQUIRED = 2, LABEL_REPEATED = 3 };

static mailslot_err field_refuse(const struct msi_maker *maker, const Mailslot__Schema__Field *from,
                                 const char *what) {
    return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, maker->in, from->name, "%s", what);
}

static mailslot_err field_no_memory(const struct msi_maker *maker) {
    return msi_schema_no_memory(&maker->builder->schema->arena);
}

/* ---- Types ---- */

/* By FieldDescriptorProto.Type. TYPE_GROUP has no entry: no field is made of a group. */
static const ProtobufCType type_by_number[] = {
    [1] = PROTOBUF_C_TYPE_DOUBLE,    [2] = PROTOBUF_C_TYPE_FLOAT,
    [3] = PROTOBUF_C_TYPE_INT64,     [4] = PROTOBUF_C_TYPE_UINT64,
    [5] = PROTOBUF_C_TYPE_INT32,     [6] = PROTOBUF_C_TYPE_FIXED64,
    [7] = PROTOBUF_C_TYPE_FIXED32,   [8] = PROTOBUF_C_TYPE_BOOL,
    [9] = PROTOBUF_C_TYPE_STRING,    [11] = PROTOBUF_C_TYPE_MESSAGE,
    [12] = PROTOBUF_C_TYPE_BYTES,    [13] = PROTOBUF_C_TYPE_UINT32,
    [14] = PROTOBUF_C_TYPE_ENUM,     [15] = PROTOBUF_C_TYPE_SFIXED32,
    [16] = PROTOBUF_C_TYPE_SFIXED64, [17] = PROTOBUF_C_TYPE_SINT32,
    [18] = PROTOBUF_C_TYPE_SINT64,
};

/* protoc writes type names fully qualified, with a leading dot. */
static mailslot_err field_link_type(const struct msi_maker *maker,
                                    const Mailslot__Schema__Field *from,
                                    ProtobufCFieldDescriptor *field) {
    bool wants_enum = field->type == PROTOBUF_C_TYPE_ENUM;
    if (!from->type_name || from->type_name[0] != '.')
        return field_refuse(maker, from, "type_name is missing or not fully qualified");
    const struct msi_symbol *symbol =
        msi_schema_find_symbol(maker->builder->schema, from->type_name + 1);
    if (!symbol)
        return msi_schema_fail(
            MAILSLOT_ERR_BAD_MESSAGE, maker->in, from->name,
            "the type %.200s is in neither this set nor an earlier one; was it made with "
            "--include_imports?",
            from->type_name + 1);
    if (symbol->is_enum != wants_enum)
        return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, maker->in, from->name, "%.200s is not %s",
                               symbol->name, wants_enum ? "an enum" : "a message");
    field->descriptor = symbol->descriptor;
    return MAILSLOT_OK;
}

static mailslot_err field_set_type(const struct msi_maker *maker,
                                   const Mailslot__Schema__Field *from,
                                   ProtobufCFieldDescriptor *field) {
    if (from->type < 1 || (size_t)from->type >= sizeof type_by_number / sizeof *type_by_number)
        return field_refuse(maker, from, "type is missing or unknown");
    field->type = type_by_number[from->type];
    if (field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_ENUM)
        return field_link_type(maker, from, field);
    return MAILSLOT_OK;
}

/* ---- Labels ---- */

static bool can_be_packed(ProtobufCType type) {
    return type != PROTOBUF_C_TYPE_STRING && type != PROTOBUF_C_TYPE_BYTES &&
           type != PROTOBUF_C_TYPE_MESSAGE;
}

/* proto3 packs unless the option says otherwise, proto2 only if it says so. */
static bool is_packed(const struct msi_maker *maker, const Mailslot__Schema__Field *from) {
    if (from->options && from->options->has_packed)
        return from->options->packed;
    return maker->proto3;
}

/* An optional field of proto3 is declared as the only member of a synthetic oneof, for readers that
 * do not know proto3_optional. Here it is an ordinary optional field. */
static bool is_in_oneof(const Mailslot__Schema__Field *from) {
    return from->has_oneof_index && !from->proto3_optional;
}

/* Key and value of a map entry are always sent, even if zero, as other implementations do. */
static bool has_presence(const struct msi_maker *maker, const Mailslot__Schema__Field *from) {
    return !maker->proto3 || from->proto3_optional || maker->type->is_map_entry;
}

static mailslot_err field_set_label(const struct msi_maker *maker,
                                    const Mailslot__Schema__Field *from,
                                    ProtobufCFieldDescriptor *field) {
    if (is_in_oneof(from)) {
        if (from->label != LABEL_OPTIONAL)
            return field_refuse(maker, from, "a member of a oneof is repeated or required");
        if (from->oneof_index < 0 || (size_t)from->oneof_index >= maker->in->message->n_oneof_decl)
            return field_refuse(maker, from, "oneof_index is out of range");
        field->flags |= PROTOBUF_C_FIELD_FLAG_ONEOF;
    }
    switch (from->label) {
    case LABEL_OPTIONAL:
        field->label =
            has_presence(maker, from) ? PROTOBUF_C_LABEL_OPTIONAL : PROTOBUF_C_LABEL_NONE;
        return MAILSLOT_OK;
    case LABEL_REQUIRED:
        field->label = PROTOBUF_C_LABEL_REQUIRED;
        return MAILSLOT_OK;
    case LABEL_REPEATED:
        field->label = PROTOBUF_C_LABEL_REPEATED;
        if (can_be_packed(field->type) && is_packed(maker, from))
            field->flags |= PROTOBUF_C_FIELD_FLAG_PACKED;
        return MAILSLOT_OK;
    default:
        return field_refuse(maker, from, "label is missing or unknown");
    }
}

/* ---- Layout ---- */

/* Appends a member to the message's struct and returns its offset. Members of more than 4 bytes are
 * aligned to 8, which is at least what every platform requires. */
static size_t message_append(const struct msi_maker *maker, size_t size) {
    size_t *end = &maker->type->descriptor.sizeof_message;
    size_t offset =
        msi_schema_align(*end, size > sizeof(uint32_t) ? sizeof(uint64_t) : sizeof(uint32_t));
    *end = offset + size;
    return offset;
}

/* Members share one place, made with the first of them, which has room for any type. */
static void field_place_in_oneof(const struct msi_maker *maker, const Mailslot__Schema__Field *from,
                                 ProtobufCFieldDescriptor *field) {
    struct msi_oneof *oneof = &maker->oneofs[from->oneof_index];
    if (!oneof->value) {
        oneof->quantifier = message_append(maker, sizeof(uint32_t));
        oneof->value = message_append(maker, sizeof(ProtobufCBinaryData)); /* the largest type */
    }
    field->quantifier_offset = (unsigned)oneof->quantifier;
    field->offset = (unsigned)oneof->value;
}

/* Strings and messages are absent as NULL pointers and need no flag. */
static bool has_presence_flag(const ProtobufCFieldDescriptor *field) {
    return field->label == PROTOBUF_C_LABEL_OPTIONAL && field->type != PROTOBUF_C_TYPE_STRING &&
           field->type != PROTOBUF_C_TYPE_MESSAGE;
}

static void field_place(const struct msi_maker *maker, const Mailslot__Schema__Field *from,
                        ProtobufCFieldDescriptor *field) {
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        field_place_in_oneof(maker, from, field);
        return;
    }
    bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
    if (repeated)
        field->quantifier_offset = (unsigned)message_append(maker, sizeof(size_t));
    else if (has_presence_flag(field))
        field->quantifier_offset = (unsigned)message_append(maker, sizeof(protobuf_c_boolean));
    field->offset = (unsigned)message_append(maker, repeated ? sizeof(void *)
                                                             : msi_schema_member_size(field->type));
}

/* ---- Defaults ---- */

static bool can_have_default(const struct msi_maker *maker, const ProtobufCFieldDescriptor *field) {
    return !maker->proto3 && field->label != PROTOBUF_C_LABEL_REPEATED &&
           field->type != PROTOBUF_C_TYPE_MESSAGE;
}

/* A copy that ends with a NUL. */
static char *field_default_text(struct msi_arena *arena, const Mailslot__Schema__Field *from) {
    char *text = msi_arena_alloc(arena, from->default_value.len + 1);
    if (text && from->default_value.len)
        memcpy(text, from->default_value.data, from->default_value.len);
    return text;
}

static mailslot_err field_read_default(const struct msi_maker *maker,
                                       const Mailslot__Schema__Field *from,
                                       ProtobufCFieldDescriptor *field) {
    struct msi_arena *arena = &maker->builder->schema->arena;
    const ProtobufCBinaryData *given = &from->default_value;
    const char *text = field_default_text(&maker->builder->scratch, from);
    if (!text)
        return msi_schema_no_memory(&maker->builder->scratch);
    if (mailslot_utf8_prefix(text, given->len) < given->len)
        return field_refuse(maker, from, "the default is not UTF-8");
    if (strlen(text) < given->len)
        return msi_schema_fail(MAILSLOT_ERR_UNSUPPORTED, maker->in, from->name,
                               "the default contains U+0000, which a C string cannot hold");
    if (msi_schema_read_default(arena, field, text))
        return MAILSLOT_OK;
    if (arena->err)
        return field_no_memory(maker);
    return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, maker->in, from->name,
                           "the default \"%.60s\" is not a value of the field's type", text);
}

/* Members of a oneof and repeated fields have no default in memory: they are set or absent. */
static mailslot_err field_set_default(const struct msi_maker *maker,
                                      const Mailslot__Schema__Field *from,
                                      ProtobufCFieldDescriptor *field) {
    if (from->has_default_value && !can_have_default(maker, field))
        return field_refuse(maker, from, "a field of this kind has no default");
    if (field->label == PROTOBUF_C_LABEL_REPEATED || field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return MAILSLOT_OK;
    if (field->label == PROTOBUF_C_LABEL_NONE && field->type == PROTOBUF_C_TYPE_STRING)
        field->default_value = &protobuf_c_empty_string;
    if (field->type == PROTOBUF_C_TYPE_ENUM && !maker->proto3)
        field->default_value = &((const struct msi_enum *)field->descriptor)->first;
    return from->has_default_value ? field_read_default(maker, from, field) : MAILSLOT_OK;
}

/* ---- Fields ---- */

/* The set is freed after the load, so its texts are copied. */
static mailslot_err field_set_name(const struct msi_maker *maker,
                                   const Mailslot__Schema__Field *from,
                                   ProtobufCFieldDescriptor *field, const char **json_name) {
    struct msi_arena *arena = &maker->builder->schema->arena;
    field->id = (uint32_t)from->number;
    field->name = msi_arena_text(arena, from->name);
    if (from->json_name)
        *json_name = msi_arena_text(arena, from->json_name);
    return field->name && (*json_name || !from->json_name) ? MAILSLOT_OK : field_no_memory(maker);
}

mailslot_err msi_schema_make_field(const struct msi_maker *maker,
                                   const Mailslot__Schema__Field *from,
                                   ProtobufCFieldDescriptor *field, unsigned index) {
    mailslot_err err = field_set_name(maker, from, field, &maker->type->json_names[index]);
    if (!err)
        err = msi_schema_read_hints(&maker->builder->schema->arena, from->options,
                                    &maker->type->hints[index]);
    if (!err)
        err = field_set_type(maker, from, field);
    if (!err)
        err = field_set_label(maker, from, field);
    if (err)
        return err;
    field_place(maker, from, field);
    return field_set_default(maker, from, field);
}

/* ---- Groups ---- */

bool msi_schema_is_group(const Mailslot__Schema__Field *from) { return from->type == TYPE_GROUP; }

/* Groups become unknown fields, but a set with an unsound one is refused like any other. */
mailslot_err msi_schema_check_group(const struct msi_maker *maker,
                                    const Mailslot__Schema__Field *from) {
    ProtobufCFieldDescriptor unused = {.type = PROTOBUF_C_TYPE_MESSAGE};
    mailslot_err err = field_link_type(maker, from, &unused);
    return err ? err : field_set_label(maker, from, &unused);
}
