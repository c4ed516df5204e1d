/*
 * The first pass over a descriptor set: it names every type, so that the second pass, which makes
 * them, can refer to types that are declared later or in another file. Extensions are ignored: in
 * messages they are unknown fields, which are kept. So the type of a message set, which consists of
 * extensions alone, has no fields.
 */
#include "declare.h"

#include "errors.h"
#include "files.h"
#include "names.h"

#include <stdio.h>
#include <string.h>

/* Recursion is bounded by the depth to which the set was unpacked. */
static size_t count_types(const Mailslot__Schema__Message *message) {
    size_t count = 1 + message->n_enum_type;
    for (size_t i = 0; i < message->n_nested_type; i++)
        count += count_types(message->nested_type[i]);
    return count;
}

static size_t count_declarations(const Mailslot__Schema__Set *set) {
    size_t count = 0;
    for (size_t i = 0; i < set->n_file; i++) {
        count += set->file[i]->n_enum_type;
        for (size_t k = 0; k < set->file[i]->n_message_type; k++)
            count += count_types(set->file[i]->message_type[k]);
    }
    return count;
}

/* Writes "protobuf:scope.name". The symbol's name is the part behind the colon, so that the codec's
 * spec costs no memory of its own: it is the same text from its beginning. */
static mailslot_err declaration_name(struct msi_arena *arena, const char *scope, const char *name,
                                     struct msi_declaration *declaration) {
    declaration->symbol.name = name;
    if (!name || !msi_schema_is_identifier(name))
        return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, declaration, NULL,
                               "the type's name is missing or not an identifier");
    size_t prefix = strlen(MSI_SPEC_PREFIX), size = prefix + strlen(scope) + strlen(name) + 2;
    char *spec = msi_arena_alloc(arena, size);
    if (!spec)
        return msi_schema_no_memory(arena);
    snprintf(spec, size, "%s%s%s%s", MSI_SPEC_PREFIX, scope, *scope ? "." : "", name);
    declaration->symbol.name = spec + prefix;
    return MAILSLOT_OK;
}

static const char *last_part(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

/* Adds a declaration that is nested in another one, or in the one that stands for the file.
 * There is room: count_declarations() has counted by the same walk. */
static struct msi_declaration *declaration_add(struct msi_builder *builder,
                                               const struct msi_declaration *in) {
    struct msi_declaration *declaration = &builder->declarations[builder->count++];
    declaration->file = in->file;
    declaration->package = in->package;
    return declaration;
}

static mailslot_err declare_enum(struct msi_builder *builder, const struct msi_declaration *in,
                                 const Mailslot__Schema__Enum *from) {
    struct msi_arena *arena = &builder->schema->arena;
    struct msi_declaration *declaration = declaration_add(builder, in);
    declaration->values = from;
    mailslot_err err = declaration_name(arena, in->symbol.name, from->name, declaration);
    struct msi_enum *made = err ? NULL : msi_arena_alloc(arena, sizeof *made);
    if (!made)
        return err ? err : msi_schema_no_memory(arena);
    made->descriptor.magic = PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC;
    made->descriptor.name = declaration->symbol.name;
    made->descriptor.short_name = last_part(declaration->symbol.name);
    made->descriptor.c_name = msi_schema_no_c_name;
    made->descriptor.package_name = declaration->package;
    made->closed = !msi_schema_is_proto3(in->file);
    declaration->symbol.is_enum = true;
    declaration->symbol.descriptor = made;
    return MAILSLOT_OK;
}

static mailslot_err declare_message(struct msi_builder *builder, const struct msi_declaration *in,
                                    const Mailslot__Schema__Message *from);

static mailslot_err declare_inner(struct msi_builder *builder, const struct msi_declaration *in) {
    const Mailslot__Schema__Message *from = in->message;
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; !err && i < from->n_enum_type; i++)
        err = declare_enum(builder, in, from->enum_type[i]);
    for (size_t i = 0; !err && i < from->n_nested_type; i++)
        err = declare_message(builder, in, from->nested_type[i]);
    return err;
}

static mailslot_err declare_message(struct msi_builder *builder, const struct msi_declaration *in,
                                    const Mailslot__Schema__Message *from) {
    struct msi_arena *arena = &builder->schema->arena;
    struct msi_declaration *declaration = declaration_add(builder, in);
    declaration->message = from;
    mailslot_err err = declaration_name(arena, in->symbol.name, from->name, declaration);
    struct msi_type *made = err ? NULL : msi_arena_alloc(arena, sizeof *made);
    if (!made)
        return err ? err : msi_schema_no_memory(arena);
    made->descriptor.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC;
    made->descriptor.name = declaration->symbol.name;
    made->descriptor.short_name = last_part(declaration->symbol.name);
    made->descriptor.c_name = msi_schema_no_c_name;
    made->descriptor.package_name = declaration->package;
    made->is_map_entry = from->options && from->options->map_entry;
    declaration->symbol.descriptor = made;
    return declare_inner(builder, declaration);
}

/* The package is the scope of the file's types. */
static mailslot_err declare_file(struct msi_builder *builder, const Mailslot__Schema__File *file) {
    struct msi_arena *arena = &builder->schema->arena;
    struct msi_declaration outside = {.file = file};
    outside.package = msi_arena_text(arena, file->package ? file->package : "");
    if (!outside.package)
        return msi_schema_no_memory(arena);
    outside.symbol.name = outside.package;
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; !err && i < file->n_enum_type; i++)
        err = declare_enum(builder, &outside, file->enum_type[i]);
    for (size_t i = 0; !err && i < file->n_message_type; i++)
        err = declare_message(builder, &outside, file->message_type[i]);
    return err;
}

mailslot_err msi_schema_declare(struct msi_builder *builder, const Mailslot__Schema__Set *set) {
    builder->declarations =
        msi_arena_array(&builder->scratch, count_declarations(set), sizeof *builder->declarations);
    if (!builder->declarations)
        return msi_schema_no_memory(&builder->scratch);
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; !err && i < set->n_file; i++)
        err = declare_file(builder, set->file[i]);
    return err;
}
