/* What a descriptor set has: its files, once each, and who is declared in them under which name. */
#include "types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char msi_no_c_name[] = "";

/* ---- Names ---- */

bool msi_is_identifier(const char *text) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return *text && !(*text >= '0' && *text <= '9') && text[strspn(text, letters)] == '\0';
}

/* Identifiers with dots between them. */
static bool is_package(const char *text) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789.";
    bool proper = text[strspn(text, letters)] == '\0';
    for (const char *part = text; part && proper; part = strchr(part, '.')) {
        part += *part == '.';
        proper = *part && *part != '.' && !(*part >= '0' && *part <= '9');
    }
    return proper;
}

/* ---- Files ---- */

bool msi_is_proto3(const Mailslot__Schema__File *file) {
    return file->syntax && strcmp(file->syntax, "proto3") == 0;
}

static int compare_files(const void *a, const void *b) {
    const struct msi_file *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (order || x->len != y->len)
        return order ? order : x->len < y->len ? -1 : 1;
    return x->len ? memcmp(x->bytes, y->bytes, x->len) : 0;
}

/* What is built in is not of those who load: they get it when their own set has it. */
static bool is_known(const struct msi_schema *schema, const struct msi_file *file) {
    for (; schema && !schema->built_in; schema = schema->next)
        if (schema->file_count &&
            bsearch(file, schema->files, schema->file_count, sizeof *file, compare_files))
            return true;
    return false;
}

static mailslot_err check_file(const Mailslot__Schema__File *from) {
    const char *syntax = from->syntax ? from->syntax : "proto2";
    const char *name = from->name ? from->name : "?";
    if (strcmp(syntax, "proto2") != 0 && strcmp(syntax, "proto3") != 0)
        return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED, "%.120s: syntax \"%.60s\" is not supported",
                             name, syntax);
    if (from->package && *from->package && !is_package(from->package))
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "%.120s: no proper package: \"%.100s\"",
                             name, from->package);
    return MAILSLOT_OK;
}

/* What is to be recognised of a file: all that matters here, and nothing that does not, such as
 * where in the text things stand. */
static mailslot_err note_file(struct msi_arena *arena, Mailslot__Schema__File *from,
                              struct msi_file *file) {
    from->base.n_unknown_fields = 0;
    file->len = protobuf_c_message_get_packed_size(&from->base);
    uint8_t *bytes = msi_arena_alloc(arena, file->len);
    file->name = msi_arena_text(arena, from->name ? from->name : "");
    if (!bytes || !file->name)
        return msi_schema_no_memory(arena);
    protobuf_c_message_pack(&from->base, bytes);
    file->bytes = bytes;
    return MAILSLOT_OK;
}

static mailslot_err note_files(struct msi_schema *schema, const Mailslot__Schema__Set *set) {
    schema->files = msi_arena_array(&schema->arena, set->n_file, sizeof *schema->files);
    if (!schema->files)
        return msi_schema_no_memory(&schema->arena);
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; !err && i < set->n_file; i++) {
        schema->files[i].position = i;
        err = check_file(set->file[i]);
        if (!err)
            err = note_file(&schema->arena, set->file[i], &schema->files[i]);
    }
    if (!err && set->n_file)
        qsort(schema->files, set->n_file, sizeof *schema->files, compare_files);
    return err;
}

/* Takes the files that are new, once each; *set has no others afterwards. */
mailslot_err msi_take_files(struct msi_schema *schema, Mailslot__Schema__Set *set) {
    mailslot_err err = note_files(schema, set);
    if (err)
        return err;
    for (size_t i = 0; i < set->n_file; i++) {
        struct msi_file *file = &schema->files[i];
        bool twice =
            schema->file_count && compare_files(&schema->files[schema->file_count - 1], file) == 0;
        if (twice || is_known(schema->next, file))
            set->file[file->position] = NULL;
        else
            schema->files[schema->file_count++] = *file;
    }
    size_t count = 0;
    for (size_t i = 0; i < set->n_file; i++)
        if (set->file[i])
            set->file[count++] = set->file[i];
    set->n_file = count;
    return MAILSLOT_OK;
}

/* ---- Declarations: who is there, and under which name ---- */

static size_t count_types(const Mailslot__Schema__Message *message) {
    size_t count = 1 + message->n_enum_type;
    for (size_t i = 0; i < message->n_nested_type; i++)
        count += count_types(message->nested_type[i]);
    return count;
}

static size_t count_all(const Mailslot__Schema__Set *set) {
    size_t count = 0;
    for (size_t i = 0; i < set->n_file; i++) {
        count += set->file[i]->n_enum_type;
        for (size_t k = 0; k < set->file[i]->n_message_type; k++)
            count += count_types(set->file[i]->message_type[k]);
    }
    return count;
}

/* Extensions of what schemas themselves are made of are options, which no message has. */
static bool is_option(const char *extendee) {
    static const char begin[] = ".google.protobuf.", end[] = "Options";
    size_t len = extendee ? strlen(extendee) : 0;
    return len > strlen(begin) + strlen(end) && memcmp(extendee, begin, strlen(begin)) == 0 &&
           strcmp(extendee + len - strlen(end), end) == 0;
}

