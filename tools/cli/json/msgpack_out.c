/* MessagePack to JSON, the inverse of msgpack_in.c. */
#include "msgpack.h"
#include "text.h"

#include <mailslot/codec.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* depth: arrays and maps around the value */
static mailslot_err show_value(const msgpack_object *value, unsigned depth,
                               struct json_object **json);

static struct json_object *tagged_value(const char *name, struct json_object *content) {
    struct json_object *object = json_made(json_object_new_object());
    json_add(object, name, content);
    return object;
}

/* ---- Floating point: "NaN" is the quiet one without a payload, others show their bits ---- */

/* A NaN with a payload must encode to the same bytes again. */
static struct json_object *nan_bits(uint64_t bits, uint64_t plain, int digits) {
    char text[24];
    if (bits == plain)
        return json_string("NaN", 3);
    int len = snprintf(text, sizeof text, "0x%0*" PRIx64, digits, bits);
    return json_string(text, (size_t)len);
}

static struct json_object *show_double(double value) {
    if (isfinite(value))
        return json_double(value);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t plain = UINT64_C(0x7ff8000000000000);
    return tagged_value("$double", isnan(value) ? nan_bits(bits, plain, 16) : json_double(value));
}

/* The NaN of a float, from where <mailslot/msgpack.h> keeps its bits. */
static uint32_t nan_narrow(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint32_t)(bits >> 63) << 31 | 0x7f800000 | (uint32_t)(bits >> 29 & 0x7fffff);
}

/* Tagged even if finite: a plain JSON number is a float64. */
static struct json_object *show_float(double value) {
    return tagged_value("$float", isnan(value) ? nan_bits(nan_narrow(value), 0x7fc00000, 8)
                                               : json_float((float)value));
}

/* ---- Strings and binaries ---- */

static struct json_object *show_str(const msgpack_object_str *str) {
    /* MessagePack does not check that a str is UTF-8, but JSON must be. */
    if (mailslot_utf8_prefix(str->ptr, str->size) == str->size)
        return json_string(str->ptr, str->size);
    return tagged_value("$str", json_base64(str->ptr, str->size));
}

static struct json_object *show_ext(const msgpack_object_ext *ext) {
    struct json_object *pair = json_made(json_object_new_array_ext(2));
    json_append(pair, json_made(json_object_new_int(ext->type)));
    json_append(pair, json_base64(ext->ptr, ext->size));
    return tagged_value("$ext", pair);
}

/* ---- Arrays and maps ---- */

static mailslot_err show_array(const msgpack_object_array *array, unsigned depth,
                               struct json_object *json) {
    for (uint32_t i = 0; i < array->size; i++) {
        struct json_object *item;
        mailslot_err err = show_value(&array->ptr[i], depth, &item);
        json_append(json, item);
        if (err)
            return err;
    }
    return MAILSLOT_OK;
}

/* The key as the name of a member, in memory that grows at *name; false if it cannot be one. */
static bool read_name(const msgpack_object *key, char **name) {
    const msgpack_object_str *str = &key->via.str;
    if (key->type != MSGPACK_OBJECT_STR || mailslot_utf8_prefix(str->ptr, str->size) < str->size)
        return false;
    *name = memory_resize(*name, (size_t)str->size + 1);
    if (str->size)
        memcpy(*name, str->ptr, str->size);
    (*name)[str->size] = '\0';
    /* A NUL in the key: json-c's member names are C strings. */
    return strlen(*name) == str->size;
}

/* Whether the map is an object: names for keys, none twice, and not taken for a form. Leaves the
 *  names in object, each with null. */
static bool add_names(const msgpack_object_map *map, struct json_object *object) {
    char *name = NULL;
    bool fits = true;
    for (uint32_t i = 0; i < map->size && fits; i++) {
        fits = read_name(&map->ptr[i].key, &name) && !(map->size == 1 && *name == '$') &&
               !json_object_object_get_ex(object, name, NULL);
        if (fits)
            json_add(object, name, NULL);
    }
    free(name);
    return fits;
}

/* Fills in the values of the names that add_names() left, which stand in the map's order. */
static mailslot_err show_members(const msgpack_object_map *map, unsigned depth,
                                 struct json_object *object) {
    uint32_t i = 0;
    json_object_object_foreach(object, name, unset) {
        (void)unset;
        struct json_object *member;
        mailslot_err err = show_value(&map->ptr[i++].val, depth, &member);
        json_add(object, name, member);
        if (err)
            return err;
    }
    return MAILSLOT_OK;
}

static mailslot_err show_pair(const msgpack_object_kv *pair, unsigned depth,
                              struct json_object *json) {
    struct json_object *key, *value;
    mailslot_err err = show_value(&pair->key, depth, &key);
    json_append(json, key);
    if (err)
        return err;
    err = show_value(&pair->val, depth, &value);
    json_append(json, value);
    return err;
}

static mailslot_err show_pairs(const msgpack_object_map *map, unsigned depth,
                               struct json_object *json) {
    for (uint32_t i = 0; i < map->size; i++) {
        struct json_object *pair = json_made(json_object_new_array_ext(2));
        json_append(json, pair);
        mailslot_err err = show_pair(&map->ptr[i], depth, pair);
        if (err)
            return err;
    }
    return MAILSLOT_OK;
}

static mailslot_err show_map(const msgpack_object_map *map, unsigned depth,
                             struct json_object **json) {
    *json = json_made(json_object_new_object());
    if (add_names(map, *json))
        return show_members(map, depth, *json);
    json_object_put(*json);
    /* Duplicate or non-string keys: an array of pairs keeps every one of them and their order. */
    struct json_object *pairs = json_made(json_object_new_array());
    *json = tagged_value("$map", pairs);
    return show_pairs(map, depth, pairs);
}

/* ---- Values ---- */

/* Everything but arrays and maps. */
static struct json_object *show_scalar(const msgpack_object *value) {
    switch (value->type) {
    case MSGPACK_OBJECT_BOOLEAN:
        return json_made(json_object_new_boolean(value->via.boolean));
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return json_made(json_object_new_uint64(value->via.u64));
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return json_made(json_object_new_int64(value->via.i64));
    case MSGPACK_OBJECT_FLOAT32:
        return show_float(value->via.f64);
    case MSGPACK_OBJECT_FLOAT64:
        return show_double(value->via.f64);
    case MSGPACK_OBJECT_STR:
        return show_str(&value->via.str);
    case MSGPACK_OBJECT_BIN:
        return tagged_value("$bin", json_base64(value->via.bin.ptr, value->via.bin.size));
    case MSGPACK_OBJECT_EXT:
        return show_ext(&value->via.ext);
    default:
        return NULL; /* nil, which is null */
    }
}

/* *json is what was made, whole or, on failure, in part: the caller owns it either way. */
static mailslot_err show_value(const msgpack_object *value, unsigned depth,
                               struct json_object **json) {
    *json = NULL;
    if (depth == VALUE_NESTING_MAX)
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "nested deeper than %d", VALUE_NESTING_MAX);
    if (value->type == MSGPACK_OBJECT_MAP)
        return show_map(&value->via.map, depth + 1, json);
    if (value->type == MSGPACK_OBJECT_ARRAY) {
        *json = json_made(json_object_new_array());
        return show_array(&value->via.array, depth + 1, *json);
    }
    *json = show_scalar(value);
    return MAILSLOT_OK;
}

mailslot_err msgpack_to_json(const msgpack_object *value, struct json_object **json) {
    mailslot_err err = show_value(value, 0, json);
    if (err) {
        json_object_put(*json);
        *json = NULL;
    }
    return err;
}
