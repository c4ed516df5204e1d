#include "types.h"

#include "protobuf_scan.h"

#include <mailslot/protobuf.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is made of a set takes at most so many times its bytes, or so many bytes; as the decode
 * budget of a slot. A set of more than SET_MAX bytes is nobody's schema. */
enum { BUDGET_FACTOR = 64, BUDGET_LEAST = 64 * 1024, SET_MAX = 16 * 1024 * 1024 };

const struct msi_type *msi_type_of(const ProtobufCMessageDescriptor *descriptor) {
    return descriptor->c_name == msi_no_c_name ? (const struct msi_type *)descriptor : NULL;
}

/* ---- Failures and texts ---- */

mailslot_err msi_schema_no_memory(const struct msi_arena *arena) {
    return mailslot_fail(arena->err, arena->err == MAILSLOT_ERR_TOO_COMPLEX
                                         ? "a descriptor set that takes too much memory"
                                         : "no memory for a descriptor set");
}

mailslot_err msi_schema_fail(mailslot_err err, const struct msi_declaration *in, const char *part,
                             const char *format, ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return mailslot_fail(err, "%.120s: %.120s%s%.100s: %s", in->file->name ? in->file->name : "?",
                         in->symbol.name ? in->symbol.name : "?", part ? "." : "", part ? part : "",
                         text);
}

char *msi_arena_text(struct msi_arena *arena, const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = msi_arena_alloc(arena, size);
    return copy ? memcpy(copy, text, size) : NULL;
}

/* ---- Symbols ---- */

static int compare_symbols(const void *a, const void *b) {
    return strcmp(((const struct msi_symbol *)a)->name, ((const struct msi_symbol *)b)->name);
}

const struct msi_symbol *msi_schema_find(const struct msi_schema *schema, const char *name) {
    const struct msi_symbol wanted = {.name = name}, *found = NULL;
    for (; schema && !found; schema = schema->next)
        if (schema->symbol_count)
            found = bsearch(&wanted, schema->symbols, schema->symbol_count, sizeof wanted,
                            compare_symbols);
    return found;
}

static mailslot_err sort_symbols(const struct msi_builder *builder) {
    struct msi_schema *schema = builder->schema;
    struct msi_symbol *symbols =
        msi_arena_array(&schema->arena, builder->count, sizeof *schema->symbols);
    if (!symbols)
        return msi_schema_no_memory(&schema->arena);
    for (size_t i = 0; i < builder->count; i++)
        symbols[i] = builder->declarations[i].symbol;
    qsort(symbols, builder->count, sizeof *symbols, compare_symbols);
    for (size_t i = 1; i < builder->count; i++)
        if (compare_symbols(&symbols[i - 1], &symbols[i]) == 0)
            return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "there are two types %.200s",
                                 symbols[i].name);
    schema->symbols = symbols;
    schema->symbol_count = builder->count;
    return MAILSLOT_OK;
}

/* ---- All of it ---- */

static mailslot_err make_codecs(struct msi_builder *builder) {
    struct msi_schema *schema = builder->schema;
    schema->codecs = msi_arena_array(&schema->arena, builder->count, sizeof *schema->codecs);
    if (!schema->codecs)
        return msi_schema_no_memory(&schema->arena);
    for (size_t i = 0; i < builder->count; i++) {
        const struct msi_symbol *symbol = &builder->declarations[i].symbol;
        const struct msi_type *type = symbol->is_enum ? NULL : symbol->descriptor;
        if (type && !type->is_map_entry)
            schema->codecs[schema->codec_count++] =
                (mailslot_codec){sizeof(mailslot_codec), symbol->name - strlen(MSI_SPEC_PREFIX),
                                 type, mailslot_protobuf_encode, mailslot_protobuf_decode};
    }
    return MAILSLOT_OK;
}

/* Enums before messages, whose defaults are among their values. */
static mailslot_err make_types(struct msi_builder *builder) {
    mailslot_err err = sort_symbols(builder);
    for (size_t i = 0; !err && i < builder->count; i++)
        if (builder->declarations[i].values)
            err = msi_make_enum(builder, &builder->declarations[i]);
    for (size_t i = 0; !err && i < builder->count; i++)
        if (builder->declarations[i].message)
            err = msi_make_message(builder, &builder->declarations[i]);
    return err ? err : make_codecs(builder);
}

static mailslot_err unpack(struct msi_arena *arena, mailslot_bytes bytes,
                           Mailslot__Schema__Set **set) {
    ProtobufCAllocator allocator = msi_arena_allocator(arena);
    if (bytes.len > SET_MAX)
        return mailslot_fail(MAILSLOT_ERR_TOO_COMPLEX, "a descriptor set of %zu bytes, over %d",
                             bytes.len, SET_MAX);
    mailslot_err err = msi_protobuf_scan(&mailslot__schema__set__descriptor, NULL, bytes);
    if (err)
        return mailslot_fail(err, "not a descriptor set: %s", mailslot_detail());
    *set = mailslot__schema__set__unpack(&allocator, bytes.len, bytes.data);
    if (*set)
        return MAILSLOT_OK;
    if (arena->err)
        return msi_schema_no_memory(arena);
    return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "not a descriptor set");
}

static mailslot_err build(struct msi_builder *builder, mailslot_bytes bytes) {
    Mailslot__Schema__Set *set;
    mailslot_err err = unpack(&builder->scratch, bytes, &set);
    if (!err)
        err = msi_take_files(builder->schema, set);
    if (!err)
        err = msi_declare_all(builder, set);
    return err ? err : make_types(builder);
}

void msi_schema_free(struct msi_schema *schema) {
    msi_arena_free(&schema->arena);
    free(schema);
}

mailslot_err msi_schema_new(struct msi_schema **schema, struct msi_schema *known,
                            mailslot_bytes set) {
    *schema = calloc(1, sizeof **schema);
    if (!*schema)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a descriptor set");
    size_t budget = set.len > BUDGET_LEAST / BUDGET_FACTOR ? set.len : BUDGET_LEAST / BUDGET_FACTOR;
    struct msi_builder builder = {.schema = *schema};
    builder.scratch.left = (*schema)->arena.left = budget * BUDGET_FACTOR;
    (*schema)->next = known;
    mailslot_err err = build(&builder, set);
    msi_arena_free(&builder.scratch);
    if (err) {
        msi_schema_free(*schema);
        *schema = NULL;
    }
    return err;
}
