/*
 * Default values. A descriptor set stores them as text: numbers in decimal, bytes with C escapes,
 * enum values by name (google/protobuf/descriptor.proto, FieldDescriptorProto.default_value).
 */
#include "default.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer than any number that protoc writes. */
enum { NUMBER_TEXT_MAX = 64 };

/* ---- Numbers ---- */

/* strtoll() would also accept leading white space and a plus sign, which protoc never writes. */
static bool is_decimal(const char *text) {
    const char *digits = text + (*text == '-');
    return *digits && digits[strspn(digits, "0123456789")] == '\0';
}

static bool read_signed(const char *text, int64_t least, int64_t most, int64_t *value) {
    errno = 0;
    *value = strtoll(text, NULL, 10);
    return is_decimal(text) && errno == 0 && *value >= least && *value <= most;
}

static bool read_unsigned(const char *text, uint64_t most, uint64_t *value) {
    errno = 0;
    *value = strtoull(text, NULL, 10);
    return is_decimal(text) && *text != '-' && errno == 0 && *value <= most;
}

/* As protoc writes them. -nan is the same as nan. */
static bool read_special(const char *text, double *value) {
    bool negative = *text == '-';
    if (strcmp(text + negative, "inf") == 0)
        *value = negative ? -(double)INFINITY : (double)INFINITY;
    else if (strcmp(text + negative, "nan") == 0)
        *value = (double)NAN;
    else
        return false;
    return true;
}

/* strtod() and strtof() expect the decimal point of the current locale, the set always has '.'. */
static bool number_localise(const char *text, char out[2 * NUMBER_TEXT_MAX]) {
    size_t whole = strcspn(text, ".");
    if (strlen(text) > NUMBER_TEXT_MAX || text[strspn(text, "0123456789+-.eE")])
        return false;
    snprintf(out, 2 * NUMBER_TEXT_MAX, "%.*s%s%s", (int)whole, text,
             text[whole] ? localeconv()->decimal_point : "", text[whole] ? text + whole + 1 : "");
    return *out != '\0';
}

static bool read_double(const char *text, double *value) {
    char local[2 * NUMBER_TEXT_MAX], *end;
    if (read_special(text, value))
        return true;
    if (!number_localise(text, local))
        return false;
    *value = strtod(local, &end);
    return *end == '\0' && isfinite(*value);
}

static bool read_float(const char *text, float *value) {
    char local[2 * NUMBER_TEXT_MAX], *end;
    double special;
    if (read_special(text, &special)) {
        *value = (float)special;
        return true;
    }
    if (!number_localise(text, local))
        return false;
    *value = strtof(local, &end);
    return *end == '\0' && isfinite(*value);
}

/* ---- Bytes with C escapes ---- */

static int digit_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* Reads up to `most` digits. False if there is none or the value exceeds a byte. */
static bool read_digits(const char **at, int base, int most, uint8_t *byte) {
    int value = 0, count = 0;
    for (; count < most && digit_of(**at) < base; count++)
        value = value * base + digit_of(*(*at)++);
    *byte = (uint8_t)value;
    return count > 0 && value <= UINT8_MAX;
}

/* Reads one escape sequence; *at points behind the backslash. */
static bool read_escape(const char **at, uint8_t *byte) {
    static const char letters[] = "abfnrtv\\'\"?", meant[] = "\a\b\f\n\r\t\v\\'\"?";
    if (digit_of(**at) < 8)
        return read_digits(at, 8, 3, byte);
    if (**at == 'x' || **at == 'X') {
        ++*at;
        return read_digits(at, 16, 2, byte);
    }
    const char *letter = **at ? strchr(letters, **at) : NULL;
    if (!letter)
        return false;
    *byte = (uint8_t)meant[letter - letters];
    ++*at;
    return true;
}

/* Escapes only shorten, so the text's length is room enough. */
static bool read_bytes(const char *text, ProtobufCBinaryData *bytes) {
    while (*text) {
        uint8_t byte = (uint8_t)*text++;
        if (byte == '\\' && !read_escape(&text, &byte))
            return false;
        bytes->data[bytes->len++] = byte;
    }
    return true;
}

/* ---- All types ---- */

/* A default value of any type but string, as protobuf-c stores it in a message. */
union default_storage {
    int32_t i32;
    uint32_t u32;
    int64_t i64;
    uint64_t u64;
    float f;
    double d;
    protobuf_c_boolean flag;
    ProtobufCBinaryData bytes;
};

static bool default_read_bytes(struct msi_arena *arena, const char *text,
                               ProtobufCBinaryData *bytes) {
    bytes->data = msi_arena_alloc(arena, strlen(text));
    return bytes->data && read_bytes(text, bytes);
}

static bool default_read_enum(const ProtobufCFieldDescriptor *field, const char *text,
                              int32_t *number) {
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value_by_name(field->descriptor, text);
    if (value)
        *number = value->value;
    return value;
}

static bool default_read_bool(const char *text, protobuf_c_boolean *flag) {
    *flag = strcmp(text, "true") == 0;
    return *flag || strcmp(text, "false") == 0;
}

static bool default_read_value(struct msi_arena *arena, const ProtobufCFieldDescriptor *field,
                               const char *text, union default_storage *value) {
    int64_t number;
    uint64_t natural;
    bool good;
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        good = read_signed(text, INT32_MIN, INT32_MAX, &number);
        value->i32 = (int32_t)number;
        return good;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        good = read_unsigned(text, UINT32_MAX, &natural);
        value->u32 = (uint32_t)natural;
        return good;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return read_signed(text, INT64_MIN, INT64_MAX, &value->i64);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return read_unsigned(text, UINT64_MAX, &value->u64);
    case PROTOBUF_C_TYPE_FLOAT:
        return read_float(text, &value->f);
    case PROTOBUF_C_TYPE_DOUBLE:
        return read_double(text, &value->d);
    case PROTOBUF_C_TYPE_BOOL:
        return default_read_bool(text, &value->flag);
    case PROTOBUF_C_TYPE_ENUM:
        return default_read_enum(field, text, &value->i32);
    case PROTOBUF_C_TYPE_BYTES:
        return default_read_bytes(arena, text, &value->bytes);
    default:
        return false;
    }
}

/* protobuf-c keeps the default of a string as the pointer itself, that of other types as a
 * pointer to the value. */
bool msi_schema_read_default(struct msi_arena *arena, ProtobufCFieldDescriptor *field,
                             const char *text) {
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return (field->default_value = msi_arena_text(arena, text));
    union default_storage *value = msi_arena_alloc(arena, sizeof *value);
    if (!value || !default_read_value(arena, field, text, value))
        return false;
    field->default_value = value;
    return true;
}
