/*
 * MessagePack as JSON and back, without loss. What JSON has stands for itself; integers stay
 * integers, and a number with a fraction or an exponent is a float64; so are -0 and an integer
 * beyond 64 bits whose digits a double holds, as other programs write floats. The rest are objects
 * of one member, whose name begins with "$":
 *
 *     {"$bin":"<base64>"}            binary
 *     {"$ext":[type,"<base64>"]}     extension, type -128 to 127; timestamps are type -1
 *     {"$float":1.5}                 float32
 *     {"$double":"NaN"}              float64 that is not finite: "NaN", "Infinity", "-Infinity", or
 *                                    the bits of another NaN, "0x7ff8000000000001"; so for $float
 *     {"$str":"<base64>"}            string that is not UTF-8
 *     {"$map":[[key,value],...]}     map that is no JSON object: keys that are not strings, not
 *                                    UTF-8, contain NUL or occur twice, or one key only that
 *                                    begins with "$"
 */
#ifndef CLI_JSON_MSGPACK_H
#define CLI_JSON_MSGPACK_H

#include "base/buffer.h"

#include <json-c/json.h>
#include <mailslot/mailslot.h>
#include <msgpack.h>

/** Makes the MessagePack value that json stands for, in arena; strings point into json. BAD_VALUE,
 *  with a detail that says where in the value and why. */
MAILSLOT_MUST_USE mailslot_err msgpack_from_json(struct arena *arena, struct json_object *json,
                                                 msgpack_object *value);

/** Makes the JSON that stands for value, to be released with json_object_put(). BAD_MESSAGE: value
 *  is nested deeper than VALUE_NESTING_MAX. */
MAILSLOT_MUST_USE mailslot_err msgpack_to_json(const msgpack_object *value,
                                               struct json_object **json);

#endif
