/* JSON strings, numbers and booleans to the scalar types of Protobuf, with their ranges. */
#include "protobuf_scalar.h"

#include "base/decimal.h"
#include "base64.h"
#include "protobuf_fields.h"
#include "text.h"
#include "well_known.h"

#include <mailslot/codec.h>
#include <mailslot/schema.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

mailslot_err protobuf_refuse(struct json_object *json, const char *wanted) {
    const char *text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
    size_t len = strlen(text);
    if (json_is_marked(json))
        len -= strlen(VALUE_NOT_INT64_MARK);
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": expected %s, got %.*s", wanted,
                         len > 60 ? 60 : (int)len, text);
}

/* The text of a string, or of a number as it was written; "" for anything else and for strings
 * with a NUL, so that nothing behind it is ignored. */
static const char *scalar_text(struct json_object *json) {
    enum json_type type = json_object_get_type(json);
    if (type != json_type_string && type != json_type_int && type != json_type_double)
        return "";
    const char *text = json_scalar_text(json);
    bool whole =
        type != json_type_string || strlen(text) == (size_t)json_object_get_string_len(json);
    return whole ? text : "";
}

/* By the mapping, an integer may be a string, and may have an exponent or a zero fraction: 1e3,
 * "5.0". */
static bool read_signed(struct json_object *json, unsigned bits, int64_t *value) {
    struct integer integer;
    uint64_t limit = UINT64_C(1) << (bits - 1);
    if (!decimal_integer(scalar_text(json), &integer) ||
        integer.magnitude > (integer.negative ? limit : limit - 1))
        return false;
    /* In two steps: INT64_MIN has no positive counterpart. A negative zero cannot occur:
     * decimal_integer() drops its sign. */
    *value = integer.negative ? -(int64_t)(integer.magnitude - 1) - 1 : (int64_t)integer.magnitude;
    return true;
}

static bool read_unsigned(struct json_object *json, unsigned bits, uint64_t *value) {
    struct integer integer;
    if (!decimal_integer(scalar_text(json), &integer) || integer.negative ||
        integer.magnitude > UINT64_MAX >> (64 - bits))
        return false;
    *value = integer.magnitude;
    return true;
}

static mailslot_err make_signed(struct json_object *json, unsigned bits, void *member) {
    int64_t value;
    if (!read_signed(json, bits, &value))
        return protobuf_refuse(json, bits == 32 ? "a 32-bit integer" : "a 64-bit integer");
    if (bits == 32)
        *(int32_t *)member = (int32_t)value;
    else
        *(int64_t *)member = value;
    return MAILSLOT_OK;
}

static mailslot_err make_unsigned(struct json_object *json, unsigned bits, void *member) {
    uint64_t value;
    if (!read_unsigned(json, bits, &value))
        return protobuf_refuse(json, bits == 32 ? "an unsigned 32-bit integer"
                                                : "an unsigned 64-bit integer");
    if (bits == 32)
        *(uint32_t *)member = (uint32_t)value;
    else
        *(uint64_t *)member = value;
    return MAILSLOT_OK;
}

/* "NaN", "Infinity" and "-Infinity"; 0 for other texts. */
static double special_value(const char *text) {
    if (strcmp(text, "NaN") == 0)
        return (double)NAN;
    if (strcmp(text, "Infinity") == 0)
        return (double)INFINITY;
    return strcmp(text, "-Infinity") == 0 ? -(double)INFINITY : 0;
}

/* strtod() alone would also accept hexadecimal, spaces and "inf"; a number that overflows becomes
 * infinite. */
static mailslot_err make_double(struct json_object *json, double *member) {
    const char *text = scalar_text(json);
    *member = special_value(text);
    if (!isfinite(*member))
        return MAILSLOT_OK;
    *member = strtod(text, NULL);
    bool fits = decimal_is_number(text) && isfinite(*member);
    return fits ? MAILSLOT_OK : protobuf_refuse(json, "a number in the range of double");
}

