/* google.protobuf's own messages that have a JSON form of their own. */
#ifndef CLI_WELL_KNOWN_H
#define CLI_WELL_KNOWN_H

#include "base/buffer.h"

#include <protobuf-c/protobuf-c.h>

#include <stdbool.h>
#include <stdint.h>

enum well_known {
    WELL_KNOWN_NONE,       /* a message like any other */
    WELL_KNOWN_ANY,        /* {"@type":URL,...}, see protobuf_any.h */
    WELL_KNOWN_TIMESTAMP,  /* "1972-01-01T10:00:20.021Z" */
    WELL_KNOWN_DURATION,   /* "1.000340012s" */
    WELL_KNOWN_FIELD_MASK, /* "user.displayName,photo" */
    WELL_KNOWN_CONTENT,    /* its only field's value: the wrappers, Struct and ListValue */
    WELL_KNOWN_VALUE,      /* whatever of JSON it holds */
};

/** Which of them a type is: by its name, and by its fields, which are as they should be then. */
enum well_known well_known_of(const ProtobufCMessageDescriptor *type);

/** Whether a field that is not repeated takes null for a value: Value and NullValue do. */
bool well_known_takes_null(const ProtobufCFieldDescriptor *field);

/** Whether it is the enum NullValue, which is null in JSON. */
bool well_known_is_null(const ProtobufCFieldDescriptor *field);

/** Fields of Value, by their place. */
enum { VALUE_NULL, VALUE_NUMBER, VALUE_STRING, VALUE_BOOL, VALUE_STRUCT, VALUE_LIST };

/** Appends a path of a FieldMask as it is in JSON, in lowerCamelCase, or len bytes of JSON as it is
 *  in a FieldMask; false if the other could not tell what it was. */
bool well_known_show_path(struct buffer *out, const char *path);
bool well_known_read_path(struct buffer *out, const char *text, size_t len);

#endif
