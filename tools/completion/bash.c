/* Writes the tables of verbs as bash functions. Names of verbs and options, and words, are letters,
 * digits and dashes, which bash takes as they are. */
#include "bash.h"

#include <string.h>

static void append_all(struct buffer *out, const char *const *texts) {
    for (; *texts; texts++)
        buffer_append_text(out, *texts);
}

#define APPEND(out, ...) append_all((out), (const char *const[]){__VA_ARGS__, NULL})

static void append_option_names(struct buffer *out, const struct verb *verb) {
    for (const struct option_spec *option = verb->options; option->name; option++)
        APPEND(out, " ", option->name);
}

/* ---- Verbs ---- */

static void append_verbs(struct buffer *out, const struct verb *tool,
                         const struct verb *const *verbs) {
    APPEND(out, "_mailslot_verbs() {\n    printf '%s\\n'");
    for (; *verbs; verbs++)
        APPEND(out, " ", (*verbs)->name);
    append_option_names(out, tool);
    APPEND(out, "\n}\n\n");
}

static void append_options(struct buffer *out, const struct verb *const *verbs) {
    APPEND(out, "_mailslot_options() {\n    case $1 in\n");
    for (; *verbs; verbs++) {
        APPEND(out, "    ", (*verbs)->name, ") printf '%s\\n'");
        append_option_names(out, *verbs);
        APPEND(out, " ", verb_help_option.name, " ;;\n");
    }
    APPEND(out, "    esac\n}\n\n");
}

/* ---- Values ---- */

static const char *const completions[] = {
    [COMPLETE_NOTHING] = "nothing", [COMPLETE_FILE] = "file", [COMPLETE_SLOT] = "slot",
    [COMPLETE_CODEC] = "codec",     [COMPLETE_TYPE] = "type", [COMPLETE_SCHEMA] = "schema",
    [COMPLETE_WORDS] = "words",
};

static void append_words(struct buffer *out, const struct option_spec *option) {
    const char *before = " words='";
    for (const struct verb_word *word = option->words; word && word->word; word++) {
        APPEND(out, before, word->word);
        before = " ";
    }
    APPEND(out, option->words ? "'" : "");
}

/* An OPTION_CHOICE has no value of its own behind a space: the name alone means something too. */
static void append_value(struct buffer *out, const struct verb *verb,
                         const struct option_spec *option) {
    if (option->kind == OPTION_FLAG)
        return;
    APPEND(out, "    ", verb->name, option->name, ") kind='", completions[option->completion], "'");
    append_words(out, option);
    APPEND(out, option->kind == OPTION_CHOICE ? "" : " waits=1");
    APPEND(out, option->kind == OPTION_LIST ? " again=1 ;;\n" : " ;;\n");
}

static void append_values(struct buffer *out, const struct verb *const *verbs) {
    APPEND(out, "_mailslot_describe() {\n"
                "    kind='' words='' waits='' again=''\n"
                "    case $1$2 in\n");
    for (; *verbs; verbs++)
        for (const struct option_spec *option = (*verbs)->options; option->name; option++)
            append_value(out, *verbs, option);
    APPEND(out, "    esac\n}\n\n");
}

static void append_operands(struct buffer *out, const struct verb *const *verbs) {
    APPEND(out, "_mailslot_operand_kind() {\n    kind=''\n    case $1:$2 in\n");
    for (; *verbs; verbs++) {
        enum completion completion = (*verbs)->operands.completion;
        const char *which = completion == COMPLETE_FILE ? ":*) kind='" : ":0) kind='";
        if (completion != COMPLETE_NOTHING)
            APPEND(out, "    ", (*verbs)->name, which, completions[completion], "' ;;\n");
    }
    APPEND(out, "    esac\n}\n");
}

void bash_append_tables(struct buffer *out, const struct verb *tool,
                        const struct verb *const *verbs) {
    APPEND(out, "# Prints the verbs, and the options that may stand in their place.\n");
    append_verbs(out, tool, verbs);
    APPEND(out, "# Prints the options of verb $1.\n");
    append_options(out, verbs);
    APPEND(out,
           "# Tells of option $2 of verb $1: the kind of its value, the words it may be, whether "
           "the next\n# word is the value, and whether it may be given again.\n");
    append_values(out, verbs);
    APPEND(out, "# Stores in kind what operand $2 of verb $1, counted from 0, is.\n");
    append_operands(out, verbs);
}

bool bash_append_completion(struct buffer *out, const struct verb *tool,
                            const struct verb *const *verbs, const char *template) {
    static const char marker[] = "# @TABLES@\n";
    const char *found = strstr(template, marker);
    if (!found)
        return false;
    buffer_append(out, template, (size_t)(found - template));
    bash_append_tables(out, tool, verbs);
    buffer_append_text(out, found + strlen(marker));
    return true;
}
