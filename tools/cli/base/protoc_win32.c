/* Windows: .proto files are not compiled; descriptor sets are loaded instead. */
#include "protoc.h"

#include <mailslot/codec.h>

mailslot_err protoc_compile(const char *file, const char *const *folders, size_t count,
                            struct buffer *out) {
    (void)folders, (void)count, (void)out;
    return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                         "%.300s: on Windows give a descriptor set: protoc --include_imports "
                         "--descriptor_set_out=FILE",
                         file);
}
