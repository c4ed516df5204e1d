/*
 * Keeps -0.0 in proto3 fields without presence. protobuf-c compares with 0, and so takes -0.0 for
 * the default and leaves it out; other implementations compare bits and send it.
 */
#ifndef MSI_PROTOBUF_ZEROS_H
#define MSI_PROTOBUF_ZEROS_H

#include "arena.h"

#include <stdbool.h>

/** Whether protobuf-c would leave out the field of this message although it is -0.0. */
bool msi_protobuf_zero_is_lost(const ProtobufCFieldDescriptor *field, const char *message);

/** A copy of message in which each such field is an unknown field too, which protobuf-c sends. The
 *  copy refers to the message's strings and lists. The message must have been checked. NULL: no
 *  memory. */
ProtobufCMessage *msi_protobuf_keep_zeros(struct msi_arena *arena, const ProtobufCMessage *message);

#endif
