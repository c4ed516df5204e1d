/* Failures while a descriptor set is loaded. */
#ifndef MSI_SCHEMA_ERRORS_H
#define MSI_SCHEMA_ERRORS_H

#include "types.h"

/** Fails with a detail that names the file, the type, and the part of it (a field or value; NULL:
 *  the type itself) that is wrong. */
MAILSLOT_PRINTF(4, 5)
mailslot_err msi_schema_fail(mailslot_err err, const struct msi_declaration *in, const char *part,
                             const char *format, ...);

/** Fails with the reason for which the arena returned NULL. */
mailslot_err msi_schema_no_memory(const struct msi_arena *arena);

#endif
