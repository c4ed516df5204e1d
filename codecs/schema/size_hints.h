/* Size hints on fields, from the option of mailslot/size.proto. */
#ifndef MSI_SCHEMA_SIZE_HINTS_H
#define MSI_SCHEMA_SIZE_HINTS_H

#include "types.h"

/** Reads the hints of a field; *hints stays NULL if it has none. NO_MEMORY, TOO_COMPLEX. */
MAILSLOT_MUST_USE mailslot_err msi_schema_read_hints(struct msi_arena *arena,
                                                     const Mailslot__Schema__FieldOptions *options,
                                                     const struct msi_hints **hints);

/** Whether type is google.protobuf.StringValue or BytesValue: a length hint on a field of this type
 *  is about the wrapped value. */
bool msi_schema_is_wrapped_text(const ProtobufCMessageDescriptor *type);

/** Names the first kind of hint that does not apply to the field, such as "length" for a number;
 *  NULL if all apply. */
const char *msi_schema_inapplicable_hint(const ProtobufCFieldDescriptor *field,
                                         const struct msi_hints *hints);

#endif
