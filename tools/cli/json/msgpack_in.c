/* JSON to MessagePack. The objects with one $ member stand for the types that JSON lacks. */
#include "base/decimal.h"
#include "base64.h"
#include "msgpack.h"
#include "text.h"

#include <mailslot/codec.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FLOAT_EXPECTED "a number, \"NaN\", \"Infinity\", \"-Infinity\" or the bits of a NaN"

struct maker {
    struct arena *arena;
    unsigned depth; /* of the value being made, the outermost being 1 */
};

static mailslot_err make_value(struct maker *maker, struct json_object *json,
                               msgpack_object *value);

static mailslot_err fail_expected(const char *form, const char *what) {
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ".%s: expected %s", form, what);
}

/* ---- What JSON has ---- */

static void make_integer(struct json_object *json, msgpack_object *value) {
    int64_t number = json_object_get_int64(json); /* saturates where uint64 is needed */
    if (number < 0) {
        value->type = MSGPACK_OBJECT_NEGATIVE_INTEGER;
        value->via.i64 = number;
    } else {
        value->type = MSGPACK_OBJECT_POSITIVE_INTEGER;
        value->via.u64 = json_object_get_uint64(json);
    }
}

static msgpack_object_str string_of(struct json_object *json) {
    return (msgpack_object_str){.size = (uint32_t)json_object_get_string_len(json),
                                .ptr = json_object_get_string(json)};
}

static mailslot_err make_array(struct maker *maker, struct json_object *json,
                               msgpack_object *value) {
    size_t len = json_object_array_length(json);
    msgpack_object *items = arena_alloc(maker->arena, len * sizeof *items);
    for (size_t i = 0; i < len; i++) {
        mailslot_err err = make_value(maker, json_object_array_get_idx(json, i), &items[i]);
        if (err)
            return json_fail_in_element(err, i);
    }
    value->type = MSGPACK_OBJECT_ARRAY;
    value->via.array = (msgpack_object_array){.size = (uint32_t)len, .ptr = items};
    return MAILSLOT_OK;
}

static mailslot_err make_object(struct maker *maker, struct json_object *json,
                                msgpack_object *value) {
    size_t len = (size_t)json_object_object_length(json);
    msgpack_object_kv *pairs = arena_alloc(maker->arena, len * sizeof *pairs);
    size_t i = 0;
    json_object_object_foreach(json, name, member) {
        pairs[i].key.type = MSGPACK_OBJECT_STR;
        pairs[i].key.via.str = (msgpack_object_str){.size = (uint32_t)strlen(name), .ptr = name};
        mailslot_err err = make_value(maker, member, &pairs[i++].val);
        if (err)
            return json_fail_in_member(err, name);
    }
    value->type = MSGPACK_OBJECT_MAP;
    value->via.map = (msgpack_object_map){.size = (uint32_t)len, .ptr = pairs};
    return MAILSLOT_OK;
}

/* ---- The forms for what it has not ---- */

static mailslot_err make_bytes(struct maker *maker, const char *form, struct json_object *json,
                               mailslot_bytes *bytes) {
    if (!json_object_is_type(json, json_type_string))
        return fail_expected(form, "a Base64 string");
    size_t text_len = (size_t)json_object_get_string_len(json);
    unsigned char *data = arena_alloc(maker->arena, base64_decoded_max(text_len));
    if (!base64_decode(json_object_get_string(json), text_len, data, &bytes->len))
        return fail_expected(form, "a Base64 string");
    bytes->data = data;
    return MAILSLOT_OK;
}

static mailslot_err make_bin(struct maker *maker, struct json_object *json, msgpack_object *value) {
    mailslot_bytes bytes = {0};
    mailslot_err err = make_bytes(maker, "$bin", json, &bytes);
    value->type = MSGPACK_OBJECT_BIN;
    value->via.bin = (msgpack_object_bin){.size = (uint32_t)bytes.len, .ptr = bytes.data};
    return err;
}

static mailslot_err make_str(struct maker *maker, struct json_object *json, msgpack_object *value) {
    mailslot_bytes bytes = {0};
    mailslot_err err = make_bytes(maker, "$str", json, &bytes);
    value->type = MSGPACK_OBJECT_STR;
    value->via.str = (msgpack_object_str){.size = (uint32_t)bytes.len, .ptr = bytes.data};
    return err;
}

