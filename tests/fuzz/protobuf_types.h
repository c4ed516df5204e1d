/* The Protobuf messages that are fuzzed, and when two are equal. */
#ifndef MAILSLOT_FUZZ_PROTOBUF_TYPES_H
#define MAILSLOT_FUZZ_PROTOBUF_TYPES_H

#include <mailslot/codec.h>
#include <protobuf-c/protobuf-c.h>

/** The codec of the message type that a number stands for; any number does. Static. */
const mailslot_codec *protobuf_type(unsigned number);

/**
 * Whether two messages, const ProtobufCMessage *, have equal values in all their fields, those
 * they do not know included. Floating point is compared by its bits, but for -0.0 in a proto3 field
 * without presence: protobuf-c takes it for the default and leaves it out.
 */
bool protobuf_equal(const void *a, const void *b);

/** How deep the message nests, itself counted. */
unsigned protobuf_depth(const ProtobufCMessage *message);

#endif
