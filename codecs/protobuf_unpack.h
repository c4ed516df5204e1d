/* Checks and unpacks a Protobuf message, for the codecs and for descriptor sets. */
#ifndef MSI_PROTOBUF_UNPACK_H
#define MSI_PROTOBUF_UNPACK_H

#include "arena.h"

/** Unpacks bytes, a message of type, into the arena. BAD_MESSAGE and TOO_COMPLEX as
 *  mailslot_protobuf_decode(); if the arena is used up, arena->err, without a detail. */
MAILSLOT_MUST_USE mailslot_err msi_protobuf_unpack(const ProtobufCMessageDescriptor *type,
                                                   struct msi_arena *arena, mailslot_bytes bytes,
                                                   ProtobufCMessage **message);

#endif
