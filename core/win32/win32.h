/* Windows as this library uses it: windows.h, names in UTF-16, and the mapping of errors. The
 * lowest level of this folder; netbios/ uses it too. */
#ifndef MSI_WIN32_H
#define MSI_WIN32_H

#include "error.h"
#include "name.h"

#include <windows.h>

/* In winerror.h since 2023; returned by 24H2 and Server 2025. */
#ifndef ERROR_REMOTE_MAILSLOTS_DEPRECATED
#define ERROR_REMOTE_MAILSLOTS_DEPRECATED 3025L
#endif

/** UTF-16 units of the longest name: `\\` computer `\mailslot\` path, NUL included. */
enum { MSI_UTF16_NAME = 2 + MSI_COMPUTER_MAX + sizeof "\\mailslot\\" + MSI_PATH_MAX };

/** Converts a name to the system's form. BAD_NAME (the system would open another slot). */
mailslot_err msi_utf16_name(wchar_t wide[MSI_UTF16_NAME], const msi_name *name);

/** Converts UTF-8 to at most room UTF-16 units, NUL included; false if it does not fit or is not
 *  UTF-8. */
bool msi_utf16_from_utf8(wchar_t *wide, int room, const char *text);

/** The operation that the system refused. */
typedef enum { MSI_CREATING, MSI_ATTACHING, MSI_WRITING, MSI_READING, MSI_LOOKING } msi_attempt;

/** Fails with the error that the code means for the attempt; the detail has the code and its
 *  text. */
mailslot_err msi_fail_windows(msi_attempt attempt, DWORD code);

/** Fails with err; the detail is the formatted text, the code and the system's text. */
MAILSLOT_PRINTF(3, 4)
mailslot_err msi_fail_code(mailslot_err err, DWORD code, const char *format, ...);

/** Fails as a put of len bytes that the system refused; TOO_BIG if len is over limit, whatever
 *  the code. */
mailslot_err msi_fail_write(DWORD code, size_t len, size_t limit);

/** Milliseconds until deadline, at most `most`. */
DWORD msi_ms_until(uint64_t deadline, DWORD most);

#endif
