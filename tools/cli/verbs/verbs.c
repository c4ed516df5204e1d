/* The list of the verbs, for the tool and for the programs that make documents from their tables.
 */
#include "verbs.h"

#include "base/report.h"

/* Those for everyday use first: --help and mailslot(1) keep this order. */
const struct verb *const verbs[] = {&send_verb,   &listen_verb, &trace_verb,  &info_verb,
                                    &list_verb,   &top_verb,    &codecs_verb, &fit_verb,
                                    &record_verb, &replay_verb, &cat_verb,    &lookup_verb,
                                    &hosts_verb,  &doctor_verb, NULL};

static const struct option_spec tool_options[] = {
    {.name = "--help", .help = "print this help, or that of VERB, and exit"},
    {.name = "--version", .help = "print the version and exit"},
    {.name = NULL},
};

static const struct verb_status tool_statuses[] = {
    {STATUS_DONE, "success"},
    {STATUS_ERROR, "error"},
    {STATUS_USAGE, "invalid command line"},
    {STATUS_FEWER, "fewer messages than requested arrived before the timeout"},
    {STATUS_TOO_BIG, "a message is too big"},
    {STATUS_NO_SLOT, "no such mailslot, or its reader has closed it"},
    {0, NULL},
};

const struct verb tool_verb = {
    .summary = "send, receive and inspect mailslot messages",
    .usage =
        (const char *const[]){"VERB [ARGUMENT...]", "VERB --help", "--help", "--version", NULL},
    .description = "Mailslots are named, one-way queues of small messages.",
    .options = tool_options,
    .statuses = tool_statuses,
};
