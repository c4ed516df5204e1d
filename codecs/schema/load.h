/* Loads descriptor sets. The registry chains the loads, the newest first. */
#ifndef MSI_SCHEMA_LOAD_H
#define MSI_SCHEMA_LOAD_H

#include "types.h"

/** Makes the types of a descriptor set. They may refer to types of known and of the loads that it
 * is chained to; files that these contain are left out. Errors as mailslot_protobuf_load(). */
MAILSLOT_MUST_USE mailslot_err msi_schema_new(struct msi_schema **schema, struct msi_schema *known,
                                              mailslot_bytes set);

/** Makes the well-known types, the first load of every chain. */
MAILSLOT_MUST_USE mailslot_err msi_schema_well_known(struct msi_schema **schema);

/** Frees one load; those it is chained to stay. */
void msi_schema_free(struct msi_schema *schema);

#endif
