/* Reads checked JSON text into json-c values and writes them back. */
#include "text.h"

#include "base/utf8.h"
#include "check.h"
#include "platform/platform.h"

#include <mailslot/codec.h>

#include <limits.h>

static mailslot_err json_parse(const char *text, size_t len, struct json_object **value) {
    mailslot_err err = MAILSLOT_OK;
    struct json_tokener *tokener = json_made(json_tokener_new_ex(TEXT_NESTING_MAX + 1));
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    /* With the NUL, which ends a number that ends the text. */
    *value = json_tokener_parse_ex(tokener, text, (int)len + 1);
    enum json_tokener_error error = json_tokener_get_error(tokener);
    if (error != json_tokener_success)
        err = mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "not valid JSON: %s",
                            json_tokener_error_desc(error));
    json_tokener_free(tokener);
    return err;
}

mailslot_err json_read(const char *text, size_t len, struct json_object **value) {
    *value = NULL;
    if (len >= INT_MAX / 2)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "JSON of more than %d bytes", INT_MAX / 2 - 1);
    struct buffer rewritten = {0};
    mailslot_err err = json_check(text, len, &rewritten);
    if (!err && rewritten.len)
        err = json_parse(rewritten.data, rewritten.len - 1, value);
    else if (!err)
        err = json_parse(text, len, value);
    buffer_free(&rewritten);
    return err;
}

void json_write(struct buffer *out, struct json_object *value) {
    size_t len;
    const char *text = json_made((void *)json_object_to_json_string_length(
        value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len));
    buffer_append(out, text, len);
}

void json_write_line(struct buffer *out, struct json_object *value) {
    size_t before = out->len;
    json_write(out, value);
    if (platform_output_is_terminal())
        utf8_escape_json(out, before);
    buffer_append_text(out, "\n");
}
