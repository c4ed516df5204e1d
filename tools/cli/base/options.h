/* The command line of a verb: options anywhere before "--", each at most once unless it is a list,
 * and arguments. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "report.h"
#include "verbs/verbs.h"

#include <stdint.h>

enum option_kind {
    OPTION_FLAG,   /* --name */
    OPTION_TEXT,   /* --name TEXT or --name=TEXT */
    OPTION_NUMBER, /* as OPTION_TEXT, decimal, from min to max */
    OPTION_LIST,   /* as OPTION_TEXT, but may be given up to OPTION_LIST_MAX times */
    OPTION_CHOICE, /* --name, --name WORD or --name=WORD, with one of the choices for a WORD */
};

enum { OPTION_LIST_MAX = 64 };

/** The values of an OPTION_LIST, as given. */
struct text_list {
    const char *items[OPTION_LIST_MAX];
    size_t count;
};

struct option {
    const char *name; /* with its dashes */
    enum option_kind kind;
    int64_t min, max;
    bool given;             /* out */
    const char *text;       /* out: the value as given */
    int64_t number;         /* out; what it is here before stays if the option is not given */
    struct text_list *list; /* of an OPTION_LIST: where its values go */
    /* Of an OPTION_CHOICE, with NULL at the end: the first is what the name alone stands for.
     * number is which was given. */
    const char *const *choices;
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
