/* Default values of fields, read from the text form that a descriptor set stores. */
#ifndef MSI_SCHEMA_DEFAULT_H
#define MSI_SCHEMA_DEFAULT_H

#include "types.h"

/** Sets field->default_value from its text. False if the text is not a value of the field's type,
 *  or if the arena is used up, which arena->err then tells. */
MAILSLOT_MUST_USE bool msi_schema_read_default(struct msi_arena *arena,
                                               ProtobufCFieldDescriptor *field, const char *text);

#endif
