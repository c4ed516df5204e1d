/* Descriptor sets reduced to the files that given types need. */
#ifndef CLI_DESCRIPTOR_SET_H
#define CLI_DESCRIPTOR_SET_H

#include "base/buffer.h"

#include <mailslot/mailslot.h>

/**
 * Appends to out, as a descriptor set, those files of a set that declare one of the types
 * (count names such as package.Message), and all files that these depend on and that are there:
 * every file of the set if they import google.protobuf.Any, whose content may be of any type.
 * NOT_FOUND: no file declares a type; BAD_MESSAGE, TOO_COMPLEX: it is no descriptor set; NO_MEMORY.
 */
MAILSLOT_MUST_USE mailslot_err descriptor_set_select(struct buffer *out, mailslot_bytes set,
                                                     const char *const *types, size_t count);

#endif
