/* Fields of message types. */
#ifndef MSI_SCHEMA_FIELD_H
#define MSI_SCHEMA_FIELD_H

#include "types.h"

/** Where a oneof lies in the message: the number of the member that is set, and its value. */
struct msi_oneof {
    size_t quantifier, value; /* offsets; 0: not placed yet */
};

/** A message type that is being made. */
struct msi_maker {
    struct msi_builder *builder;
    const struct msi_declaration *in;
    struct msi_type *type; /* its sizeof_message grows with each field */
    struct msi_oneof *oneofs;
    bool proto3;
};

/** Rounds offset up to a multiple of grain. */
static inline size_t msi_schema_align(size_t offset, size_t grain) {
    return (offset + grain - 1) / grain * grain;
}

/** Makes field from its declaration; index is its place among the sorted fields. */
MAILSLOT_MUST_USE mailslot_err msi_schema_make_field(const struct msi_maker *maker,
                                                     const Mailslot__Schema__Field *from,
                                                     ProtobufCFieldDescriptor *field,
                                                     unsigned index);

/** Whether a declared field is a group. */
bool msi_schema_is_group(const Mailslot__Schema__Field *from);

/** Checks the declaration of a group. No field is made of it: protobuf-c has no groups, so in
 *  messages it is an unknown field. */
MAILSLOT_MUST_USE mailslot_err msi_schema_check_group(const struct msi_maker *maker,
                                                      const Mailslot__Schema__Field *from);

#endif
