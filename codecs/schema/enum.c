/* Makes enum types: values sorted by number and by name, aliases resolved. */
#include "enum.h"

#include "errors.h"
#include "lookup.h"
#include "names.h"

#include <stdlib.h>
#include <string.h>

/* ---- Values ---- */

/* A declared value. The first value with a number gives it its name; later ones are aliases. */
struct enum_value {
    const char *name;
    int number;
    size_t position;
};

static int enum_compare_values(const void *a, const void *b) {
    const struct enum_value *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->position < y->position ? -1 : x->position > y->position;
}

static mailslot_err enum_check_value(const struct msi_declaration *in,
                                     const Mailslot__Schema__EnumValue *from) {
    if (!from->name || !msi_schema_is_identifier(from->name))
        return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, in, NULL,
                               "a value's name is missing or not an identifier");
    if (!from->has_number)
        return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, in, from->name, "the value has no number");
    return MAILSLOT_OK;
}

/* Collects the declared values in scratch memory and sorts them by number. Their names are copied
 * into the schema's arena, since the type keeps them. */
static mailslot_err enum_collect(struct msi_builder *builder, const struct msi_declaration *in,
                                 struct enum_value *values) {
    for (size_t i = 0; i < in->values->n_value; i++) {
        const Mailslot__Schema__EnumValue *from = in->values->value[i];
        mailslot_err err = enum_check_value(in, from);
        if (err)
            return err;
        values[i].name = msi_arena_text(&builder->schema->arena, from->name);
        if (!values[i].name)
            return msi_schema_no_memory(&builder->schema->arena);
        values[i].number = from->number;
        values[i].position = i;
    }
    qsort(values, in->values->n_value, sizeof *values, enum_compare_values);
    return MAILSLOT_OK;
}

/* The descriptor has each number once, but all names: those of aliases refer to the first value. */
static mailslot_err enum_fill(struct msi_builder *builder, const struct msi_declaration *in,
                              ProtobufCEnumDescriptor *type, const struct enum_value *values) {
    struct msi_arena *arena = &builder->schema->arena;
    size_t count = in->values->n_value;
    ProtobufCEnumValue *distinct = msi_arena_array(arena, count, sizeof *distinct);
    ProtobufCEnumValueIndex *names = msi_arena_array(arena, count, sizeof *names);
    if (!distinct || !names)
        return msi_schema_no_memory(arena);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || values[i].number != values[i - 1].number)
            distinct[type->n_values++] = (ProtobufCEnumValue){values[i].name, "", values[i].number};
        names[i] = (ProtobufCEnumValueIndex){values[i].name, type->n_values - 1};
    }
    type->values = distinct;
    type->values_by_name = names;
    type->n_value_names = (unsigned)count;
    const char *twice;
    if (!msi_schema_sort_names(names, count, &twice))
        return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, in, twice, "two values have this name");
    type->value_ranges = msi_schema_make_ranges(arena, &distinct->value, sizeof *distinct,
                                                type->n_values, &type->n_value_ranges);
    return type->value_ranges ? MAILSLOT_OK : msi_schema_no_memory(arena);
}

mailslot_err msi_schema_make_enum(struct msi_builder *builder, const struct msi_declaration *in) {
    size_t count = in->values->n_value;
    if (count == 0)
        return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, in, NULL, "the enum has no values");
    struct enum_value *values = msi_arena_array(&builder->scratch, count, sizeof *values);
    if (!values)
        return msi_schema_no_memory(&builder->scratch);
    mailslot_err err = enum_collect(builder, in, values);
    if (err)
        return err;
    struct msi_enum *made = (struct msi_enum *)in->symbol.descriptor;
    /* By declaration, not by number: proto2 takes the value declared first as the default. */
    made->first = in->values->value[0]->number;
    return enum_fill(builder, in, &made->descriptor, values);
}
