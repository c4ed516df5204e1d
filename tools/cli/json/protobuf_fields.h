/* Fields of Protobuf messages, got at through descriptors: memory and presence. */
#ifndef CLI_PROTOBUF_FIELDS_H
#define CLI_PROTOBUF_FIELDS_H

#include "base/buffer.h"

#include <protobuf-c/protobuf-c.h>

#include <stdbool.h>
#include <stdint.h>

/**
 * Whether the field is a map. A loaded type says so. protoc-c makes of `map<K, V> f = n` what
 * protoc does, a repeated message type FEntry inside the message, with the fields key = 1 and value
 * = 2, but drops the map flag, so the shape decides. A hand-written message of that shape is taken
 * for a map too; its messages have the same bytes.
 */
bool protobuf_is_map(const ProtobufCMessageDescriptor *type, const ProtobufCFieldDescriptor *field);

/** The enum's value of that number; NULL if none was declared. */
const ProtobufCEnumValue *protobuf_enum_value(const ProtobufCEnumDescriptor *type, int32_t number);

/** Bytes of one value of the field in a message's memory. */
size_t protobuf_size(const ProtobufCFieldDescriptor *field);

/** Where the field lies in the message: its value, or the pointer to its repeated values. */
void *protobuf_member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/** How many values a repeated field has. */
size_t *protobuf_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/** Which member of the field's oneof is set, by number; 0 for none. */
uint32_t *protobuf_oneof_case(const ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field);

/** Whether the field has a has_ member, and that member. */
bool protobuf_has_flag(const ProtobufCFieldDescriptor *field);
protobuf_c_boolean *protobuf_flag(const ProtobufCMessage *message,
                                  const ProtobufCFieldDescriptor *field);

/** Whether the field is to be shown: set, or of proto3 and not at its default. */
bool protobuf_is_present(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/** protobuf-c does not pack -0.0 of a proto3 field without presence. If the field has it, adds it
 * to the fields of the message that are packed as they are. For the content of an Any: in other
 *  messages, the codec takes care of it. */
void protobuf_keep_minus_zero(struct arena *arena, ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field);

#endif
