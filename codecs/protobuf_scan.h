/*
 * Checks a Protobuf message before protobuf-c unpacks it. protobuf-c recurses, with about 960 bytes
 * of stack for each level, and does not check UTF-8.
 */
#ifndef MSI_PROTOBUF_SCAN_H
#define MSI_PROTOBUF_SCAN_H

#include <mailslot/codec.h>
#include <protobuf-c/protobuf-c.h>

#include <stdbool.h>

/** The deepest nesting of messages, the outermost included. */
enum { MSI_PROTOBUF_DEPTH_MAX = 32 };

/** The wire types of groups, for which protobuf-c has no names. */
enum { MSI_WIRE_START_GROUP = 3, MSI_WIRE_END_GROUP = 4 };

/** Checks that bytes are a message of type by the rules of <mailslot/protobuf.h>. BAD_MESSAGE or
 *  TOO_COMPLEX, with a detail that names the field and the offset. Memory is taken from scratch
 * only for types of more than 64 fields; scratch may be NULL if there are none of these. *rewrite
 * tells whether msi_protobuf_rewrite() must come before protobuf-c. */
MAILSLOT_MUST_USE mailslot_err msi_protobuf_scan(const ProtobufCMessageDescriptor *type,
                                                 mailslot_scratch *scratch, mailslot_bytes bytes,
                                                 bool *rewrite);

/** Whether a field may stand in a message with this wire type. Repeated numbers may come packed or
 *  not, whatever the schema says. */
bool msi_protobuf_wire_type_fits(const ProtobufCFieldDescriptor *field, unsigned wire);

/** The wire type of a single value of a field type. */
ProtobufCWireType msi_protobuf_wire_type(ProtobufCType type);

#endif
