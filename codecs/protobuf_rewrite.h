/*
 * Rewrites a message that is valid, but that protobuf-c cannot unpack without losing parts of it:
 * groups, fields with another wire type than the schema's, and singular submessages in pieces.
 */
#ifndef MSI_PROTOBUF_REWRITE_H
#define MSI_PROTOBUF_REWRITE_H

#include "arena.h"

/** Writes *rewritten, for protobuf_c_message_unpack(), into the arena. bytes must have passed
 *  msi_protobuf_scan(). False if the arena is used up; arena->err tells why. */
MAILSLOT_MUST_USE bool msi_protobuf_rewrite(const ProtobufCMessageDescriptor *type,
                                            struct msi_arena *arena, mailslot_bytes bytes,
                                            mailslot_bytes *rewritten);

/** After a rewritten message was unpacked: gives its unknown fields, and those of all messages in
 *  it, the numbers and wire types that they came with. */
void msi_protobuf_restore(ProtobufCMessage *message);

#endif
