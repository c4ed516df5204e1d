/* The files of a descriptor set, and which of them were loaded before. */
#ifndef MSI_SCHEMA_FILES_H
#define MSI_SCHEMA_FILES_H

#include "types.h"

/** Records the files of set in schema, and removes those from set that occur in it twice or that an
 *  earlier load of the chain has. UNSUPPORTED (syntax), BAD_MESSAGE (package), and as the arena. */
MAILSLOT_MUST_USE mailslot_err msi_schema_take_files(struct msi_schema *schema,
                                                     Mailslot__Schema__Set *set);

/** Whether the file has the syntax proto3. */
bool msi_schema_is_proto3(const Mailslot__Schema__File *file);

#endif
