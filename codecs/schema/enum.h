/* Enum types. */
#ifndef MSI_SCHEMA_ENUM_H
#define MSI_SCHEMA_ENUM_H

#include "types.h"

/** Completes the enum type that was declared as in. */
MAILSLOT_MUST_USE mailslot_err msi_schema_make_enum(struct msi_builder *builder,
                                                    const struct msi_declaration *in);

#endif
