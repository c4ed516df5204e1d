/* How values look outside: what they are made from when sent, and shown as when they arrive. */
#ifndef CLI_FORMS_H
#define CLI_FORMS_H

#include "options.h"

#include <json-c/json.h>
#include <mailslot/registry.h>

/** The outside of a codec: bytes as they are, or JSON. */
struct form;

/** Makes a registry of what the tool knows: the built-in codecs and trace.Event. */
MAILSLOT_MUST_USE mailslot_err forms_registry(mailslot_registry **registry);

/** Makes that registry and finds in it the codec that --codec names, text if it was not given.
 *  What fails is reported. */
enum status forms_find(const struct verb *verb, const struct option *codec_option,
                       mailslot_registry **registry, const mailslot_codec **codec);

/** The form of a codec from forms_registry(). */
const struct form *form_of(const mailslot_codec *codec);

/** Whether the form is JSON. */
bool form_is_json(const struct form *form);

/** Puts the value that len bytes of text, which a NUL follows, stand for in the slot's form. Errors
 *  as mailslot_put(). */
MAILSLOT_MUST_USE mailslot_err form_put(const struct form *form, mailslot *slot, const char *text,
                                        size_t len);

/** Makes the JSON of a decoded record's value, to be released with json_object_put(). BAD_MESSAGE:
 *  the value cannot be shown as JSON. */
MAILSLOT_MUST_USE mailslot_err form_to_json(const struct form *form, const mailslot_record *record,
                                            struct json_object **json);

/** {"$bin":"<base64>"} */
struct json_object *json_binary(mailslot_bytes bytes);

/** Bytes as a JSON string, or as json_binary() if they are not UTF-8. */
struct json_object *json_text(mailslot_bytes bytes);

#endif
