/* The newest message of a slot, decoded, as top shows it. */
#ifndef CLI_TOP_NEWEST_H
#define CLI_TOP_NEWEST_H

#include "recording/record_codecs.h"

#include <json-c/json.h>

/** Which slots have which codec. End with top_newest_free(). */
struct top_newest {
    struct codec_choice choice;
    mailslot_record *record;
};

/** Finds the codecs of --codec and --schema. Reports what fails. */
enum status top_newest_make(const struct verb *verb, const struct text_list *specs,
                            const struct text_list *schemas, struct top_newest *newest);

/** {"time_ns":N,"size":N,"value":...}, with "error":"BAD_MESSAGE" or the like in place of the value
 *  if it does not decode; NULL if there is no message, or no codec for that slot. To be released
 *  with json_object_put(). Takes nothing. */
struct json_object *top_newest_look(const struct top_newest *newest, const char *name);

/** Appends its value, or its error, as text of one line. */
void top_newest_append(struct buffer *out, struct json_object *message);

void top_newest_free(struct top_newest *newest);

#endif
