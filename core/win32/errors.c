/* Maps Windows error codes to the library's errors. */
#include "win32.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    CREATE = 1 << MSI_CREATING,
    ATTACH = 1 << MSI_ATTACHING,
    WRITE = 1 << MSI_WRITING,
    LOOK = 1 << MSI_LOOKING,
    ANY = ~0
};

static const struct {
    unsigned attempts;
    DWORD code;
    mailslot_err err;
} meanings[] = {
    {CREATE, ERROR_ALREADY_EXISTS, MAILSLOT_ERR_IN_USE},
    {CREATE, ERROR_PATH_NOT_FOUND, MAILSLOT_ERR_BAD_NAME},
    {ATTACH | LOOK, ERROR_FILE_NOT_FOUND, MAILSLOT_ERR_NOT_FOUND},
    {ATTACH | LOOK, ERROR_PATH_NOT_FOUND, MAILSLOT_ERR_NOT_FOUND},
    {ATTACH | WRITE, ERROR_BAD_NETPATH, MAILSLOT_ERR_NOT_FOUND},
    {ATTACH | WRITE, ERROR_BAD_NET_NAME, MAILSLOT_ERR_NOT_FOUND},
    {WRITE, ERROR_HANDLE_EOF, MAILSLOT_ERR_GONE},
    {WRITE, ERROR_BROKEN_PIPE, MAILSLOT_ERR_GONE},
    {WRITE, ERROR_NO_DATA, MAILSLOT_ERR_GONE},
    {WRITE, ERROR_NOT_ENOUGH_MEMORY, MAILSLOT_ERR_FULL},
    {WRITE, ERROR_NO_SYSTEM_RESOURCES, MAILSLOT_ERR_FULL},
    {WRITE, ERROR_NOT_ENOUGH_QUOTA, MAILSLOT_ERR_FULL},
    {ANY, ERROR_INVALID_NAME, MAILSLOT_ERR_BAD_NAME},
    {ANY, ERROR_BAD_PATHNAME, MAILSLOT_ERR_BAD_NAME},
    {ANY, ERROR_ACCESS_DENIED, MAILSLOT_ERR_DENIED},
    {ANY, ERROR_NOT_SUPPORTED, MAILSLOT_ERR_UNSUPPORTED},
    {ANY, ERROR_REMOTE_MAILSLOTS_DEPRECATED, MAILSLOT_ERR_UNSUPPORTED},
    {ANY, ERROR_NOT_ENOUGH_MEMORY, MAILSLOT_ERR_NO_MEMORY},
    {ANY, ERROR_OUTOFMEMORY, MAILSLOT_ERR_NO_MEMORY},
    {ANY, ERROR_COMMITMENT_LIMIT, MAILSLOT_ERR_NO_MEMORY},
};

/* The first row that has both the attempt and the code: specific rows stand before general ones.
 * The same code means different errors by attempt: too little memory for a write is a full
 * queue. */
static mailslot_err errors_find(msi_attempt attempt, DWORD code) {
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == code && (meanings[i].attempts & (1u << attempt)))
            return meanings[i].err;
    return MAILSLOT_ERR_OS;
}

/* The system's message for the code in UTF-8, without its line end and full stop. */
static void errors_system_text(DWORD code, char *words, int room) {
    wchar_t wide[256];
    DWORD len = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
                               code, 0, wide, sizeof wide / sizeof *wide, NULL);
    while (len > 0 && (wide[len - 1] <= L' ' || wide[len - 1] == L'.'))
        len--;
    int used =
        len ? WideCharToMultiByte(CP_UTF8, 0, wide, (int)len, words, room - 1, NULL, NULL) : 0;
    words[used] = '\0';
    if (!used)
        snprintf(words, (size_t)room, "unknown error");
}

static const char *errors_attempt_text(msi_attempt attempt) {
    static const char *const what[] = {
        [MSI_CREATING] = "cannot make the mailslot",
        [MSI_ATTACHING] = "cannot open the mailslot",
        [MSI_WRITING] = "cannot write",
        [MSI_READING] = "cannot read",
        [MSI_LOOKING] = "cannot inspect the mailslot",
    };
    return what[attempt];
}

mailslot_err msi_fail_code(mailslot_err err, DWORD code, const char *format, ...) {
    char text[512], words[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    errors_system_text(code, words, sizeof words);
    return mailslot_fail(err, "%s; Windows error %lu: %s", text, code, words);
}

mailslot_err msi_fail_windows(msi_attempt attempt, DWORD code) {
    mailslot_err err = errors_find(attempt, code);
    if (code == ERROR_REMOTE_MAILSLOTS_DEPRECATED)
        return msi_fail_code(
            err, code,
            "remote mailslots are switched off on this computer, by default or by "
            "the policy Network\\Lanman Workstation\\Enable remote mailslots "
            "(EnableMailslots below Policies\\Microsoft\\Windows\\NetworkProvider)");
    return msi_fail_code(err, code, "%s: %s", errors_attempt_text(attempt), mailslot_strerror(err));
}

/* A reader without this library may have set a maximum that is not published. Windows reports
 * such a write as one of these four codes. */
mailslot_err msi_fail_write(DWORD code, size_t len, size_t limit) {
    if (len > limit)
        return mailslot_fail(MAILSLOT_ERR_TOO_BIG,
                             "message too big: %zu bytes, limit %zu; Windows error %lu", len, limit,
                             code);
    if (code == ERROR_BAD_LENGTH || code == ERROR_INVALID_PARAMETER ||
        code == ERROR_INSUFFICIENT_BUFFER || code == ERROR_MORE_DATA)
        return mailslot_fail(MAILSLOT_ERR_TOO_BIG,
                             "message too big: %zu bytes, more than the reader's maximum; Windows "
                             "error %lu",
                             len, code);
    return msi_fail_windows(MSI_WRITING, code);
}