static mailslot_err make_ext(struct maker *maker, struct json_object *json, msgpack_object *value) {
    if (!json_object_is_type(json, json_type_array) || json_object_array_length(json) != 2)
        return fail_expected("$ext", "[type,\"<base64>\"]");
    struct json_object *type = json_object_array_get_idx(json, 0);
    int64_t number = json_object_get_int64(type);
    if (!json_object_is_type(type, json_type_int) || number < INT8_MIN || number > INT8_MAX)
        return fail_expected("$ext", "a type from -128 to 127");
    mailslot_bytes bytes = {0};
    mailslot_err err = make_bytes(maker, "$ext", json_object_array_get_idx(json, 1), &bytes);
    value->type = MSGPACK_OBJECT_EXT;
    value->via.ext = (msgpack_object_ext){
        .type = (int8_t)number, .size = (uint32_t)bytes.len, .ptr = bytes.data};
    return err;
}

/* A string without a NUL; "" for anything else, which is no number. */
static const char *special_text(struct json_object *json) {
    if (!json_object_is_type(json, json_type_string))
        return "";
    const char *text = json_object_get_string(json);
    return strlen(text) == (size_t)json_object_get_string_len(json) ? text : "";
}

/* "NaN", "Infinity" or "-Infinity". */
static bool special_value(const char *text, double *value) {
    *value = strcmp(text, "NaN") == 0 ? (double)NAN : (double)INFINITY;
    if (strcmp(text, "-Infinity") == 0)
        *value = -*value;
    return isnan(*value) || strcmp(text + (*text == '-'), "Infinity") == 0;
}

/* The bits of a value as "0x" and that many hex digits. */
static bool special_bits(const char *text, size_t digits, uint64_t *bits) {
    *bits = strtoull(text, NULL, 16);
    return strncmp(text, "0x", 2) == 0 && strlen(text) == digits + 2 &&
           strspn(text + 2, "0123456789abcdef") == digits;
}

static bool is_number(struct json_object *json) {
    return json_object_is_type(json, json_type_int) || json_object_is_type(json, json_type_double);
}

/* A double's shortest text has at most 17 digits before its zeros; more would be lost. */
static bool has_digits_of_double(const char *text) {
    size_t len = strcspn(text, "E"), start = strcspn(text, "0123456789");
    while (len > start && text[len - 1] == '0')
        len--;
    return len - start <= DBL_DECIMAL_DIG;
}

/* -0, and integers beyond 64 bits as programs write a double: 100000000000000000000. */
static mailslot_err make_marked(struct json_object *json, msgpack_object *value) {
    const char *text = json_scalar_text(json);
    value->type = MSGPACK_OBJECT_FLOAT64;
    value->via.f64 = strtod(text, NULL);
    if (has_digits_of_double(text))
        return MAILSLOT_OK;
    size_t len = strcspn(text, "E");
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                         ": number out of range: %.*s%s is neither an int64 nor a uint64; add .0 "
                         "to make it a float64",
                         len > 40 ? 40 : (int)len, text, len > 40 ? "..." : "");
}

static mailslot_err make_double(struct maker *maker, struct json_object *json,
                                msgpack_object *value) {
    (void)maker;
    value->type = MSGPACK_OBJECT_FLOAT64;
    if (is_number(json)) {
        value->via.f64 = strtod(json_scalar_text(json), NULL);
        return MAILSLOT_OK;
    }
    const char *text = special_text(json);
    uint64_t bits;
    if (special_value(text, &value->via.f64))
        return MAILSLOT_OK;
    if (special_bits(text, 16, &bits))
        memcpy(&value->via.f64, &bits, sizeof bits);
    return isnan(value->via.f64) ? MAILSLOT_OK : fail_expected("$double", FLOAT_EXPECTED);
}

/* The bits of a float's NaN as <mailslot/msgpack.h> wants them; 0 for those of a number. A
 * conversion would make a signalling NaN quiet. */
static uint64_t nan_widen(uint32_t bits) {
    if ((bits & 0x7fffffff) <= 0x7f800000)
        return 0;
    return (uint64_t)(bits >> 31) << 63 | UINT64_C(0x7ff) << 52 | (uint64_t)(bits & 0x7fffff) << 29;
}

static mailslot_err make_float(struct maker *maker, struct json_object *json,
                               msgpack_object *value) {
    (void)maker;
    value->type = MSGPACK_OBJECT_FLOAT32;
    if (is_number(json)) {
        value->via.f64 = (double)strtof(json_scalar_text(json), NULL);
        return isfinite(value->via.f64) ? MAILSLOT_OK
                                        : fail_expected("$float", "a number in its range");
    }
    const char *text = special_text(json);
    uint64_t bits;
    if (special_value(text, &value->via.f64))
        return MAILSLOT_OK;
    if (special_bits(text, 8, &bits)) {
        bits = nan_widen((uint32_t)bits);
        memcpy(&value->via.f64, &bits, sizeof bits);
    }
    return isnan(value->via.f64) ? MAILSLOT_OK : fail_expected("$float", FLOAT_EXPECTED);
}

