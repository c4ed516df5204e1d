/* Message types. */
#ifndef MSI_SCHEMA_MESSAGE_H
#define MSI_SCHEMA_MESSAGE_H

#include "types.h"

/** Completes the message type that was declared as in. The enums that its fields use must be
 *  complete, since a default may name one of their values; messages need only be declared. */
MAILSLOT_MUST_USE mailslot_err msi_schema_make_message(struct msi_builder *builder,
                                                       const struct msi_declaration *in);

#endif
