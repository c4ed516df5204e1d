/* Makes json-c values; running out of memory ends the program. */
#include "value.h"

#include "base64.h"

#include <mailslot/codec.h>

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for the shortest text of any double: sign, 17 digits, point, exponent, ".0", NUL. */
enum { FLOAT_TEXT_SIZE = 32 };

void *json_made(void *pointer) {
    if (!pointer)
        memory_exhausted();
    return pointer;
}

void json_add(struct json_object *object, const char *name, struct json_object *value) {
    if (json_object_object_add(object, name, value) != 0)
        memory_exhausted();
}

void json_append(struct json_object *array, struct json_object *value) {
    if (json_object_array_add(array, value) != 0)
        memory_exhausted();
}

struct json_object *json_string(const void *text, size_t len) {
    /* json-c takes lengths as int. Messages are far smaller. */
    if (len > INT_MAX)
        memory_exhausted();
    return json_made(json_object_new_string_len(len ? text : "", (int)len));
}

struct json_object *json_words(const char *text) {
    return json_string(text, strlen(text));
}

struct json_object *json_base64(const void *data, size_t len) {
    struct buffer text = {0};
    base64_encode(&text, data, len);
    struct json_object *string = json_string(text.data, text.len);
    buffer_free(&text);
    return string;
}

struct json_object *json_binary(mailslot_bytes bytes) {
    struct json_object *json = json_made(json_object_new_object());
    json_add(json, "$bin", json_base64(bytes.data, bytes.len));
    return json;
}

struct json_object *json_text(mailslot_bytes bytes) {
    if (mailslot_utf8_prefix(bytes.data, bytes.len) < bytes.len)
        return json_binary(bytes);
    return json_string(bytes.data, bytes.len);
}

/* ---- Floating point ---- */

static struct json_object *special_number(double value) {
    const char *name = isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    return json_words(name);
}

/* A text such as "1" would read back as an integer: make it "1.0". json-c prints text as it is
 * given, so that no digit is lost. */
static struct json_object *number_of_text(double value, char text[FLOAT_TEXT_SIZE]) {
    if (!strpbrk(text, ".e"))
        strcat(text, ".0");
    return json_made(json_object_new_double_s(value, text));
}

struct json_object *json_double(double value) {
    if (!isfinite(value))
        return special_number(value);
    char text[FLOAT_TEXT_SIZE];
    /* The shortest text that reads back as the same value; DBL_DECIMAL_DIG digits always do (C11
     * 5.2.4.2.2). */
    for (int digits = 1; digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return number_of_text(value, text);
}

struct json_object *json_float(float value) {
    if (!isfinite(value))
        return special_number(value);
    char text[FLOAT_TEXT_SIZE];
    for (int digits = 1; digits <= FLT_DECIMAL_DIG; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    return number_of_text((double)value, text);
}

/* ---- Reading back ---- */

struct json_object *json_member(struct json_object *object, const char *name) {
    struct json_object *value = NULL;
    json_object_object_get_ex(object, name, &value);
    return value;
}

const char *json_scalar_text(struct json_object *scalar) {
    return json_made((void *)json_object_get_string(scalar));
}

bool json_is_marked(struct json_object *number) {
    if (!json_object_is_type(number, json_type_double))
        return false;
    const char *text = json_scalar_text(number);
    size_t len = strlen(text), mark = strlen(VALUE_NOT_INT64_MARK);
    return len > mark && strcmp(text + len - mark, VALUE_NOT_INT64_MARK) == 0;
}

/* ---- Failures ---- */

mailslot_err json_fail_in_member(mailslot_err err, const char *name) {
    return mailslot_fail(err, ".%.100s%s", name, mailslot_detail());
}

mailslot_err json_fail_in_element(mailslot_err err, size_t index) {
    return mailslot_fail(err, "[%zu]%s", index, mailslot_detail());
}

mailslot_err json_fail_whole(mailslot_err err) {
    /* The innermost failure began with ": ", an outer one with "." or "[". */
    const char *detail = mailslot_detail();
    return mailslot_fail(err, "%s", detail + strspn(detail, ".: "));
}
