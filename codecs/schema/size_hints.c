/*
 * Size hints: the option of mailslot/size.proto on fields. Options are unknown fields to
 * schema.proto, and numbers from 50000 on are for everyone's own use: an option of this number that
 * is not of the type mailslot.Size belongs to someone else and is ignored.
 */
#include "size_hints.h"

#include "errors.h"

#include "protobuf_unpack.h"

#include <mailslot/schema.h>

#include <string.h>

/* ---- Reading ---- */

enum { SIZE_OPTION = 50424 };

/* An unknown field's bytes begin with the length prefix; returns what follows it. */
static mailslot_bytes option_content(const ProtobufCMessageUnknownField *field) {
    size_t prefix = 1;
    while (prefix < field->len && field->data[prefix - 1] >= 0x80)
        prefix++;
    return (mailslot_bytes){field->data + prefix, field->len - prefix};
}

static void hint_set(size_t *to, protobuf_c_boolean given, uint32_t value) {
    if (given)
        *to = value;
}

/* protoc may write an option in several pieces; a later piece overrides an earlier one. */
static void hints_merge(struct msi_hints *hints, const Mailslot__Schema__Size *size) {
    hint_set(&hints->length.max, size->has_max_length, size->max_length);
    hint_set(&hints->length.typical, size->has_typical_length, size->typical_length);
    hint_set(&hints->count.max, size->has_max_count, size->max_count);
    hint_set(&hints->count.typical, size->has_typical_count, size->typical_count);
    hint_set(&hints->key_length.max, size->has_max_key_length, size->max_key_length);
    hint_set(&hints->key_length.typical, size->has_typical_key_length, size->typical_key_length);
}

static struct msi_hints *hints_new(struct msi_arena *arena) {
    const struct msi_hint none = {MSI_NO_HINT, MSI_NO_HINT};
    struct msi_hints *hints = msi_arena_alloc(arena, sizeof *hints);
    if (hints)
        *hints = (struct msi_hints){none, none, none};
    return hints;
}

static mailslot_err hints_read(struct msi_arena *arena, const ProtobufCMessageUnknownField *field,
                               struct msi_hints **hints) {
    mailslot_bytes content = option_content(field);
    ProtobufCMessage *size;
    mailslot_err err =
        msi_protobuf_unpack(&mailslot__schema__size__descriptor, arena, content, &size);
    if (!err && !*hints)
        *hints = hints_new(arena);
    if (arena->err)
        return msi_schema_no_memory(arena);
    if (!err)
        hints_merge(*hints, (const Mailslot__Schema__Size *)size);
    return MAILSLOT_OK; /* otherwise it is another project's option */
}

mailslot_err msi_schema_read_hints(struct msi_arena *arena,
                                   const Mailslot__Schema__FieldOptions *options,
                                   const struct msi_hints **hints) {
    struct msi_hints *made = NULL;
    mailslot_err err = MAILSLOT_OK;
    for (unsigned i = 0; !err && options && i < options->base.n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *field = &options->base.unknown_fields[i];
        if (field->tag == SIZE_OPTION && field->wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
            err = hints_read(arena, field, &made);
    }
    *hints = made;
    return err;
}

/* ---- Which hints apply to which fields ---- */

static bool is_text(const ProtobufCFieldDescriptor *field) {
    return field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES;
}

bool msi_schema_is_wrapped_text(const ProtobufCMessageDescriptor *type) {
    bool named = strcmp(type->name, "google.protobuf.StringValue") == 0 ||
                 strcmp(type->name, "google.protobuf.BytesValue") == 0;
    return named && type->n_fields == 1 && is_text(type->fields) &&
           type->fields->label != PROTOBUF_C_LABEL_REPEATED;
}

static bool has_length(const ProtobufCFieldDescriptor *field) {
    return is_text(field) || (field->type == PROTOBUF_C_TYPE_MESSAGE &&
                              msi_schema_is_wrapped_text(field->descriptor));
}

static bool is_given(const struct msi_hint *hint) {
    return hint->max != MSI_NO_HINT || hint->typical != MSI_NO_HINT;
}

const char *msi_schema_inapplicable_hint(const ProtobufCFieldDescriptor *field,
                                         const struct msi_hints *hints) {
    const ProtobufCMessageDescriptor *entry =
        field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : NULL;
    if (entry && !mailslot_protobuf_is_map_entry(entry))
        entry = NULL;
    if (is_given(&hints->length) && !has_length(entry ? &entry->fields[1] : field))
        return "length";
    if (is_given(&hints->count) && field->label != PROTOBUF_C_LABEL_REPEATED)
        return "count";
    if (is_given(&hints->key_length) && !(entry && has_length(&entry->fields[0])))
        return "key length";
    return NULL;
}
