/* The newest message of each slot, decoded with the codec that --codec names for it. */
#include "newest.h"

#include "output/output.h"
#include "output/text_codec.h"
#include "json/text.h"

#include <string.h>

enum status top_newest_make(const struct verb *verb, const struct text_list *specs,
                            const struct text_list *schemas, struct top_newest *newest) {
    newest->record = NULL;
    enum status status = codec_choice_make(verb, specs, schemas, &newest->choice);
    if (status)
        return status;
    mailslot_err err = mailslot_record_new(&newest->record);
    return err ? report_failure(err) : STATUS_DONE;
}

void top_newest_free(struct top_newest *newest) {
    mailslot_record_free(newest->record);
    codec_choice_free(&newest->choice);
}

static struct json_object *top_newest_to_json(const mailslot_record *record,
                                              const struct text_codec *text_codec,
                                              mailslot_err err) {
    uint64_t size = mailslot_record_bytes(record).len;
    uint64_t time_ns = mailslot_record_origin(record)->arrival_ns;
    struct json_object *json = json_made(json_object_new_object()), *value = NULL;
    json_add(json, "time_ns", json_made(json_object_new_uint64(time_ns)));
    json_add(json, "size", json_made(json_object_new_uint64(size)));
    if (!err)
        err = text_codec_to_json(text_codec, record, &value);
    const char *error = mailslot_errname(err);
    if (err)
        json_add(json, "error", json_words(error));
    else
        json_add(json, "value", value);
    return json;
}

struct json_object *top_newest_look(const struct top_newest *newest, const char *name) {
    const char *spec = codec_choice_spec(&newest->choice, name);
    const mailslot_codec *codec;
    if (!spec || mailslot_registry_find(newest->choice.registry, spec, &codec))
        return NULL;
    mailslot_err err = mailslot_peek(name, codec, newest->record);
    if (err && !output_is_undecodable(err))
        return NULL;
    const struct text_codec text_codec = text_codec_of(newest->choice.registry, codec);
    return top_newest_to_json(newest->record, &text_codec, err);
}

void top_newest_append(struct buffer *out, struct json_object *message) {
    struct json_object *shown;
    if (json_object_object_get_ex(message, "value", &shown))
        json_write(out, shown);
    else if (json_object_object_get_ex(message, "error", &shown))
        buffer_append_text(out, json_scalar_text(shown));
}
