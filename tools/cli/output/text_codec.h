/* Values as text: how the tool encodes text into a message, and how it prints a message. */
#ifndef CLI_TEXT_CODEC_H
#define CLI_TEXT_CODEC_H

#include "base/buffer.h"
#include "base/options.h"

#include <json-c/json.h>
#include <mailslot/registry.h>

/** How a codec's values are written as text: as plain bytes or as JSON. Made by text_codec_of(). */
struct text_codec {
    const struct text_form *form;
    const mailslot_registry *types; /* has the types of what an Any contains */
};

/** Makes a registry of the built-in codecs, the types of the schemas (see schemas_load()) and,
 * unless a schema declares it, trace.Event. Reports errors. */
enum status text_codec_registry(const struct text_list *schemas, mailslot_registry **registry);

/** As text_codec_registry(), but loads MAILSLOT_SCHEMA_PATH only if with_path; appends the
 * descriptor sets of all schemas to sets, which may be NULL. */
enum status text_codec_registry_and_sets(const struct text_list *schemas, bool with_path,
                                         struct buffer *sets, mailslot_registry **registry);

/** Whether the type of a codec's spec may come from a schema. */
bool text_codec_needs_schema(const char *spec);

/** Makes such a registry and finds in it the codec that --codec names, or text without --codec.
 * MAILSLOT_SCHEMA_PATH is loaded only if the codec needs a schema. Reports errors. */
enum status text_codec_find(const struct verb *verb, const struct option *codec_option,
                            const struct text_list *schemas, mailslot_registry **registry,
                            const mailslot_codec **codec);

/** The text codec of a codec from text_codec_registry(); registry must outlive its use. */
struct text_codec text_codec_of(const mailslot_registry *registry, const mailslot_codec *codec);

/** Whether its texts are JSON. */
bool text_codec_is_json(const struct text_codec *text_codec);

/** Whether its values are trace.Event as event.h knows it. */
bool text_codec_is_event(const struct text_codec *text_codec);

/** Encodes len bytes of text, which a NUL follows, and puts the message. Errors as
 * mailslot_put(). */
MAILSLOT_MUST_USE mailslot_err text_codec_put(const struct text_codec *text_codec, mailslot *slot,
                                              const char *text, size_t len);

/** Makes the JSON of a decoded record's value, to be released with json_object_put(). BAD_MESSAGE:
 *  the value cannot be shown as JSON. */
MAILSLOT_MUST_USE mailslot_err text_codec_to_json(const struct text_codec *text_codec,
                                                  const mailslot_record *record,
                                                  struct json_object **json);

#endif
