/*
 * Makes message types: fields sorted by number, laid out in memory, and their lookup tables.
 * protobuf-c finds fields by binary search in these tables and does not check their order.
 */
#include "message.h"

#include "errors.h"
#include "field.h"
#include "files.h"
#include "lookup.h"
#include "names.h"

#include <stdlib.h>
#include <string.h>

enum { FIELD_NUMBER_MAX = (1 << 29) - 1 };

/* ---- Fields ---- */

/* protobuf-c requires fields sorted by number. */
static int field_compare_numbers(const void *a, const void *b) {
    const Mailslot__Schema__Field *x = *(Mailslot__Schema__Field *const *)a;
    const Mailslot__Schema__Field *y = *(Mailslot__Schema__Field *const *)b;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Sorts in place: the order of declaration is not needed afterwards. */
static mailslot_err sort_fields(const struct msi_maker *maker) {
    Mailslot__Schema__Field **fields = maker->in->message->field;
    size_t count = maker->in->message->n_field;
    for (size_t i = 0; i < count; i++) {
        if (!fields[i]->name || !msi_schema_is_identifier(fields[i]->name))
            return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, maker->in, NULL,
                                   "a field's name is missing or not an identifier");
        if (fields[i]->number < 1 || fields[i]->number > FIELD_NUMBER_MAX)
            return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, maker->in, fields[i]->name,
                                   "field number %d is not in the range 1 to %d", fields[i]->number,
                                   FIELD_NUMBER_MAX);
    }
    if (count)
        qsort(fields, count, sizeof *fields, field_compare_numbers);
    for (size_t i = 1; i < count; i++)
        if (fields[i - 1]->number == fields[i]->number)
            return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, maker->in, fields[i]->name,
                                   "field number %d is also that of %.100s", fields[i]->number,
                                   fields[i - 1]->name);
    return MAILSLOT_OK;
}

/* Groups are left out, so a type may have fewer fields than its declaration. */
static mailslot_err make_fields(const struct msi_maker *maker, ProtobufCFieldDescriptor *fields) {
    ProtobufCMessageDescriptor *type = &maker->type->descriptor;
    mailslot_err err = MAILSLOT_OK;
    type->fields = fields;
    for (size_t i = 0; !err && i < maker->in->message->n_field; i++) {
        const Mailslot__Schema__Field *from = maker->in->message->field[i];
        if (msi_schema_is_group(from)) {
            err = msi_schema_check_group(maker, from);
        } else {
            err = msi_schema_make_field(maker, from, &fields[type->n_fields], type->n_fields);
            type->n_fields++;
        }
    }
    /* As the compiler pads a struct that has 8-byte members. */
    type->sizeof_message = msi_schema_align(type->sizeof_message, sizeof(uint64_t));
    return err;
}

/* Makes the tables by which protobuf-c finds fields. */
static mailslot_err index_fields(const struct msi_maker *maker) {
    ProtobufCMessageDescriptor *type = &maker->type->descriptor;
    struct msi_arena *arena = &maker->builder->schema->arena;
    ProtobufCEnumValueIndex *names =
        msi_arena_array(&maker->builder->scratch, type->n_fields, sizeof *names);
    unsigned *by_name = msi_arena_array(arena, type->n_fields, sizeof *by_name);
    if (!names || !by_name)
        return names ? msi_schema_no_memory(&maker->builder->schema->arena)
                     : msi_schema_no_memory(&maker->builder->scratch);
    for (unsigned i = 0; i < type->n_fields; i++)
        names[i] = (ProtobufCEnumValueIndex){type->fields[i].name, i};
    const char *twice;
    if (!msi_schema_sort_names(names, type->n_fields, &twice))
        return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, maker->in, twice,
                               "two fields have this name");
    for (unsigned i = 0; i < type->n_fields; i++)
        by_name[i] = names[i].index;
    type->fields_sorted_by_name = by_name;
    type->field_ranges = msi_schema_make_ranges(arena, &type->fields->id, sizeof *type->fields,
                                                type->n_fields, &type->n_field_ranges);
    return type->field_ranges ? MAILSLOT_OK : msi_schema_no_memory(&maker->builder->schema->arena);
}

/* ---- Messages ---- */

static bool can_be_key(ProtobufCType type) {
    return type != PROTOBUF_C_TYPE_FLOAT && type != PROTOBUF_C_TYPE_DOUBLE &&
           type != PROTOBUF_C_TYPE_BYTES && type != PROTOBUF_C_TYPE_ENUM &&
           type != PROTOBUF_C_TYPE_MESSAGE;
}

/* protoc always declares a map entry like this, and code that reads maps relies on it. */
static mailslot_err check_map_entry(const struct msi_maker *maker) {
    const ProtobufCMessageDescriptor *type = &maker->type->descriptor;
    if (!maker->type->is_map_entry)
        return MAILSLOT_OK;
    bool holds = type->n_fields == 2;
    for (unsigned i = 0; holds && i < 2; i++)
        holds = type->fields[i].id == i + 1 && type->fields[i].label == PROTOBUF_C_LABEL_OPTIONAL &&
                !(type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
    if (holds && can_be_key(type->fields[0].type))
        return MAILSLOT_OK;
    return msi_schema_fail(MAILSLOT_ERR_BAD_MESSAGE, maker->in, NULL,
                           "a map entry must have the optional fields key = 1 and value = 2");
}

/* The struct of a message begins with protobuf-c's own part; the fields follow it. */
static mailslot_err fill_message(const struct msi_maker *maker, ProtobufCFieldDescriptor *fields) {
    maker->type->descriptor.sizeof_message = sizeof(ProtobufCMessage);
    mailslot_err err = sort_fields(maker);
    if (!err)
        err = make_fields(maker, fields);
    if (!err)
        err = index_fields(maker);
    return err ? err : check_map_entry(maker);
}

/* json_names and hints get one place per declared field; those of groups stay unused. */
mailslot_err msi_schema_make_message(struct msi_builder *builder,
                                     const struct msi_declaration *in) {
    const Mailslot__Schema__Message *from = in->message;
    struct msi_arena *arena = &builder->schema->arena;
    struct msi_maker maker = {.builder = builder, .in = in};
    maker.type = (struct msi_type *)in->symbol.descriptor;
    maker.proto3 = msi_schema_is_proto3(in->file);
    maker.oneofs = msi_arena_array(&builder->scratch, from->n_oneof_decl, sizeof *maker.oneofs);
    if (!maker.oneofs)
        return msi_schema_no_memory(&builder->scratch);
    ProtobufCFieldDescriptor *fields = msi_arena_array(arena, from->n_field, sizeof *fields);
    maker.type->json_names = msi_arena_array(arena, from->n_field, sizeof(char *));
    maker.type->hints = msi_arena_array(arena, from->n_field, sizeof *maker.type->hints);
    if (!fields || !maker.type->json_names || !maker.type->hints)
        return msi_schema_no_memory(arena);
    return fill_message(&maker, fields);
}