static mailslot_err check_extensions(const struct msi_declaration *in,
                                     Mailslot__Schema__Field *const *fields, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!is_option(fields[i]->extendee))
            return msi_schema_fail(MAILSLOT_ERR_UNSUPPORTED, in,
                                   fields[i]->name ? fields[i]->name : "?",
                                   "extensions are not supported, such as this one of %.100s",
                                   fields[i]->extendee ? fields[i]->extendee : "?");
    return MAILSLOT_OK;
}

/* "protobuf:scope.name", of which the symbol's name is what follows the colon. */
static mailslot_err name_symbol(struct msi_arena *arena, const char *scope, const char *name,
                                struct msi_declaration *declaration) {
    declaration->symbol.name = name;
    if (!name || !msi_is_identifier(name))
        return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, declaration, NULL,
                               "no proper name for a type");
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

/* Adds a declaration inside of another, or of what stands for its file. */
static struct msi_declaration *add(struct msi_builder *builder, const struct msi_declaration *in) {
    struct msi_declaration *declaration = &builder->declarations[builder->count++];
    declaration->file = in->file;
    declaration->package = in->package;
    return declaration;
}

static mailslot_err declare_enum(struct msi_builder *builder, const struct msi_declaration *in,
                                 const Mailslot__Schema__Enum *from) {
    struct msi_arena *arena = &builder->schema->arena;
    struct msi_declaration *declaration = add(builder, in);
    declaration->values = from;
    mailslot_err err = name_symbol(arena, in->symbol.name, from->name, declaration);
    struct msi_enum *made = err ? NULL : msi_arena_alloc(arena, sizeof *made);
    if (!made)
        return err ? err : msi_schema_no_memory(arena);
    made->descriptor.magic = PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC;
    made->descriptor.name = declaration->symbol.name;
    made->descriptor.short_name = last_part(declaration->symbol.name);
    made->descriptor.c_name = msi_no_c_name;
    made->descriptor.package_name = declaration->package;
    made->closed = !msi_is_proto3(in->file);
    declaration->symbol.is_enum = true;
    declaration->symbol.descriptor = made;
    return MAILSLOT_OK;
}

static mailslot_err declare_message(struct msi_builder *builder, const struct msi_declaration *in,
                                    const Mailslot__Schema__Message *from);

static mailslot_err declare_inner(struct msi_builder *builder, const struct msi_declaration *in) {
    const Mailslot__Schema__Message *from = in->message;
    mailslot_err err = check_extensions(in, from->extension, from->n_extension);
    if (!err && from->options && from->options->message_set_wire_format)
        err = msi_schema_fail(MAILSLOT_ERR_UNSUPPORTED, in, NULL, "message sets are not supported");
    for (size_t i = 0; !err && i < from->n_enum_type; i++)
        err = declare_enum(builder, in, from->enum_type[i]);
    for (size_t i = 0; !err && i < from->n_nested_type; i++)
        err = declare_message(builder, in, from->nested_type[i]);
    return err;
}

static mailslot_err declare_message(struct msi_builder *builder, const struct msi_declaration *in,
                                    const Mailslot__Schema__Message *from) {
    struct msi_arena *arena = &builder->schema->arena;
    struct msi_declaration *declaration = add(builder, in);
    declaration->message = from;
    mailslot_err err = name_symbol(arena, in->symbol.name, from->name, declaration);
    struct msi_type *made = err ? NULL : msi_arena_alloc(arena, sizeof *made);
    if (!made)
        return err ? err : msi_schema_no_memory(arena);
    made->descriptor.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC;
    made->descriptor.name = declaration->symbol.name;
    made->descriptor.short_name = last_part(declaration->symbol.name);
    made->descriptor.c_name = msi_no_c_name;
    made->descriptor.package_name = declaration->package;
    made->is_map_entry = from->options && from->options->map_entry;
    declaration->symbol.descriptor = made;
    return declare_inner(builder, declaration);
}

static mailslot_err declare_file(struct msi_builder *builder, const Mailslot__Schema__File *file) {
    struct msi_arena *arena = &builder->schema->arena;
    struct msi_declaration outside = {.file = file};
    outside.package = msi_arena_text(arena, file->package ? file->package : "");
    if (!outside.package)
        return msi_schema_no_memory(arena);
    outside.symbol.name = outside.package;
    mailslot_err err = check_extensions(&outside, file->extension, file->n_extension);
    for (size_t i = 0; !err && i < file->n_enum_type; i++)
        err = declare_enum(builder, &outside, file->enum_type[i]);
    for (size_t i = 0; !err && i < file->n_message_type; i++)
        err = declare_message(builder, &outside, file->message_type[i]);
    return err;
}

mailslot_err msi_declare_all(struct msi_builder *builder, const Mailslot__Schema__Set *set) {
    builder->declarations =
        msi_arena_array(&builder->scratch, count_all(set), sizeof *builder->declarations);
    if (!builder->declarations)
        return msi_schema_no_memory(&builder->scratch);
    mailslot_err err = MAILSLOT_OK;
    for (size_t i = 0; !err && i < set->n_file; i++)
        err = declare_file(builder, set->file[i]);
    return err;
}
