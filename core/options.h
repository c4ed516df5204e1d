/* Options and infos as callers hand them over: structs that grow, told apart by their size. */
#ifndef MSI_OPTIONS_H
#define MSI_OPTIONS_H

#include <mailslot/mailslot.h>

/** Checks what the caller gave (NULL: every default) and copies it to *out with defaults filled
 *  in, except that max_message 0 stays 0. INVALID, UNSUPPORTED. */
mailslot_err msi_options_read(mailslot_options *out, const mailslot_options *given);

/** Checks what the caller gave (NULL: everything as configured) and copies it to *out, except that
 *  nothing looks at its strings. INVALID, UNSUPPORTED. */
mailslot_err msi_host_read(mailslot_host *out, const mailslot_host *given);

/** Whether a slot may have that capacity in bytes. */
bool msi_capacity_is_valid(uint64_t capacity);

/** Checks an info that a caller wants filled. INVALID. */
mailslot_err msi_info_check(const mailslot_info *info);

/** Copies as much of from as the caller's struct holds. */
void msi_info_copy(mailslot_info *to, const mailslot_info *from);

/** Checks a timeout that may not be MAILSLOT_SLOT_TIMEOUT. INVALID. */
mailslot_err msi_timeout_check(const char *what, int timeout_ms);

#endif
