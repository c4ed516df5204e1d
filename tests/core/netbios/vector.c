#include "vector.h"
#include "test.h"

#include <ctype.h>
#include <stdlib.h>

static void read_text(const char *path, char text[VECTOR_TEXT]) {
    FILE *file = fopen(path, "r");
    check(file != NULL);
    size_t len = fread(text, 1, VECTOR_TEXT, file);
    fclose(file);
    check(len < VECTOR_TEXT);
    text[len] = '\0';
}

/* Ends the part at text; the next one begins behind the line "---". */
static char *end_part(char *text) {
    char *line = strstr(text, "\n---\n");
    check(line != NULL);
    line[1] = '\0';
    return line + strlen("\n---\n");
}

static void read_key(struct vector *vector, const char *line) {
    char yes[4] = "";
    if (line[0] == '#' || sscanf(line, "is: %15s", vector->is) == 1 ||
        sscanf(line, "at: %zu", &vector->at) == 1)
        return;
    check_int(1, sscanf(line, "canonical: %3s", yes));
    vector->canonical = strcmp(yes, "yes") == 0;
}

static void read_bytes(struct vector *vector, const char *hex) {
    while (isspace((unsigned char)*hex))
        hex++;
    for (; *hex; vector->len++) {
        check(isxdigit((unsigned char)hex[0]) && isxdigit((unsigned char)hex[1]));
        check(vector->len < VECTOR_BYTES);
        check_int(1, sscanf(hex, "%2hhx", &vector->bytes[vector->len]));
        for (hex += 2; isspace((unsigned char)*hex); hex++)
            continue;
    }
}

void vector_read(struct vector *vector, const char *path) {
    char text[VECTOR_TEXT], *rest = NULL;
    read_text(path, text);
    char *meaning = end_part(text), *bytes = end_part(meaning);
    *vector = (struct vector){.len = 0};
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        read_key(vector, line);
    strcpy(vector->meaning, meaning);
    read_bytes(vector, bytes);
}
