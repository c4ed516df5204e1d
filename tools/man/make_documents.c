/*
 * Makes the tool's manual pages and its bash completion from templates and the tables of the verbs.
 * The build runs it.
 *
 * usage: make_documents page VERB TEMPLATE PAGE      VERB "mailslot" is the tool itself
 *        make_documents completion TEMPLATE FILE
 */
#include "bash.h"
#include "mdoc.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct verb *find_verb(const char *name) {
    if (strcmp(name, "mailslot") == 0)
        return &tool_verb;
    for (const struct verb *const *verb = verbs; *verb; verb++)
        if (strcmp((*verb)->name, name) == 0)
            return *verb;
    return NULL;
}

static bool read_file(const char *path, struct buffer *text) {
    FILE *file = fopen(path, "rb");
    char part[4096];
    size_t len;
    while (file && (len = fread(part, 1, sizeof part, file)) > 0)
        buffer_append(text, part, len);
    buffer_append(text, "", 1);
    bool read = file && !ferror(file);
    if (file)
        fclose(file);
    return read;
}

static bool write_file(const char *path, const struct buffer *text) {
    FILE *file = fopen(path, "wb");
    bool written = file && fwrite(text->data, 1, text->len, file) == text->len;
    return file && fclose(file) == 0 && written;
}

/* Appends the document; name is the verb, or NULL for the completion. */
static bool append_document(struct buffer *out, const char *name, const char *template) {
    if (!name)
        return bash_append_completion(out, &tool_verb, verbs, template);
    const struct verb *verb = find_verb(name);
    return verb && mdoc_append_page(out, verb, verbs, template);
}

static int make_document(const char *name, const char *template, const char *path) {
    struct buffer text = {0}, document = {0};
    int status = EXIT_FAILURE;
    if (!read_file(template, &text))
        perror(template);
    else if (!append_document(&document, name, text.data))
        fprintf(stderr, "%s: the verb, or a marker in this template, is unknown or missing\n",
                template);
    else if (!write_file(path, &document))
        perror(path);
    else
        status = EXIT_SUCCESS;
    buffer_free(&text);
    buffer_free(&document);
    return status;
}

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], "page") == 0)
        return make_document(argv[2], argv[3], argv[4]);
    if (argc == 4 && strcmp(argv[1], "completion") == 0)
        return make_document(NULL, argv[2], argv[3]);
    fprintf(stderr, "usage: make_documents page VERB TEMPLATE PAGE\n"
                    "       make_documents completion TEMPLATE FILE\n");
    return EXIT_FAILURE;
}
