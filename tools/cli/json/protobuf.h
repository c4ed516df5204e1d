/*
 * Protobuf messages as JSON and back, by the canonical mapping
 * (https://protobuf.dev/programming-guides/json/), over descriptors, compiled or
 * loaded.
 *
 *  - Names come out in lowerCamelCase; that and the name in the schema are accepted. Where two
 *    fields would have one name, only those in the schema do. Fields that are absent, or of proto3
 *    and at their default, are left out; null stands for absent.
 *  - 64-bit integers come out as strings, enums by name, bytes as Base64, what is not finite as
 *    "NaN", "Infinity", "-Infinity". Integers are accepted as numbers (1e3 and 1.0 too) and as
 *    strings, enums also by number, Base64 also URL-safe and without padding. An enum of proto2
 *    takes the numbers its schema declares and no others, but shows them.
 *  - Fields of a message that its schema does not know are not shown.
 *
 *  - Messages of google.protobuf have their own forms (well_known.h). An Any is {"@type":URL} with
 *    the fields of the message that it contains, or with that one's own form as "value". Where the
 *    type is not known or the content is not a message of it, it is a message like any other,
 *    {"typeUrl":URL,"value":BASE64}, and that is accepted too.
 *
 * Compiled descriptors do not carry everything: a json_name option is unknown to them, and so is an
 * enum's syntax, which is taken for proto3. That a field is a map is seen from its entries then;
 * see protobuf_is_map().
 */
#ifndef CLI_JSON_PROTOBUF_H
#define CLI_JSON_PROTOBUF_H

#include "base/buffer.h"

#include <json-c/json.h>
#include <mailslot/registry.h>
#include <protobuf-c/protobuf-c.h>

/** Makes the message of type that json stands for, in arena. types has the types that an Any may
 *  contain; NULL: none. BAD_VALUE, with a detail that says
 *  which field and why: a value of the wrong type or out of range, an unknown field, one given
 *  twice, two members of one oneof, a required field that is missing, nesting too deep. */
MAILSLOT_MUST_USE mailslot_err protobuf_from_json(struct arena *arena, struct json_object *json,
                                                  const ProtobufCMessageDescriptor *type,
                                                  const mailslot_registry *types,
                                                  ProtobufCMessage **message);

/** Makes the JSON that stands for message, to be released with json_object_put(). types as above.
 *  BAD_MESSAGE: it has a string that is not UTF-8, or is nested deeper than VALUE_NESTING_MAX. */
MAILSLOT_MUST_USE mailslot_err protobuf_to_json(const ProtobufCMessage *message,
                                                const mailslot_registry *types,
                                                struct json_object **json);

#endif
