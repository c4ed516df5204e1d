/* JSON texts, read into json-c values and written from them. */
#ifndef CLI_JSON_TEXT_H
#define CLI_JSON_TEXT_H

#include "base/buffer.h"
#include "value.h"

/** Reads one JSON text, checked with json_check(), into *value (NULL for null), to be released
 *  with json_object_put(). A NUL must follow the text. BAD_VALUE. */
MAILSLOT_MUST_USE mailslot_err json_read(const char *text, size_t len, struct json_object **value);

/** Appends value as compact JSON, without a newline. */
void json_write(struct buffer *out, struct json_object *value);

/** Appends value as a line of JSON for standard output: if that is a terminal, what it would obey
 * is escaped in strings (utf8_escape_json()). */
void json_write_line(struct buffer *out, struct json_object *value);

#endif
