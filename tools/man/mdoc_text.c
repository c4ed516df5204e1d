/* Marks a table's sentences up as mdoc(7): which words are arguments, options, variables,
 * quotations and references to pages is told from their form. */
#include "mdoc_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What is being written: whether the last line is a macro's, which text may not follow. */
struct page {
    struct buffer *out;
    const struct verb *verb;
    bool in_line; /* a line of text is open */
};

static bool is_upper(char c) { return (c >= 'A' && c <= 'Z') || c == '_'; }

/* ---- Names of arguments ---- */

/* Whether a run of capitals in text is the word. */
static bool has_run(const char *text, const char *word, size_t len) {
    while (*text) {
        size_t run = 0;
        while (is_upper(text[run]))
            run++;
        if (run == len && memcmp(text, word, len) == 0)
            return true;
        text += run ? run : 1;
    }
    return false;
}

static bool is_argument(const struct verb *verb, const char *word, size_t len) {
    for (const char *const *usage = verb->usage; *usage; usage++)
        if (has_run(*usage, word, len))
            return true;
    for (const struct option_spec *option = verb->options; option->name; option++)
        if (option->argument && has_run(option->argument, word, len))
            return true;
    return false;
}

/* ---- Words ---- */

static void append_lower(struct buffer *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        buffer_append(out, &(char){(char)tolower((unsigned char)text[i])}, 1);
}

/* At the beginning of a line or of a macro's argument, "." and "'" would be requests. */
void mdoc_append_escaped(struct buffer *out, const char *text, size_t len) {
    if (len && (*text == '.' || *text == '\''))
        buffer_append_text(out, "\\&");
    for (size_t i = 0; i < len; i++) {
        bool minus = text[i] == '-' && i == 0 && (len == 1 || isdigit((unsigned char)text[1]));
        if (text[i] == '\\')
            buffer_append_text(out, "\\e");
        else if (minus)
            buffer_append_text(out, "\\-");
        else
            buffer_append(out, text + i, 1);
    }
}

/* "NAME", "[NAME=]SPEC" or "KEY=VALUE..." as what follows a macro name on its line. */
void mdoc_append_argument(struct buffer *out, const char *text, size_t len) {
    const char *const end = text + len;
    bool joined = false;
    while (text < end) {
        size_t run = 0;
        while (text + run < end && is_upper(text[run]))
            run++;
        bool dots = text + 3 <= end && memcmp(text, "...", 3) == 0;
        if (joined && !dots && *text != ']')
            buffer_append_text(out, " Ns");
        if (run) {
            buffer_append_text(out, " Ar ");
            append_lower(out, text, run);
        } else if (dots) {
            buffer_append_text(out, " ...");
        } else if (*text == '[' || *text == ']') {
            buffer_append_text(out, *text == '[' ? " Oo" : " Oc");
        } else {
            buffer_append_text(out, " Li ");
            buffer_append(out, text, 1);
        }
        joined = *text != '[';
        text += run ? run : dots ? 3 : 1;
    }
}

/* "--codec" or "-o" as what follows a macro name on its line. */
void mdoc_append_flag(struct buffer *out, const char *name, size_t len) {
    buffer_append_text(out, " Fl ");
    buffer_append(out, name + 1, len - 1);
}

/* ---- Text ---- */

static void page_end_line(struct page *page) {
    if (page->in_line)
        buffer_append_text(page->out, "\n");
    page->in_line = false;
}

/* Appends a macro line of what was appended to `line`, whose first character is a space. */
static void page_append_macro(struct page *page, const struct buffer *line, const char *after,
                              size_t after_len) {
    page_end_line(page);
    buffer_append_text(page->out, ".");
    buffer_append(page->out, line->data + 1, line->len - 1);
    for (size_t i = 0; i < after_len; i++) {
        buffer_append_text(page->out, " ");
        buffer_append(page->out, after + i, 1);
    }
    buffer_append_text(page->out, "\n");
}

