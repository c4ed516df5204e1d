/* Slot names as listings print them: no local prefix, single backslashes. */
#include "slot_name.h"

#include <stdbool.h>
#include <string.h>

static bool is_separator(char c) { return c == '\\' || c == '/'; }

static const char *skip_separators(const char *at) {
    while (is_separator(*at))
        at++;
    return at;
}

/* Whether text begins with "mailslot" in any case. Bit 5 is what ASCII letters of one kind differ
 * in; strncasecmp() would ask the locale, and in Turkish "I" is not "i". */
static bool is_mailslot(const char *text) {
    static const char mailslot[] = "mailslot";
    size_t i = 0;
    while (mailslot[i] && (text[i] | 0x20) == mailslot[i])
        i++;
    return !mailslot[i];
}

/* What follows \\.\mailslot\, or the name if it does not begin so. */
static const char *without_prefix(const char *name) {
    const char *at = skip_separators(name);
    if (at == name || *at != '.' || !is_separator(at[1]))
        return name;
    at = skip_separators(at + 1);
    return is_mailslot(at) ? skip_separators(at + strlen("mailslot")) : name;
}

void slot_name_bare(struct buffer *out, const char *name) {
    for (const char *at = without_prefix(name); *at; at++)
        if (!is_separator(*at))
            buffer_append(out, at, 1);
        /* The last of several separators counts; two at the start, of a remote name, are kept. */
        else if (!is_separator(at[1]) || (at == name && at[1]))
            buffer_append_text(out, "\\");
    buffer_append(out, "", 1);
}
