/* Lays a verb's table out as the parts of a manual page. */
#include "mdoc.h"

#include "mdoc_text.h"

#include <stdio.h>
#include <string.h>

/* ---- Parts of a page ---- */

static const char *dashed_name(const struct verb *verb, char name[64]) {
    snprintf(name, 64, "mailslot%s%s", verb->name ? "-" : "", verb->name ? verb->name : "");
    return name;
}

void mdoc_append_name(struct buffer *out, const struct verb *verb) {
    char name[64];
    buffer_append_text(out, ".Sh NAME\n.Nm ");
    buffer_append_text(out, dashed_name(verb, name));
    buffer_append_text(out, "\n.Nd ");
    buffer_append_text(out, verb->summary);
    buffer_append_text(out, "\n");
}

/* "Fl -codec Ar spec", behind a space. */
static void append_option(struct buffer *out, const struct option_spec *option) {
    mdoc_append_flag(out, option->name, strlen(option->name));
    if (option->argument && option->kind == OPTION_CHOICE)
        buffer_append_text(out, " Op");
    if (option->argument)
        mdoc_append_argument(out, option->argument, strlen(option->argument));
}

/* Each word of a form of the command line on a line of its own. */
static void append_usage(struct buffer *out, const char *usage) {
    struct word word;
    while (verb_next_word(&usage, &word)) {
        struct buffer line = {0};
        if (*word.start == '-')
            mdoc_append_flag(&line, word.start, word.len);
        else
            mdoc_append_argument(&line, word.start, word.len);
        buffer_append_text(out, ".");
        buffer_append(out, line.data + 1, line.len - 1); /* without the space in front */
        buffer_append_text(out, "\n");
        buffer_free(&line);
    }
}

void mdoc_append_synopsis(struct buffer *out, const struct verb *verb) {
    buffer_append_text(out, ".Sh SYNOPSIS\n");
    for (const char *const *usage = verb->usage; *usage; usage++) {
        buffer_append_text(out, ".Nm mailslot");
        buffer_append_text(out, verb->name ? " " : "");
        buffer_append_text(out, verb->name ? verb->name : "");
        buffer_append_text(out, "\n");
        append_usage(out, *usage);
        for (const struct option_spec *option = verb->options; option->name; option++) {
            if (!verb_option_is_free(verb, option->name))
                continue;
            buffer_append_text(out, ".Op");
            append_option(out, option);
            buffer_append_text(out, option->kind == OPTION_LIST ? " ...\n" : "\n");
        }
    }
}

static void append_words(struct buffer *out, const struct verb *verb, const char *macro,
                         const struct verb_word *words) {
    for (; words->word; words++) {
        buffer_append_text(out, ".It ");
        buffer_append_text(out, macro);
        mdoc_append_escaped(out, words->word, strlen(words->word));
        buffer_append_text(out, "\n");
        if (words->help)
            mdoc_append_text(out, verb, words->help);
    }
}

static void append_option_item(struct buffer *out, const struct verb *verb,
                               const struct option_spec *option) {
    struct buffer help = {0};
    buffer_append_text(out, ".It");
    append_option(out, option);
    buffer_append_text(out, "\n");
    verb_append_option_help(&help, option);
    mdoc_append_text(out, verb, help.data);
    buffer_free(&help);
    if (option->detail)
        mdoc_append_text(out, verb, option->detail);
    if (!option->words || !option->words[0].help)
        return;
    buffer_append_text(out, ".Bl -tag -width always -compact\n");
    append_words(out, verb, "Cm ", option->words);
    buffer_append_text(out, ".El\n");
}

void mdoc_append_options(struct buffer *out, const struct verb *verb) {
    buffer_append_text(out, ".Pp\nThe options are:\n.Bl -tag -width Ds\n");
    for (const struct option_spec *option = verb->options; option->name; option++)
        append_option_item(out, verb, option);
    if (verb->name)
        append_option_item(out, verb, &verb_help_option);
    buffer_append_text(out, ".El\n");
}

void mdoc_append_statuses(struct buffer *out, const struct verb *verb) {
    buffer_append_text(out, ".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n");
    for (const struct verb_status *status = verb->statuses; status->when; status++) {
        char item[32];
        snprintf(item, sizeof item, ".It %d\n", status->number);
        buffer_append_text(out, item);
        mdoc_append_text(out, verb, status->when);
    }
    buffer_append_text(out, ".El\n");
}

void mdoc_append_lists(struct buffer *out, const struct verb *verb) {
    for (const struct verb_list *list = verb->lists; list && list->title; list++) {
        buffer_append_text(out, list == verb->lists ? "" : ".Pp\n");
        mdoc_append_text(out, verb, list->title);
        buffer_append_text(out, ".Bl -tag -width bad_messages\n");
        append_words(out, verb, "Li ", list->words);
        buffer_append_text(out, ".El\n");
    }
}

void mdoc_append_verbs(struct buffer *out, const struct verb *const *verbs) {
    buffer_append_text(out, ".Bl -tag -width codecs\n");
    for (; *verbs; verbs++) {
        buffer_append_text(out, ".It Cm ");
        buffer_append_text(out, (*verbs)->name);
        buffer_append_text(out, "\n");
        mdoc_append_text(out, *verbs, (*verbs)->summary);
        buffer_append_text(out, "See\n.Xr mailslot-");
        buffer_append_text(out, (*verbs)->name);
        buffer_append_text(out, " 1 .\n");
    }
    buffer_append_text(out, ".El\n");
}

/* ---- A page ---- */

static const struct part {
    const char *marker;
    void (*append)(struct buffer *out, const struct verb *verb);
    bool needed; /* on every page */
} parts[] = {
    {"@NAME@", mdoc_append_name, true},       {"@SYNOPSIS@", mdoc_append_synopsis, true},
    {"@OPTIONS@", mdoc_append_options, true}, {"@EXIT STATUS@", mdoc_append_statuses, true},
    {"@LISTS@", mdoc_append_lists, false},
};

enum { PART_COUNT = sizeof parts / sizeof *parts };

static bool append_line(struct buffer *out, const struct verb *verb,
                        const struct verb *const *verbs, const char *line, size_t len,
                        unsigned *met) {
    if (len < 2 || line[0] != '@' || line[len - 1] != '@') {
        buffer_append(out, line, len);
        buffer_append_text(out, "\n");
        return true;
    }
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (strlen(parts[i].marker) == len && memcmp(parts[i].marker, line, len) == 0) {
            parts[i].append(out, verb);
            *met |= 1u << i;
            return true;
        }
    }
    if (len != strlen("@VERBS@") || memcmp(line, "@VERBS@", len) != 0)
        return false;
    mdoc_append_verbs(out, verbs);
    return true;
}

bool mdoc_append_page(struct buffer *out, const struct verb *verb, const struct verb *const *verbs,
                      const char *template) {
    unsigned met = 0;
    while (*template) {
        size_t len = strcspn(template, "\n");
        if (!append_line(out, verb, verbs, template, len, &met))
            return false;
        template += len + (template[len] == '\n');
    }
    for (size_t i = 0; i < PART_COUNT; i++)
        if (parts[i].needed && !(met & 1u << i))
            return false;
    return true;
}
