#include "types.h"

#include <stdlib.h>
#include <string.h>

/* ---- What messages need too ---- */

static int compare_names(const void *a, const void *b) {
    return strcmp(((const ProtobufCEnumValueIndex *)a)->name,
                  ((const ProtobufCEnumValueIndex *)b)->name);
}

bool msi_sort_names(ProtobufCEnumValueIndex *names, size_t count, const char **twice) {
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++) {
        *twice = names[i].name;
        if (strcmp(names[i - 1].name, names[i].name) == 0)
            return false;
    }
    return true;
}

static int number_at(const void *numbers, size_t stride, size_t i) {
    int number;
    memcpy(&number, (const char *)numbers + i * stride, sizeof number);
    return number;
}

static bool starts_range(const void *numbers, size_t stride, size_t i) {
    return i == 0 ||
           (int64_t)number_at(numbers, stride, i) != (int64_t)number_at(numbers, stride, i - 1) + 1;
}

const ProtobufCIntRange *msi_make_ranges(struct msi_arena *arena, const void *numbers,
                                         size_t stride, size_t count, unsigned *range_count) {
    *range_count = 0;
    for (size_t i = 0; i < count; i++)
        *range_count += starts_range(numbers, stride, i);
    ProtobufCIntRange *ranges = msi_arena_array(arena, (size_t)*range_count + 1, sizeof *ranges);
    if (!ranges)
        return NULL;
    ProtobufCIntRange *range = ranges;
    for (size_t i = 0; i < count; i++)
        if (starts_range(numbers, stride, i))
            *range++ = (ProtobufCIntRange){number_at(numbers, stride, i), (unsigned)i};
    range->orig_index = (unsigned)count;
    return ranges;
}

/* ---- Values ---- */

/* A value as it was declared. Of those with one number the first names it, the others are aliases.
 */
struct value {
    const char *name;
    int number;
    size_t position;
};

static int compare_values(const void *a, const void *b) {
    const struct value *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->position < y->position ? -1 : x->position > y->position;
}

static mailslot_err check_value(const struct msi_declaration *in,
                                const Mailslot__Schema__EnumValue *from) {
    if (!from->name || !msi_is_identifier(from->name))
        return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, in, NULL, "a value without a proper name");
    if (!from->has_number)
        return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, in, from->name, "no number");
    return MAILSLOT_OK;
}

/* The declared values, sorted by number, in scratch memory; their names are made to last. */
static mailslot_err collect(struct msi_builder *builder, const struct msi_declaration *in,
                            struct value *values) {
    for (size_t i = 0; i < in->values->n_value; i++) {
        const Mailslot__Schema__EnumValue *from = in->values->value[i];
        mailslot_err err = check_value(in, from);
        if (err)
            return err;
        values[i].name = msi_arena_text(&builder->schema->arena, from->name);
        if (!values[i].name)
            return msi_schema_no_memory(&builder->schema->arena);
        values[i].number = from->number;
        values[i].position = i;
    }
    qsort(values, in->values->n_value, sizeof *values, compare_values);
    return MAILSLOT_OK;
}

static mailslot_err fill(struct msi_builder *builder, const struct msi_declaration *in,
                         ProtobufCEnumDescriptor *type, const struct value *values) {
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
    if (!msi_sort_names(names, count, &twice))
        return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, in, twice, "there are two of that name");
    type->value_ranges = msi_make_ranges(arena, &distinct->value, sizeof *distinct, type->n_values,
                                         &type->n_value_ranges);
    return type->value_ranges ? MAILSLOT_OK : msi_schema_no_memory(arena);
}

mailslot_err msi_make_enum(struct msi_builder *builder, const struct msi_declaration *in) {
    size_t count = in->values->n_value;
    if (count == 0)
        return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, in, NULL, "an enum without values");
    struct value *values = msi_arena_array(&builder->scratch, count, sizeof *values);
    if (!values)
        return msi_schema_no_memory(&builder->scratch);
    mailslot_err err = collect(builder, in, values);
    if (err)
        return err;
    struct msi_enum *made = (struct msi_enum *)in->symbol.descriptor;
    made->first = in->values->value[0]->number;
    return fill(builder, in, &made->descriptor, values);
}
