/* Recognizes google.protobuf's own types by name and fields, and converts FieldMask paths. */
#include "well_known.h"

#include <string.h>

/* ---- Which is which ---- */

/* A letter for each type that occurs, so that the table below can spell the fields of a message. */
static char letter_of(ProtobufCType type) {
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
        return 'l';
    case PROTOBUF_C_TYPE_UINT64:
        return 'u';
    case PROTOBUF_C_TYPE_INT32:
        return 'i';
    case PROTOBUF_C_TYPE_UINT32:
        return 'n';
    case PROTOBUF_C_TYPE_DOUBLE:
        return 'd';
    case PROTOBUF_C_TYPE_FLOAT:
        return 'f';
    case PROTOBUF_C_TYPE_BOOL:
        return 'b';
    case PROTOBUF_C_TYPE_STRING:
        return 's';
    case PROTOBUF_C_TYPE_BYTES:
        return 'y';
    case PROTOBUF_C_TYPE_ENUM:
        return 'e';
    case PROTOBUF_C_TYPE_MESSAGE:
        return 'm';
    default:
        return '?';
    }
}

/* Whether the fields of a type are numbered from 1 and have these letters; '|' before one in a
 * oneof, '*' before a repeated one. A user's own schema may declare a google.protobuf.Timestamp
 * with other fields, which must not be read as this one. */
static bool has_fields(const ProtobufCMessageDescriptor *type, const char *letters) {
    unsigned i = 0;
    for (; *letters; letters++, i++) {
        bool repeated = *letters == '*', oneof = *letters == '|';
        letters += repeated || oneof;
        if (i == type->n_fields)
            return false;
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->id != i + 1 || letter_of(field->type) != *letters ||
            (field->label == PROTOBUF_C_LABEL_REPEATED) != repeated ||
            !!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != oneof ||
            (oneof && field->quantifier_offset != type->fields->quantifier_offset))
            return false;
    }
    return i == type->n_fields;
}

/* The rest of a name in the package google.protobuf; otherwise NULL. */
static const char *own_name(const char *name) {
    static const char package[] = "google.protobuf.";
    size_t len = strlen(package);
    return strncmp(name, package, len) == 0 ? name + len : NULL;
}

enum well_known well_known_of(const ProtobufCMessageDescriptor *type) {
    static const struct {
        const char *name, *fields;
        enum well_known kind;
    } known[] = {
        {"Any", "sy", WELL_KNOWN_ANY},
        {"Timestamp", "li", WELL_KNOWN_TIMESTAMP},
        {"Duration", "li", WELL_KNOWN_DURATION},
        {"FieldMask", "*s", WELL_KNOWN_FIELD_MASK},
        {"Struct", "*m", WELL_KNOWN_CONTENT},
        {"ListValue", "*m", WELL_KNOWN_CONTENT},
        {"Value", "|e|d|s|b|m|m", WELL_KNOWN_VALUE},
        {"DoubleValue", "d", WELL_KNOWN_CONTENT},
        {"FloatValue", "f", WELL_KNOWN_CONTENT},
        {"Int64Value", "l", WELL_KNOWN_CONTENT},
        {"UInt64Value", "u", WELL_KNOWN_CONTENT},
        {"Int32Value", "i", WELL_KNOWN_CONTENT},
        {"UInt32Value", "n", WELL_KNOWN_CONTENT},
        {"BoolValue", "b", WELL_KNOWN_CONTENT},
        {"StringValue", "s", WELL_KNOWN_CONTENT},
        {"BytesValue", "y", WELL_KNOWN_CONTENT},
    };
    const char *name = own_name(type->name);
    for (size_t i = 0; name && i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i].name) == 0 && has_fields(type, known[i].fields))
            return known[i].kind;
    return WELL_KNOWN_NONE;
}

bool well_known_is_null(const ProtobufCFieldDescriptor *field) {
    if (field->type != PROTOBUF_C_TYPE_ENUM)
        return false;
    const char *name = own_name(((const ProtobufCEnumDescriptor *)field->descriptor)->name);
    return name && strcmp(name, "NullValue") == 0;
}

bool well_known_takes_null(const ProtobufCFieldDescriptor *field) {
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return false;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return well_known_of(field->descriptor) == WELL_KNOWN_VALUE;
    return well_known_is_null(field);
}

/* ---- Field masks ---- */

static bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

static bool is_small(char c) { return c >= 'a' && c <= 'z'; }

/* By the mapping, a path must survive the way to lowerCamelCase and back; capitals and "_1" would
 * not. A comma separates paths. */
bool well_known_show_path(struct buffer *out, const char *path) {
    for (; *path; path++) {
        char c = *path;
        if (is_capital(c) || c == ',' || (c == '_' && !is_small(path[1])))
            return false;
        if (c == '_')
            c = (char)(*++path - 'a' + 'A');
        buffer_append(out, &c, 1);
    }
    return true;
}

/* The inverse: an underscore cannot come from lowerCamelCase. */
bool well_known_read_path(struct buffer *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        char small = (char)(text[i] - 'A' + 'a');
        if (text[i] == '_')
            return false;
        if (is_capital(text[i]))
            buffer_append(out, "_", 1);
        buffer_append(out, is_capital(text[i]) ? &small : &text[i], 1);
    }
    return true;
}
