/*
 * What is proved of a Protobuf message before protobuf-c unpacks it: a walk by the descriptor,
 * since protobuf-c recurses with about 960 bytes of stack for each level and takes what it reads on
 * trust.
 */
#ifndef MSI_PROTOBUF_SCAN_H
#define MSI_PROTOBUF_SCAN_H

#include <mailslot/codec.h>
#include <protobuf-c/protobuf-c.h>

/** How deep messages nest at most, the outermost counted. */
enum { MSI_PROTOBUF_DEPTH_MAX = 32 };

/** Whether bytes are a message of type that is safe to unpack: as <mailslot/protobuf.h> says what a
 *  message may be. BAD_MESSAGE and TOO_COMPLEX, with the field and the offset. Memory comes from
 *  scratch, and only for types of more than 64 fields: without any, it may be NULL. */
MAILSLOT_MUST_USE mailslot_err msi_protobuf_scan(const ProtobufCMessageDescriptor *type,
                                                 mailslot_scratch *scratch, mailslot_bytes bytes);

/** The wire type in which protobuf-c reads a type. */
ProtobufCWireType msi_protobuf_wire_type(ProtobufCType type);

#endif
