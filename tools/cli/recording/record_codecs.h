/* The codec of each slot, from --codec and --schema or from the header of a record file. */
#ifndef CLI_RECORD_CODECS_H
#define CLI_RECORD_CODECS_H

#include "base/buffer.h"
#include "base/options.h"
#include "record_file.h"

#include <mailslot/registry.h>

/** What --codec SPEC, --codec NAME=SPEC and --schema F say, each as often as given. */
struct codec_choice {
    mailslot_registry *registry;
    const struct text_list *specs;
    struct buffer sets;        /* of all schemas */
    bool met[OPTION_LIST_MAX]; /* which specs are for a slot that there is */
};

/** Loads the schemas and looks whether all codecs exist. Reports what fails; end with
 *  codec_choice_free() in any case. */
enum status codec_choice_make(const struct verb *verb, const struct text_list *specs,
                              const struct text_list *schemas, struct codec_choice *choice);

void codec_choice_free(struct codec_choice *choice);

/** Tells that there is a slot of this name. */
void codec_choice_meet(struct codec_choice *choice, const char *name);

/** A NAME=SPEC that is for none of the slots that there are; NULL: there is none. */
const char *codec_choice_unmet(const struct codec_choice *choice);

/** The spec for a slot, the last one that was given for its name, or else the last one for all;
 *  NULL: none was. */
const char *codec_choice_spec(const struct codec_choice *choice, const char *name);

/** Makes a header for slots of these names and appends its entry, with the schemas that the codecs
 *  need, behind that of the format. Reports what fails. */
enum status record_codecs_header(struct buffer *out, const struct codec_choice *choice,
                                 char *const *names, size_t count);

/** Makes a registry of what a header brings along. What is wrong with it is the detail. */
MAILSLOT_MUST_USE mailslot_err record_codecs_registry(const record_header *header,
                                                      mailslot_registry **registry);

#endif
