/* Scalars of Protobuf messages out of JSON. */
#ifndef CLI_JSON_PROTOBUF_SCALAR_H
#define CLI_JSON_PROTOBUF_SCALAR_H

#include "base/buffer.h"

#include <json-c/json.h>
#include <mailslot/mailslot.h>
#include <protobuf-c/protobuf-c.h>

/** Stores the value of the field's type, which is no message, that json stands for in *member;
 *  strings and bytes lie in arena. BAD_VALUE, with a detail that begins with ": ". */
MAILSLOT_MUST_USE mailslot_err protobuf_scalar_from_json(struct arena *arena,
                                                         struct json_object *json,
                                                         const ProtobufCFieldDescriptor *field,
                                                         void *member);

/** Fails with BAD_VALUE, saying what was wanted in place of json. */
mailslot_err protobuf_refuse(struct json_object *json, const char *wanted);

#endif
