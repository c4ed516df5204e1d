/* Converts names to UTF-16, and refuses those that Windows would change. */
#include "win32.h"

#include <stdio.h>
#include <string.h>

bool msi_utf16_from_utf8(wchar_t *wide, int room, const char *text) {
    return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, room) > 0;
}

/* Windows drops dots at the end of a part, and dots and spaces at the end of the name, and would
 * silently open another slot. */
static mailslot_err utf16_check_ends(const char *path) {
    for (const char *p = path; *p; p++) {
        bool last = p[1] == '\0';
        if ((*p == '.' && (last || p[1] == '\\')) || (*p == ' ' && last))
            return mailslot_fail(MAILSLOT_ERR_BAD_NAME,
                                 "bad mailslot name: Windows drops a '%c' at the end", *p);
    }
    return MAILSLOT_OK;
}

mailslot_err msi_utf16_name(wchar_t wide[MSI_UTF16_NAME], const msi_name *name) {
    mailslot_err err = utf16_check_ends(name->path);
    if (err)
        return err;
    const char *computer = name->scope == MSI_SCOPE_LOCAL    ? "."
                           : name->scope == MSI_SCOPE_DOMAIN ? "*"
                                                             : name->computer;
    char text[MSI_UTF16_NAME];
    snprintf(text, sizeof text, "\\\\%s\\mailslot\\%s", computer, name->path);
    if (!msi_utf16_from_utf8(wide, MSI_UTF16_NAME, text))
        return mailslot_fail(MAILSLOT_ERR_BAD_NAME,
                             "bad mailslot name: cannot be converted to UTF-16");
    return MAILSLOT_OK;
}
