/* The codec of each slot, from --codec and --schema or from the header of a record file. */
#ifndef CLI_RECORD_CODECS_H
#define CLI_RECORD_CODECS_H

#include "base/buffer.h"
#include "base/options.h"
#include "record_file.h"

#include <mailslot/registry.h>

/** The options --codec SPEC, --codec NAME=SPEC and --schema FILE, each as often as given. */
struct codec_choice {
    mailslot_registry *registry;
    const struct text_list *specs;
    struct buffer sets;        /* of all schemas */
    bool met[OPTION_LIST_MAX]; /* which specs name a slot that exists */
};

/** Loads the schemas and checks that all codecs exist. Reports errors; end with codec_choice_free()
 * in any case. */
enum status codec_choice_make(const struct verb *verb, const struct text_list *specs,
                              const struct text_list *schemas, struct codec_choice *choice);

void codec_choice_free(struct codec_choice *choice);

/** Notes that a slot of this name exists. */
void codec_choice_meet(struct codec_choice *choice, const char *name);

/** A NAME=SPEC whose slot does not exist; NULL if there is none. */
const char *codec_choice_unmet(const struct codec_choice *choice);

/** The spec for a slot: the last one given with its name, else the last one without a name; NULL if
 * none was given. */
const char *codec_choice_spec(const struct codec_choice *choice, const char *name);

/** Makes a header for slots of these names and appends the format entry and the header entry, with
 * the schemas that the codecs need. Reports errors. */
enum status record_codecs_header(struct buffer *out, const struct codec_choice *choice,
                                 char *const *names, size_t count);

/** Makes a registry of the schemas in a header. Errors as mailslot_protobuf_load(), with a
 * detail. */
MAILSLOT_MUST_USE mailslot_err record_codecs_registry(const record_header *header,
                                                      mailslot_registry **registry);

#endif
