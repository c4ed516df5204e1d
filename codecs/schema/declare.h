/* The first pass over a descriptor set: the names of its types. */
#ifndef MSI_SCHEMA_DECLARE_H
#define MSI_SCHEMA_DECLARE_H

#include "types.h"

/** Fills builder->declarations. Their descriptors have names, but no fields or values yet. */
MAILSLOT_MUST_USE mailslot_err msi_schema_declare(struct msi_builder *builder,
                                                  const Mailslot__Schema__Set *set);

#endif
