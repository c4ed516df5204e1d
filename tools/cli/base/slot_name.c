#include "slot_name.h"

#include <string.h>
#include <strings.h>

static bool is_separator(char c) { return c == '\\' || c == '/'; }

static const char *skip_separators(const char *at) {
    while (is_separator(*at))
        at++;
    return at;
}

/* What follows \\.\mailslot\, or the name if it does not begin so. */
static const char *without_prefix(const char *name) {
    static const char mailslot[] = "mailslot";
    const char *at = skip_separators(name);
    if (at == name || *at != '.' || !is_separator(at[1]))
        return name;
    at = skip_separators(at + 1);
    size_t len = strlen(mailslot);
    return strncasecmp(at, mailslot, len) == 0 ? skip_separators(at + len) : name;
}

void slot_name_bare(struct buffer *out, const char *name) {
    for (const char *at = without_prefix(name); *at; at++)
        if (!is_separator(*at))
            buffer_append(out, at, 1);
        else if (!is_separator(at[1]) || (at == name && at[1]))
            buffer_append_text(out, "\\");
    buffer_append(out, "", 1);
}

bool slot_name_same(const char *a, const char *b) {
    struct buffer bare_a = {0}, bare_b = {0};
    slot_name_bare(&bare_a, a);
    slot_name_bare(&bare_b, b);
    bool same = strcasecmp(bare_a.data, bare_b.data) == 0; /* in the C locale: ASCII */
    buffer_free(&bare_a);
    buffer_free(&bare_b);
    return same;
}
