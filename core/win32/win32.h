/* What the files of this folder share: windows.h as this library uses it, names in UTF-16, and the
 * system's errors in the library's words. */
#ifndef MSI_WIN32_H
#define MSI_WIN32_H

#include "error.h"
#include "name.h"

#include <windows.h>

/* winerror.h of 2023 and later; 24H2 and Server 2025 return it. */
#ifndef ERROR_REMOTE_MAILSLOTS_DEPRECATED
#define ERROR_REMOTE_MAILSLOTS_DEPRECATED 3025L
#endif

/** The longest name the system gets: `\\` computer `\mailslot\` path, NUL included. */
enum { MSI_UTF16_NAME = 2 + MSI_COMPUTER_MAX + sizeof "\\mailslot\\" + MSI_PATH_MAX };

/** What the system calls a slot. BAD_NAME (the system would take it for another). */
mailslot_err msi_utf16_name(wchar_t wide[MSI_UTF16_NAME], const msi_name *name);

/** UTF-8 into room UTF-16 units, NUL included; false if it does not fit or is not UTF-8. */
bool msi_utf16_from_utf8(wchar_t *wide, int room, const char *text);

/** What was tried when the system refused. */
typedef enum { MSI_CREATING, MSI_ATTACHING, MSI_WRITING, MSI_READING, MSI_LOOKING } msi_attempt;

/** Fails with the library's error for the system's number, whose words and number are in the
 *  detail. */
mailslot_err msi_fail_windows(msi_attempt attempt, DWORD code);

/** Fails with the system's number and its words for it after the formatted text. */
MAILSLOT_PRINTF(3, 4)
mailslot_err msi_fail_code(mailslot_err err, DWORD code, const char *format, ...);

/** Fails as a put of len bytes that the system refused with that number: one longer than limit is
 *  TOO_BIG, whatever the number. */
mailslot_err msi_fail_write(DWORD code, size_t len, size_t limit);

/** The monotonic clock's ms that are left until deadline, at most `most`. */
DWORD msi_ms_until(uint64_t deadline, DWORD most);

#endif
