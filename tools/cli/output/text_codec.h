/* How values look outside: what they are made from when sent, and shown as when they arrive. */
#ifndef CLI_FORMS_H
#define CLI_FORMS_H

#include "base/buffer.h"
#include "base/options.h"

#include <json-c/json.h>
#include <mailslot/registry.h>

/** The outside of a codec: bytes as they are, or JSON. */
struct form;

/** Makes a registry of what the tool knows: the built-in codecs, the types of the schemas (see
 *  schemas_load()) and, unless they have it, trace.Event. What fails is reported. */
enum status forms_registry(const struct text_list *schemas, mailslot_registry **registry);

/** As forms_registry(), but with what MAILSLOT_SCHEMA_PATH names only if with_path; appends the
 *  descriptor sets of all schemas to sets, which may be NULL. */
enum status forms_registry_and_sets(const struct text_list *schemas, bool with_path,
                                    struct buffer *sets, mailslot_registry **registry);

/** Whether a codec's spec is one whose type a schema may have. */
bool forms_needs_schema(const char *spec);

/** Makes that registry, for a codec that needs none without what MAILSLOT_SCHEMA_PATH names, and
 *  finds in it the codec that --codec names, text if it was not given. What fails is reported. */
enum status forms_find(const struct verb *verb, const struct option *codec_option,
                       const struct text_list *schemas, mailslot_registry **registry,
                       const mailslot_codec **codec);

/** The form of a codec from forms_registry(). */
const struct form *form_of(const mailslot_codec *codec);

/** Whether the form is JSON. */
bool form_is_json(const struct form *form);

/** Whether the form is that of trace.Event as event.h knows it. */
bool form_is_event(const struct form *form);

/** Puts the value that len bytes of text, which a NUL follows, stand for in the slot's form. Errors
 *  as mailslot_put(). */
MAILSLOT_MUST_USE mailslot_err form_put(const struct form *form, mailslot *slot, const char *text,
                                        size_t len);

/** Makes the JSON of a decoded record's value, to be released with json_object_put(). BAD_MESSAGE:
 *  the value cannot be shown as JSON. */
MAILSLOT_MUST_USE mailslot_err form_to_json(const struct form *form, const mailslot_record *record,
                                            struct json_object **json);

#endif
