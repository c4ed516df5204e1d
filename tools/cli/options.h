/* The command line of a verb: options anywhere before "--", each at most once, and arguments. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "report.h"
#include "verbs.h"

#include <stdint.h>

enum option_kind {
    OPTION_FLAG,   /* --name */
    OPTION_TEXT,   /* --name TEXT or --name=TEXT */
    OPTION_NUMBER, /* as OPTION_TEXT, decimal, from min to max */
};

struct option {
    const char *name; /* with its dashes */
    enum option_kind kind;
    int64_t min, max;
    bool given;       /* out */
    const char *text; /* out: the value as given */
    int64_t number;   /* out; what it is here before stays if the option is not given */
};

/** What remains are arguments: pointers into argv. */
struct arguments {
    char **items;
    int count;
};

/** Whether the verb is to go on; otherwise *status is what to end with. */
bool options_read(const struct verb *verb, int argc, char **argv, struct option *options,
                  size_t option_count, struct arguments *arguments, enum status *status);

#endif
