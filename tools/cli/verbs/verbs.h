/* What the tool can do: one verb, one file. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

struct verb {
    const char *name;
    const char *summary; /* one line for the program's --help */
    const char *help;    /* what the verb's --help prints */
    /** Gets what follows the verb; returns the exit status. argv may be reordered. */
    int (*run)(const struct verb *verb, int argc, char **argv);
};

extern const struct verb send_verb, listen_verb, trace_verb, info_verb, list_verb, top_verb,
    codecs_verb, fit_verb, record_verb, replay_verb, cat_verb, lookup_verb, hosts_verb, doctor_verb;

#endif