static void page_append_plain(struct page *page, const char *text, size_t len) {
    if (page->in_line)
        buffer_append_text(page->out, " ");
    mdoc_append_escaped(page->out, text, len);
    page->in_line = true;
}

/* 'mailslot VERB ...' refers to the page of VERB if that is all or --help follows. */
static bool reference_of(const char *text, size_t len, char verb[32]) {
    int end = 0;
    char quoted[64];
    snprintf(quoted, sizeof quoted, "%.*s", (int)len, text);
    if (sscanf(quoted, "mailslot %31[a-z]%n", verb, &end) != 1)
        return false;
    const char *rest = quoted + end;
    return *rest == '\0' || strcmp(rest, " --help") == 0;
}

static void append_quoted(struct buffer *line, const char *text, size_t len) {
    char verb[32];
    if (reference_of(text, len, verb)) {
        buffer_append_text(line, " Xr mailslot-");
        buffer_append_text(line, verb);
        buffer_append_text(line, " 1");
    } else {
        buffer_append_text(line, " Ql ");
        mdoc_append_escaped(line, text, len);
    }
}

/* "logger(1)" */
static bool is_page(const char *text, size_t len) {
    return len > 3 && islower((unsigned char)text[0]) && text[len - 1] == ')' &&
           text[len - 3] == '(' && isdigit((unsigned char)text[len - 2]);
}

/* All of a word but punctuation behind it. Returns false if it is a word like others. */
static bool append_marked(struct buffer *line, const struct verb *verb, const char *text,
                          size_t len) {
    size_t run = 0;
    while (run < len && is_upper(text[run]))
        run++;
    bool variable = run == len && memchr(text, '_', len);
    if (len > 2 && *text == '\'' && text[len - 1] == '\'') {
        append_quoted(line, text + 1, len - 2);
    } else if (len > 1 && *text == '-' && (text[1] == '-' ? len > 2 : len == 2) &&
               isalpha((unsigned char)text[len - 1])) {
        mdoc_append_flag(line, text, len);
    } else if (variable || is_page(text, len)) {
        buffer_append_text(line, variable ? " Ev " : " Xr ");
        buffer_append(line, text, variable ? len : len - 3);
        buffer_append_text(line, variable ? "" : " ");
        buffer_append(line, text + len - 2, variable ? 0 : 1);
    } else if (run == len && is_argument(verb, text, len)) {
        mdoc_append_argument(line, text, len);
    } else {
        return false;
    }
    return true;
}

static void page_append_word(struct page *page, const struct word *word) {
    size_t len = word->len;
    struct buffer line = {0};
    if (!is_page(word->start, len))
        while (len > 1 && strchr(".,;:)", word->start[len - 1]))
            len--;
    if (append_marked(&line, page->verb, word->start, len))
        page_append_macro(page, &line, word->start + len, word->len - len);
    else
        page_append_plain(page, word->start, word->len);
    buffer_free(&line);
}

/* One line of a table's text. A sentence begins on a line of its own. */
static void page_append_words(struct page *page, const char **text) {
    struct word word;
    bool sentence_ended = false;
    while (verb_next_word(text, &word)) {
        if (sentence_ended && isupper((unsigned char)*word.start))
            page_end_line(page);
        page_append_word(page, &word);
        sentence_ended = word.start[word.len - 1] == '.';
    }
    page_end_line(page);
}

void mdoc_append_text(struct buffer *out, const struct verb *verb, const char *text) {
    struct page page = {.out = out, .verb = verb};
    struct buffer sentence = {0};
    size_t len = strlen(text);
    buffer_append(&sentence, text, len);
    buffer_append(&sentence, ".", len && strchr(".:", text[len - 1]) ? 0 : 1);
    buffer_append(&sentence, "", 1);
    sentence.data[0] = (char)toupper((unsigned char)sentence.data[0]);
    page_append_words(&page, &(const char *){sentence.data});
    buffer_free(&sentence);
}
