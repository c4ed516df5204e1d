/* Scan, rewrite if needed, then protobuf-c. Regular messages, almost all, are not copied. */
#include "protobuf_unpack.h"

#include "protobuf_rewrite.h"
#include "protobuf_scan.h"

mailslot_err msi_protobuf_unpack(const ProtobufCMessageDescriptor *type, struct msi_arena *arena,
                                 mailslot_bytes bytes, ProtobufCMessage **message) {
    bool rewrite;
    mailslot_err err = msi_protobuf_scan(type, arena->scratch, bytes, &rewrite);
    if (err)
        return err;
    if (rewrite && !msi_protobuf_rewrite(type, arena, bytes, &bytes))
        return arena->err;
    ProtobufCAllocator allocator = msi_arena_allocator(arena);
    *message = protobuf_c_message_unpack(type, &allocator, bytes.len, bytes.data);
    if (!*message && arena->err)
        return arena->err;
    if (!*message) /* all else that protobuf-c refuses was found by the scan */
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "%s: a required field is missing",
                             type->name);
    if (rewrite)
        msi_protobuf_restore(*message);
    return MAILSLOT_OK;
}
