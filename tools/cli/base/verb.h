/*
 * The table of a verb. Everything that names an option is made from it: the parser (options.h), the
 * verb's --help (help.h), and at build time the synopsis, options and exit statuses of the manual
 * page (tools/man/mdoc.h) and the bash completion (tools/completion/bash.h).
 *
 * Text in a table is plain English. A word in upper case that is the name of an operand or of an
 * option's argument, an option such as --json, and "'mailslot VERB --help'" are recognized; a
 * manual page shows them as such, and the last as a reference to the page of that verb.
 */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,   /* --name */
    OPTION_TEXT,   /* --name TEXT or --name=TEXT */
    OPTION_NUMBER, /* as OPTION_TEXT, a decimal from min to max */
    OPTION_LIST,   /* as OPTION_TEXT, but may be given up to OPTION_LIST_MAX times */
    OPTION_CHOICE, /* --name, --name WORD or --name=WORD, with one of the words; the first is what
                    * the name alone means */
};

/** How a shell completes an argument. */
enum completion {
    COMPLETE_NOTHING,
    COMPLETE_FILE,
    COMPLETE_SLOT,   /* the mailslots that there are */
    COMPLETE_CODEC,  /* what 'mailslot codecs' prints for the schemas in the line */
    COMPLETE_TYPE,   /* the message types among those */
    COMPLETE_SCHEMA, /* a file, which adds codecs and types to those of the line */
    COMPLETE_WORDS,  /* option_spec.words */
};

/** A word that an option takes, a key that a verb prints, or the like, and what it means. */
struct verb_word {
    const char *word; /* NULL ends a list */
    const char *help; /* NULL: the word says it */
};

/** An option. Members that do not apply are left zero. */
struct option_spec {
    const char *name;              /* as typed: "--codec", "-o"; NULL ends a table */
    enum option_kind kind;         /* what it takes and how often it may be given */
    const char *argument;          /* name of its value in texts: "FILE"; NULL for a flag */
    int64_t min, max;              /* of an OPTION_NUMBER */
    int64_t initial;               /* the number of an option that is not given; of an OPTION_CHOICE
                                    * the index of its word */
    const char *initial_text;      /* likewise of an OPTION_TEXT, if it has a default */
    enum completion completion;    /* of its value */
    const struct verb_word *words; /* that an OPTION_CHOICE takes, or COMPLETE_WORDS offers */
    const char *help;              /* a sentence in the imperative, without capital and full stop;
                                    * more sentences may follow. The default is added to it */
    const char *detail;            /* sentences that only the manual page has; or NULL */
};

/** What stands on the command line besides options. */
struct verb_operands {
    const char *name;           /* of the first, "NAME", for the error that it is missing */
    int min, max;               /* how many there may be */
    enum completion completion; /* of the first; of each if it is COMPLETE_FILE */
};

/** No limit for verb_operands.max. */
#define VERB_OPERANDS_ANY INT32_MAX

/** A list of keys or words under a line of text, such as the members that info prints. */
struct verb_list {
    const char *title; /* NULL ends an array of lists */
    const struct verb_word *words;
};

/** An exit status and when the verb ends with it. */
struct verb_status {
    int number;
    const char *when; /* NULL ends a list */
};

struct verb {
    const char *name;         /* NULL: the tool itself, whose table has --help too */
    const char *summary;      /* one line for the program's --help and the page's NAME */
    const char *const *usage; /* the operands, and options that must be given, of each form of
                               * the command line; every option that no form names may be
                               * added to each. Ends with NULL */
    struct verb_operands operands;
    const char *description;       /* paragraphs, with an empty line between */
    const struct verb_list *lists; /* that follow it; or NULL */
    const struct option_spec *options;
    const char *notes; /* paragraphs that follow the options; or NULL */
    const struct verb_status *statuses;
    /** Gets what follows the verb; returns the exit status. argv may be reordered. */
    int (*run)(const struct verb *verb, int argc, char **argv);
};

/** --help, which every verb takes without having it in its table. */
extern const struct option_spec verb_help_option;

/** A piece of text. */
struct word {
    const char *start;
    size_t len;
};

/** Whether no form of the command line names an option, so that it may be added to each. */
bool verb_option_is_free(const struct verb *verb, const char *option);

/** Takes the next word of a line of text, which may be 'several words' in quotes, and moves *text
 *  behind it. Returns false, with nothing taken, at the end of the line. */
bool verb_next_word(const char **text, struct word *word);

/** Appends an option's help with the words that it takes, if they have no help of their own, and
 *  its default. A NUL follows the text. */
void verb_append_option_help(struct buffer *out, const struct option_spec *option);

#endif