static mailslot_err make_pair(struct maker *maker, struct json_object *json,
                              msgpack_object_kv *pair) {
    if (!json_object_is_type(json, json_type_array) || json_object_array_length(json) != 2)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": expected [key,value]");
    mailslot_err err = make_value(maker, json_object_array_get_idx(json, 0), &pair->key);
    if (err)
        return json_fail_in_element(err, 0);
    err = make_value(maker, json_object_array_get_idx(json, 1), &pair->val);
    return err ? json_fail_in_element(err, 1) : MAILSLOT_OK;
}

static mailslot_err make_map(struct maker *maker, struct json_object *json, msgpack_object *value) {
    if (!json_object_is_type(json, json_type_array))
        return fail_expected("$map", "[[key,value],...]");
    size_t len = json_object_array_length(json);
    msgpack_object_kv *pairs = arena_alloc(maker->arena, len * sizeof *pairs);
    for (size_t i = 0; i < len; i++) {
        mailslot_err err = make_pair(maker, json_object_array_get_idx(json, i), &pairs[i]);
        if (err)
            return json_fail_in_member(json_fail_in_element(err, i), "$map");
    }
    value->type = MSGPACK_OBJECT_MAP;
    value->via.map = (msgpack_object_map){.size = (uint32_t)len, .ptr = pairs};
    return MAILSLOT_OK;
}

static const struct {
    const char *name;
    mailslot_err (*make)(struct maker *maker, struct json_object *json, msgpack_object *value);
} forms[] = {
    {"$bin", make_bin},       {"$ext", make_ext}, {"$float", make_float},
    {"$double", make_double}, {"$str", make_str}, {"$map", make_map},
};

static mailslot_err make_form(struct maker *maker, const char *name, struct json_object *json,
                              msgpack_object *value) {
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(name, forms[i].name) == 0)
            return forms[i].make(maker, json, value);
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                         ": unknown form \"%.100s\"; a map with this one key is "
                         "{\"$map\":[[\"%.100s\",...]]}",
                         name, name);
}

static mailslot_err make_from_object(struct maker *maker, struct json_object *json,
                                     msgpack_object *value) {
    if (json_object_object_length(json) == 1) {
        struct json_object_iterator only = json_object_iter_begin(json);
        const char *name = json_object_iter_peek_name(&only);
        if (*name == '$')
            return make_form(maker, name, json_object_iter_peek_value(&only), value);
    }
    return make_object(maker, json, value);
}

static mailslot_err make_any(struct maker *maker, struct json_object *json, msgpack_object *value) {
    switch (json_object_get_type(json)) {
    case json_type_null:
        value->type = MSGPACK_OBJECT_NIL;
        return MAILSLOT_OK;
    case json_type_boolean:
        value->type = MSGPACK_OBJECT_BOOLEAN;
        value->via.boolean = json_object_get_boolean(json);
        return MAILSLOT_OK;
    case json_type_int:
        make_integer(json, value);
        return MAILSLOT_OK;
    case json_type_double:
        return json_is_marked(json) ? make_marked(json, value) : make_double(maker, json, value);
    case json_type_string:
        value->type = MSGPACK_OBJECT_STR;
        value->via.str = string_of(json);
        return MAILSLOT_OK;
    case json_type_array:
        return make_array(maker, json, value);
    case json_type_object:
        return make_from_object(maker, json, value);
    }
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": unknown kind of JSON value");
}

/* The depth grows only where a value opens a level of its own, not with the levels of forms. */
static mailslot_err make_value(struct maker *maker, struct json_object *json,
                               msgpack_object *value) {
    if (maker->depth == VALUE_NESTING_MAX)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, ": nested deeper than %d", VALUE_NESTING_MAX);
    maker->depth++;
    mailslot_err err = make_any(maker, json, value);
    maker->depth--;
    return err;
}

mailslot_err msgpack_from_json(struct arena *arena, struct json_object *json,
                               msgpack_object *value) {
    struct maker maker = {.arena = arena};
    mailslot_err err = make_value(&maker, json, value);
    return err ? json_fail_whole(err) : MAILSLOT_OK;
}
