/*
 * Loads a descriptor set: unpacks it, names its types, then makes them. All memory that the types
 * keep is in the schema's arena, and what only the load needs in the builder's. So a load that
 * fails at any step is undone by freeing both.
 */
#include "load.h"

#include "declare.h"
#include "enum.h"
#include "errors.h"
#include "files.h"
#include "message.h"

#include "protobuf_unpack.h"

#include <mailslot/protobuf.h>

#include <stdlib.h>
#include <string.h>

/* The types of a set may take BUDGET_FACTOR times its bytes, and BUDGET_LEAST bytes in any case, as
 * the decode budget of a slot. Sets above SET_MAX are refused; the largest public ones have 2 MiB.
 */
enum { BUDGET_FACTOR = 64, BUDGET_LEAST = 64 * 1024, SET_MAX = 16 * 1024 * 1024 };

/* Copies the symbols: the declarations must keep their order, which becomes that of the codecs. */
static mailslot_err schema_sort_symbols(const struct msi_builder *builder) {
    struct msi_schema *schema = builder->schema;
    struct msi_symbol *symbols =
        msi_arena_array(&schema->arena, builder->count, sizeof *schema->symbols);
    if (!symbols)
        return msi_schema_no_memory(&schema->arena);
    for (size_t i = 0; i < builder->count; i++)
        symbols[i] = builder->declarations[i].symbol;
    qsort(symbols, builder->count, sizeof *symbols, msi_schema_compare_symbols);
    for (size_t i = 1; i < builder->count; i++)
        if (msi_schema_compare_symbols(&symbols[i - 1], &symbols[i]) == 0)
            return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE,
                                 "the descriptor set declares the type %.200s twice",
                                 symbols[i].name);
    schema->symbols = symbols;
    schema->symbol_count = builder->count;
    return MAILSLOT_OK;
}

/* ---- Loading ---- */

/* Map entries are no messages of their own, so they get no codec. */
static mailslot_err schema_make_codecs(struct msi_builder *builder) {
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

/* Enums come first: the default of a field may name one of their values. */
static mailslot_err schema_make_types(struct msi_builder *builder) {
    mailslot_err err = schema_sort_symbols(builder);
    for (size_t i = 0; !err && i < builder->count; i++)
        if (builder->declarations[i].values)
            err = msi_schema_make_enum(builder, &builder->declarations[i]);
    for (size_t i = 0; !err && i < builder->count; i++)
        if (builder->declarations[i].message)
            err = msi_schema_make_message(builder, &builder->declarations[i]);
    return err ? err : schema_make_codecs(builder);
}

static mailslot_err schema_unpack(struct msi_arena *arena, mailslot_bytes bytes,
                                  Mailslot__Schema__Set **set) {
    ProtobufCMessage *message;
    if (bytes.len > SET_MAX)
        return mailslot_fail(MAILSLOT_ERR_TOO_COMPLEX,
                             "the descriptor set has %zu bytes; the limit is %d", bytes.len,
                             SET_MAX);
    mailslot_err err =
        msi_protobuf_unpack(&mailslot__schema__set__descriptor, arena, bytes, &message);
    if (arena->err)
        return msi_schema_no_memory(arena);
    if (err)
        return mailslot_fail(err, "not a descriptor set (protoc --descriptor_set_out): %s",
                             mailslot_detail());
    *set = (Mailslot__Schema__Set *)message;
    return MAILSLOT_OK;
}

static mailslot_err schema_build(struct msi_builder *builder, mailslot_bytes bytes) {
    Mailslot__Schema__Set *set = NULL;
    mailslot_err err = schema_unpack(&builder->scratch, bytes, &set);
    if (!err)
        err = msi_schema_take_files(builder->schema, set);
    if (!err)
        err = msi_schema_declare(builder, set);
    return err ? err : schema_make_types(builder);
}

void msi_schema_free(struct msi_schema *schema) {
    msi_arena_free(&schema->arena);
    free(schema);
}

/* `known` is not changed: a load that fails leaves the registry as it was. */
mailslot_err msi_schema_new(struct msi_schema **schema, struct msi_schema *known,
                            mailslot_bytes set) {
    *schema = calloc(1, sizeof **schema);
    if (!*schema)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory to load a descriptor set");
    size_t budget = set.len > BUDGET_LEAST / BUDGET_FACTOR ? set.len : BUDGET_LEAST / BUDGET_FACTOR;
    struct msi_builder builder = {.schema = *schema};
    builder.scratch.left = (*schema)->arena.left = budget * BUDGET_FACTOR;
    (*schema)->next = known;
    mailslot_err err = schema_build(&builder, set);
    msi_arena_free(&builder.scratch);
    if (err) {
        msi_schema_free(*schema);
        *schema = NULL;
    }
    return err;
}
