/* Helpers to make and read json-c values, for the MessagePack and Protobuf mappings. */
#ifndef CLI_JSON_VALUE_H
#define CLI_JSON_VALUE_H

#include <json-c/json.h>
#include <mailslot/mailslot.h>

#include <stdbool.h>

/**
 * Deepest nesting of a value, the outermost counted, as of the codecs: arrays and maps of
 * MessagePack, messages of Protobuf. One such level can take three of the text, as in
 * {"$map":[[key,value]]}, so a text may nest deeper.
 */
enum { VALUE_NESTING_MAX = 32, TEXT_NESTING_MAX = 3 * VALUE_NESTING_MAX + 2 };

/** Stands behind an integer that was written without a fraction or an exponent and is not one of 64
 *  bits, or is -0, and makes it a float for json-c, which keeps the text of floats. */
#define VALUE_NOT_INT64_MARK "E0"

/** Whether a number has that mark. */
bool json_is_marked(struct json_object *number);

/** Returns pointer; if it is NULL, memory ran out. For what json-c makes. */
void *json_made(void *pointer);

/** Adds a member to an object, which then owns value; NULL is null. */
void json_add(struct json_object *object, const char *name, struct json_object *value);

/** Adds an element to an array, which then owns value. */
void json_append(struct json_object *array, struct json_object *value);

/** A string of len bytes of UTF-8. */
struct json_object *json_string(const void *text, size_t len);

/** A string as C has them, of UTF-8. */
struct json_object *json_words(const char *text);

/** A string that is the Base64 of len bytes. */
struct json_object *json_base64(const void *data, size_t len);

/** {"$bin":"<base64>"} */
struct json_object *json_binary(mailslot_bytes bytes);

/** Bytes as a JSON string, or as json_binary() if they are not UTF-8. */
struct json_object *json_text(mailslot_bytes bytes);

/**
 * The number whose shortest decimal text reads back as the same double or float, always with a
 * fraction or an exponent; for what is not finite the string "NaN", "Infinity" or "-Infinity".
 */
struct json_object *json_double(double value);
struct json_object *json_float(float value);

/** A member of an object; NULL if there is none. Owned by the object. */
struct json_object *json_member(struct json_object *object, const char *name);

/** The text of a string, boolean or number; a number with a fraction or an exponent as it was
 *  written. Owned by scalar. */
const char *json_scalar_text(struct json_object *scalar);

/*
 * A failure says which value inside the text it is about. What finds it starts the detail with
 * ": ", each level around it puts its own part of the path before that, and the outermost takes off
 * the separator at the start. All return err.
 */
mailslot_err json_fail_in_member(mailslot_err err, const char *name);
mailslot_err json_fail_in_element(mailslot_err err, size_t index);

mailslot_err json_fail_whole(mailslot_err err);

#endif
