/* Compiles .proto files by running protoc. */
#ifndef CLI_PROTOC_H
#define CLI_PROTOC_H

#include "buffer.h"

#include <mailslot/mailslot.h>

/**
 * Compiles a .proto file with all it imports and appends the descriptor set to out. Imports are
 * looked for in the folders (count of them, and in this order), which must have the file too, and
 * among the well-known types. UNSUPPORTED: protoc is not installed; BAD_VALUE: it refuses, and the
 * detail is what it says; OS.
 */
MAILSLOT_MUST_USE mailslot_err protoc_compile(const char *file, const char *const *folders,
                                              size_t count, struct buffer *out);

#endif
