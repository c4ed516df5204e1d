/* What the parser, the help and the makers of pages and completion ask of a verb's table. */
#include "verb.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct option_spec verb_help_option = {.name = "--help", .help = "print this help and exit"};

/* As a whole word: --slot is not named by --slots. */
static bool usage_names(const char *usage, const char *option) {
    size_t len = strlen(option);
    for (const char *found = strstr(usage, option); found; found = strstr(found + 1, option)) {
        bool begins = found == usage || found[-1] == ' ';
        if (begins && (found[len] == ' ' || found[len] == '\0'))
            return true;
    }
    return false;
}

bool verb_option_is_free(const struct verb *verb, const char *option) {
    for (const char *const *usage = verb->usage; *usage; usage++)
        if (usage_names(*usage, option))
            return false;
    return true;
}

bool verb_next_word(const char **text, struct word *word) {
    *text += strspn(*text, " ");
    word->start = *text;
    word->len = strcspn(*text, " \n");
    /* A command in quotes, such as 'mailslot info', is not broken across lines. */
    if (**text == '\'') {
        const char *end = strchr(*text + 1, '\'');
        size_t quoted = end ? (size_t)(end - *text) : 0;
        if (quoted > word->len)
            word->len = quoted + strcspn(end, " \n");
    }
    *text += word->len;
    return word->len > 0;
}

/* "a, b or c" of words that need no explanation. */
static void verb_append_choices(struct buffer *out, const struct verb_word *words) {
    for (size_t i = 0; words[i].word; i++) {
        if (i)
            buffer_append_text(out, words[i + 1].word ? ", " : " or ");
        else
            buffer_append_text(out, ": ");
        buffer_append_text(out, words[i].word);
    }
}

/* What holds if the option is not given; NULL: nothing that is worth a word. */
static const char *verb_option_default(const struct option_spec *option, char *text, size_t size) {
    if (option->kind == OPTION_TEXT)
        return option->initial_text;
    if (option->kind == OPTION_CHOICE)
        return option->words[option->initial].word;
    if (option->kind != OPTION_NUMBER || option->initial < option->min)
        return NULL;
    snprintf(text, size, "%" PRId64, option->initial);
    return text;
}

void verb_append_option_help(struct buffer *out, const struct option_spec *option) {
    char number[24];
    const char *preset = verb_option_default(option, number, sizeof number);
    buffer_append_text(out, option->help);
    if (option->words && !option->words[0].help)
        verb_append_choices(out, option->words);
    if (preset) {
        buffer_append_text(out, " (default: ");
        buffer_append_text(out, preset);
        buffer_append_text(out, ")");
    }
    buffer_append(out, "", 1);
    out->len--; /* a NUL follows */
}
