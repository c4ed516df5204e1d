/* The names that the fields of a Protobuf message type have in JSON. */
#ifndef CLI_PROTOBUF_NAMES_H
#define CLI_PROTOBUF_NAMES_H

#include "base/buffer.h"

#include <protobuf-c/protobuf-c.h>

#include <stdbool.h>

struct protobuf_name;

/** The names of one type. Start from {.type = ...}; end with protobuf_names_free(). The first few
 *  questions go through the fields; only for more of them is an index made, so that both a message
 *  with all fields of a large type and one with two of them are cheap. */
struct protobuf_names {
    const ProtobufCMessageDescriptor *type;
    unsigned asked;
    struct protobuf_name *index; /* sorted by name; NULL until it pays */
    struct arena arena;
};

/** The field, and no other, whose name in JSON is name, or else the one whose name in the schema it
 *  is; NULL if none. */
const ProtobufCFieldDescriptor *protobuf_names_field(struct protobuf_names *names,
                                                     const char *name);

/** The field's name in JSON, which the schema gives or is lowerCamelCase; of fields that have one
 *  such name in common, which proto2 allows, the name in the schema. Lives as long as names. */
const char *protobuf_names_json(struct protobuf_names *names,
                                const ProtobufCFieldDescriptor *field);

void protobuf_names_free(struct protobuf_names *names);

/** Appends what protoc makes of a field's name: lowerCamelCase, or UpperCamelCase if capital. */
void protobuf_camel_case(struct buffer *out, const char *name, bool capital);

#endif