/* From the text, not from a double: rounding twice is not rounding once. */
static mailslot_err make_float(struct json_object *json, float *member) {
    const char *text = scalar_text(json);
    *member = (float)special_value(text);
    if (!isfinite(*member))
        return MAILSLOT_OK;
    *member = strtof(text, NULL);
    bool fits = decimal_is_number(text) && isfinite(*member);
    return fits ? MAILSLOT_OK : protobuf_refuse(json, "a number in the range of float");
}

static mailslot_err make_bool(struct json_object *json, protobuf_c_boolean *member) {
    if (!json_object_is_type(json, json_type_boolean))
        return protobuf_refuse(json, "true or false");
    *member = json_object_get_boolean(json);
    return MAILSLOT_OK;
}

static mailslot_err make_enum_by_number(struct json_object *json,
                                        const ProtobufCEnumDescriptor *type, int32_t *member) {
    mailslot_err err = make_signed(json, 32, member);
    /* A closed enum (proto2) has only declared values: a reader would treat another as an unknown
     * field. */
    if (err || !mailslot_protobuf_is_closed_enum(type) || protobuf_enum_value(type, *member))
        return err;
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": %.100s has no value %" PRId32, type->name,
                         *member);
}

static mailslot_err make_enum(struct json_object *json, const ProtobufCEnumDescriptor *type,
                              int32_t *member) {
    if (!json_object_is_type(json, json_type_string))
        return make_enum_by_number(json, type, member);
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value_by_name(type, scalar_text(json));
    if (!value)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": %.100s has no value \"%.100s\"", type->name,
                             json_object_get_string(json));
    *member = value->value;
    return MAILSLOT_OK;
}

static mailslot_err make_string(struct arena *arena, struct json_object *json, char **member) {
    if (!json_object_is_type(json, json_type_string))
        return protobuf_refuse(json, "a string");
    size_t len = (size_t)json_object_get_string_len(json);
    *member = arena_copy(arena, json_object_get_string(json), len);
    /* Protobuf-C strings are C strings and would end at the NUL. */
    if (strlen(*member) != len)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                             ": a string with a NUL, which the codec cannot hold");
    return MAILSLOT_OK;
}

static mailslot_err make_bytes(struct arena *arena, struct json_object *json,
                               ProtobufCBinaryData *member) {
    if (!json_object_is_type(json, json_type_string))
        return protobuf_refuse(json, "a Base64 string");
    size_t text_len = (size_t)json_object_get_string_len(json);
    member->data = arena_alloc(arena, base64_decoded_max(text_len));
    if (!base64_decode(json_object_get_string(json), text_len, member->data, &member->len))
        return protobuf_refuse(json, "a Base64 string");
    return MAILSLOT_OK;
}

mailslot_err protobuf_scalar_from_json(struct arena *arena, struct json_object *json,
                                       const ProtobufCFieldDescriptor *field, void *member) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return make_signed(json, 32, member);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return make_signed(json, 64, member);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return make_unsigned(json, 32, member);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return make_unsigned(json, 64, member);
    case PROTOBUF_C_TYPE_FLOAT:
        return make_float(json, member);
    case PROTOBUF_C_TYPE_DOUBLE:
        return make_double(json, member);
    case PROTOBUF_C_TYPE_BOOL:
        return make_bool(json, member);
    case PROTOBUF_C_TYPE_ENUM:
        if (!json && well_known_is_null(field))
            return MAILSLOT_OK; /* it is zero */
        return make_enum(json, field->descriptor, member);
    case PROTOBUF_C_TYPE_STRING:
        return make_string(arena, json, member);
    case PROTOBUF_C_TYPE_BYTES:
        return make_bytes(arena, json, member);
    case PROTOBUF_C_TYPE_MESSAGE:
        break;
    }
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": a message is no scalar");
}
