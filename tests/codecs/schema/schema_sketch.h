/* A small schema to be bent for the tests, and descriptor sets made of it. */
#ifndef MAILSLOT_TEST_SCHEMA_SKETCH_H
#define MAILSLOT_TEST_SCHEMA_SKETCH_H

#include <mailslot/schema.h>

#include <stdlib.h>

#include <schema/schema.pb-c.h>

typedef Mailslot__Schema__Set sketch_set;
typedef Mailslot__Schema__File sketch_file;
typedef Mailslot__Schema__Message sketch_message;
typedef Mailslot__Schema__Field sketch_field;
typedef Mailslot__Schema__Enum sketch_enum;
typedef Mailslot__Schema__EnumValue sketch_value;

/* FieldDescriptorProto's numbers. */
enum { DOUBLE = 1, FLOAT, INT64, UINT64, INT32, FIXED64, FIXED32, BOOL, STRING, GROUP, MESSAGE };
enum { BYTES = 12, UINT32, ENUM, SFIXED32, SFIXED64, SINT32, SINT64 };
enum { OPTIONAL = 1, REQUIRED, REPEATED };

/**
 * shop.proto, of proto3:
 *
 *     package shop;
 *     enum Kind { NONE = 0; SOME = 1; }
 *     message Order {
 *       Kind kind = 1;
 *       Item item = 2;
 *       oneof pay { string cash = 3; }
 *     }
 *     message Item { int32 count = 1; }
 */
struct sketch {
    sketch_set set;
    sketch_file file, *files[2];
    sketch_message order, item, *messages[3];
    sketch_field kind, order_item, cash, count, *order_fields[3], *item_fields[1];
    Mailslot__Schema__Oneof pay, *oneofs[1];
    Mailslot__Schema__FieldOptions field_options;
    Mailslot__Schema__MessageOptions message_options;
    sketch_enum kinds, *enums[2];
    sketch_value none, some, *values[2];
};

static inline void sketch_add_field(sketch_field *field, char *name, int number, int type,
                                    char *type_name) {
    mailslot__schema__field__init(field);
    field->name = name;
    field->has_number = field->has_type = field->has_label = 1;
    field->number = number;
    field->type = type;
    field->label = OPTIONAL;
    field->type_name = type_name;
}

/** Gives a field of proto2 a default. A literal may contain NULs. */
#define sketch_set_default(field, text) sketch_set_default_bytes(field, text, sizeof(text) - 1)

static inline void sketch_set_default_bytes(sketch_field *field, const char *text, size_t len) {
    field->has_default_value = 1;
    field->default_value = (ProtobufCBinaryData){len, (uint8_t *)text};
}

static inline void sketch_add_value(sketch_value *value, char *name, int number) {
    mailslot__schema__enum_value__init(value);
    value->name = name;
    value->has_number = 1;
    value->number = number;
}

static inline void sketch_fields(struct sketch *sketch) {
    sketch_add_field(&sketch->kind, "kind", 1, ENUM, ".shop.Kind");
    sketch_add_field(&sketch->order_item, "item", 2, MESSAGE, ".shop.Item");
    sketch_add_field(&sketch->cash, "cash", 3, STRING, NULL);
    sketch->cash.has_oneof_index = 1;
    sketch_add_field(&sketch->count, "count", 1, INT32, NULL);
    sketch->order_fields[0] = &sketch->kind;
    sketch->order_fields[1] = &sketch->order_item;
    sketch->order_fields[2] = &sketch->cash;
    sketch->item_fields[0] = &sketch->count;
    mailslot__schema__oneof__init(&sketch->pay);
    sketch->oneofs[0] = &sketch->pay;
    mailslot__schema__field_options__init(&sketch->field_options);
    mailslot__schema__message_options__init(&sketch->message_options);
}

static inline void sketch_types(struct sketch *sketch) {
    mailslot__schema__message__init(&sketch->order);
    sketch->order.name = "Order";
    sketch->order.n_field = 3;
    sketch->order.field = sketch->order_fields;
    sketch->order.n_oneof_decl = 1;
    sketch->order.oneof_decl = sketch->oneofs;
    mailslot__schema__message__init(&sketch->item);
    sketch->item.name = "Item";
    sketch->item.n_field = 1;
    sketch->item.field = sketch->item_fields;
    sketch->messages[0] = &sketch->order;
    sketch->messages[1] = &sketch->item;
    mailslot__schema__enum__init(&sketch->kinds);
    sketch_add_value(&sketch->none, "NONE", 0);
    sketch_add_value(&sketch->some, "SOME", 1);
    sketch->values[0] = &sketch->none;
    sketch->values[1] = &sketch->some;
    sketch->kinds.name = "Kind";
    sketch->kinds.n_value = 2;
    sketch->kinds.value = sketch->values;
    sketch->enums[0] = &sketch->kinds;
}

static inline void sketch_init(struct sketch *sketch) {
    sketch_fields(sketch);
    sketch_types(sketch);
    mailslot__schema__file__init(&sketch->file);
    sketch->file.name = "shop.proto";
    sketch->file.package = "shop";
    sketch->file.syntax = "proto3";
    sketch->file.n_message_type = 2;
    sketch->file.message_type = sketch->messages;
    sketch->file.n_enum_type = 1;
    sketch->file.enum_type = sketch->enums;
    mailslot__schema__set__init(&sketch->set);
    sketch->files[0] = sketch->files[1] = &sketch->file;
    sketch->set.n_file = 1;
    sketch->set.file = sketch->files;
}

/** Loads the set that the sketch is of. */
static inline mailslot_err sketch_load(mailslot_registry *registry, const struct sketch *sketch) {
    size_t len = mailslot__schema__set__get_packed_size(&sketch->set);
    uint8_t *bytes = malloc(len + 1);
    mailslot__schema__set__pack(&sketch->set, bytes);
    mailslot_err err = mailslot_protobuf_load(registry, bytes, len);
    free(bytes);
    return err;
}

#endif
