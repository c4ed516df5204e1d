/* The verbs of the tool, each in a file of its name. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "base/verb.h"

extern const struct verb send_verb, listen_verb, trace_verb, info_verb, list_verb, top_verb,
    codecs_verb, fit_verb, record_verb, replay_verb, cat_verb, lookup_verb, hosts_verb, doctor_verb;

/** All verbs, in the order in which they are shown; NULL at the end. */
extern const struct verb *const verbs[];

/** The tool's own command line, which has no name and does not run: the usage, options and exit
 *  statuses of its --help and of its manual page. */
extern const struct verb tool_verb;

#endif
