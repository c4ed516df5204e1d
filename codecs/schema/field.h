/* Fields of message types made at run time: what they are, and where they lie in the message. */
#ifndef MSI_SCHEMA_FIELD_H
#define MSI_SCHEMA_FIELD_H

#include "types.h"

/** Where a oneof lies in the message: what says which member is set, and room for the largest. */
struct msi_oneof {
    size_t quantifier, value; /* 0: has no place yet */
};

/** A message type that is being made. */
struct msi_maker {
    struct msi_builder *builder;
    const struct msi_declaration *in;
    struct msi_type *type; /* sizeof_message is that of the fields made so far */
    struct msi_oneof *oneofs;
    bool proto3;
};

static inline size_t msi_align(size_t offset, size_t grain) {
    return (offset + grain - 1) / grain * grain;
}

/** Makes the next field of the message, whose index it will be. */
MAILSLOT_MUST_USE mailslot_err msi_make_field(const struct msi_maker *maker,
                                              const Mailslot__Schema__Field *from,
                                              ProtobufCFieldDescriptor *field, unsigned index);

#endif
