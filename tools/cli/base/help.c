/* Lays a verb's table out as the text that --help prints. */
#include "help.h"

#include <stdio.h>
#include <string.h>

/* Columns of text, and the widest a list's left column may be: a longer word has its own line. */
enum { HELP_WIDTH = 80, HELP_LABEL_MAX = 28 };

static void help_append_spaces(struct buffer *out, size_t count) {
    while (count--)
        buffer_append_text(out, " ");
}

/* Fills lines with the words of one line of text. The first begins at column `at`, the others are
 * indented. Returns with a newline appended. */
static void help_fill(struct buffer *out, size_t at, size_t indent, const char **text) {
    struct word word;
    bool first = true;
    for (; verb_next_word(text, &word); first = false) {
        if (!first && at + 1 + word.len > HELP_WIDTH) {
            buffer_append_text(out, "\n");
            help_append_spaces(out, indent);
            at = indent;
        } else if (!first) {
            buffer_append_text(out, " ");
            at++;
        }
        buffer_append(out, word.start, word.len);
        at += word.len;
    }
    buffer_append_text(out, "\n");
}

void help_append_text(struct buffer *out, const char *text) {
    while (*text) {
        size_t len = strcspn(text, "\n");
        /* Indented lines are examples and keep their line breaks. */
        if (strncmp(text, "  ", 2) == 0) {
            buffer_append(out, text, len);
            buffer_append_text(out, "\n");
            text += len;
        } else {
            help_fill(out, 0, 0, &text);
        }
        text += *text == '\n';
    }
}

/* A label at column `left` and its text at `column`, below the label if that is too wide. */
static void help_append_row(struct buffer *out, size_t left, const char *label, size_t column,
                            const char *text) {
    size_t at = left + strlen(label);
    help_append_spaces(out, left);
    buffer_append_text(out, label);
    if (!text) {
        buffer_append_text(out, "\n");
        return;
    }
    /* Two spaces at least separate label and text. */
    if (at + 2 > column) {
        buffer_append_text(out, "\n");
        at = 0;
    }
    help_append_spaces(out, column - at);
    help_fill(out, column, column, &text);
}

static size_t help_widest(const struct verb_word *words) {
    size_t widest = 0;
    for (; words->word; words++) {
        size_t len = strlen(words->word);
        widest = len > widest && len <= HELP_LABEL_MAX ? len : widest;
    }
    return widest;
}

void help_append_words(struct buffer *out, const struct verb_word *words) {
    size_t column = 2 + help_widest(words) + 2;
    for (; words->word; words++)
        help_append_row(out, 2, words->word, column, words->help);
}

/* ---- Options ---- */

enum { LABEL_SIZE = 64 };

/* "--codec SPEC", or "--color[=WHEN]" where the value may be left out. */
static void help_label(char label[LABEL_SIZE], const struct option_spec *option) {
    const char *format = option->kind == OPTION_CHOICE ? "%s [%s]" : "%s %s";
    if (option->argument)
        snprintf(label, LABEL_SIZE, format, option->name, option->argument);
    else
        snprintf(label, LABEL_SIZE, "%s", option->name);
}

static size_t help_option_column(const struct verb *verb) {
    size_t widest = strlen(verb_help_option.name);
    char label[LABEL_SIZE];
    for (const struct option_spec *option = verb->options; option->name; option++) {
        help_label(label, option);
        widest = strlen(label) > widest ? strlen(label) : widest;
    }
    return 2 + widest + 2;
}

static void help_append_option(struct buffer *out, const struct option_spec *option,
                               size_t column) {
    char label[LABEL_SIZE];
    struct buffer text = {0};
    help_label(label, option);
    verb_append_option_help(&text, option);
    help_append_row(out, 2, label, column, text.data);
    buffer_free(&text);
    /* Words without explanation are part of the help text, by verb_append_option_help(). */
    if (!option->words || !option->words[0].help)
        return;
    for (const struct verb_word *word = option->words; word->word; word++) {
        snprintf(label, sizeof label, "%s:", word->word);
        help_append_row(out, column, label, column + help_widest(option->words) + 3, word->help);
    }
}

static void help_append_options(struct buffer *out, const struct verb *verb) {
    size_t column = help_option_column(verb);
    buffer_append_text(out, "\n");
    for (const struct option_spec *option = verb->options; option->name; option++)
        help_append_option(out, option, column);
    if (verb->name)
        help_append_option(out, &verb_help_option, column);
}

/* ---- All of it ---- */

static bool help_has_free_options(const struct verb *verb) {
    for (const struct option_spec *option = verb->options; option->name; option++)
        if (verb_option_is_free(verb, option->name))
            return true;
    return false;
}

static void help_append_usage(struct buffer *out, const struct verb *verb) {
    const char *before = "usage: ";
    for (const char *const *usage = verb->usage; *usage; usage++) {
        buffer_append_text(out, before);
        buffer_append_text(out, "mailslot");
        buffer_append_text(out, verb->name ? " " : "");
        buffer_append_text(out, verb->name ? verb->name : "");
        buffer_append_text(out, **usage ? " " : "");
        buffer_append_text(out, *usage);
        buffer_append_text(out, help_has_free_options(verb) ? " [OPTION...]\n" : "\n");
        before = "       ";
    }
}

static void help_append_statuses(struct buffer *out, const struct verb_status *status) {
    buffer_append_text(out, "\nExit status:\n");
    for (; status->when; status++) {
        char label[LABEL_SIZE];
        snprintf(label, sizeof label, "%d", status->number);
        help_append_row(out, 2, label, strlen("  0  "), status->when);
    }
}

static void help_append_paragraphs(struct buffer *out, const char *text) {
    buffer_append_text(out, "\n");
    help_append_text(out, text);
}

void help_append_verb(struct buffer *out, const struct verb *verb) {
    help_append_usage(out, verb);
    help_append_paragraphs(out, verb->description);
    for (const struct verb_list *list = verb->lists; list && list->title; list++) {
        help_append_paragraphs(out, list->title);
        help_append_words(out, list->words);
    }
    help_append_options(out, verb);
    if (verb->notes)
        help_append_paragraphs(out, verb->notes);
    help_append_statuses(out, verb->statuses);
}

enum status help_print(const struct verb *verb) {
    struct buffer text = {0};
    help_append_verb(&text, verb);
    enum status status = output_whole(text.data, text.len);
    buffer_free(&text);
    return status;
}
