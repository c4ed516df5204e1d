/*
 * The command line of a verb, read by its table: options anywhere before "--", each at most once
 * unless it is a list, and operands.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "report.h"
#include "verb.h"

enum { OPTION_LIST_MAX = 64 };

/** The values of an OPTION_LIST, as given. */
struct text_list {
    const char *items[OPTION_LIST_MAX];
    size_t count;
};

/** What the command line says of one option. Texts are those of argv or of the table. */
struct option {
    const char *name; /* as in the table */
    bool given;
    const char *text;      /* the value, or the default; NULL if there is neither */
    int64_t number;        /* of an OPTION_NUMBER; of an OPTION_CHOICE the index of the word */
    struct text_list list; /* of an OPTION_LIST */
};

/** What remains are operands: pointers into argv. */
struct arguments {
    char **items;
    int count;
};

/**
 * Reads a command line. options has an element for each option of the verb's table, in its order.
 * Reports what is wrong with STATUS_USAGE, and prints the verb's help if --help or -h is met.
 * Returns whether the verb is to go on; otherwise *status is what to end with.
 */
bool options_parse(const struct verb *verb, int argc, char **argv, struct option *options,
                   struct arguments *operands, enum status *status);

#endif
