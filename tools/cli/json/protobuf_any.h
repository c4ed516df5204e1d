/*
 * google.protobuf.Any in JSON. The content's type is what follows the last slash of the URL. Its
 * fields stand beside "@type"; a content that has a form of its own (well_known.h) is "value":
 *
 *     {"@type":"type.googleapis.com/shop.Order","id":7}
 *     {"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.5s"}
 */
#ifndef CLI_JSON_PROTOBUF_ANY_H
#define CLI_JSON_PROTOBUF_ANY_H

#include "base/buffer.h"

#include <json-c/json.h>
#include <mailslot/registry.h>
#include <protobuf-c/protobuf-c.h>

#include <stdbool.h>

/** Whether json is an object with "@type"; an Any without it is {"typeUrl":URL,"value":BASE64}. */
bool protobuf_any_has_type(struct json_object *json);

/** Takes an Any's object apart: the URL, which json owns, the type that it names, and the JSON of
 *  the content, to be released with json_object_put(). BAD_VALUE: the URL is no string or names a
 *  type that types does not have, or "value" is missing or not alone where it is wanted. */
MAILSLOT_MUST_USE mailslot_err protobuf_any_split(struct json_object *json,
                                                  const mailslot_registry *types, const char **url,
                                                  const ProtobufCMessageDescriptor **type,
                                                  struct json_object **content);

/** Stores the URL and the bytes of content, which is complete, in any; they lie in arena. */
void protobuf_any_pack(struct arena *arena, ProtobufCMessage *any, const char *url,
                       const ProtobufCMessage *content);

/** Decodes what any contains into a new record, to be freed by the caller. Otherwise NULL: its type
 *  is not one of types, or the bytes are not a message of it. */
mailslot_record *protobuf_any_unpack(const ProtobufCMessage *any, const mailslot_registry *types);

/** Makes the object of any out of the JSON of content, which it takes over. NULL: a field of
 *  content is called "@type" itself. */
struct json_object *protobuf_any_join(const ProtobufCMessage *any, const ProtobufCMessage *content,
                                      struct json_object *json);

#endif
