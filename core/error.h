/* How this library's own code reports failure. */
#ifndef MSI_ERROR_H
#define MSI_ERROR_H

#include <mailslot/codec.h>

/** Bytes of the longest detail: room for the longest name (246 bytes) twice, and a sentence. */
enum { MSI_DETAIL_SIZE = 768 };

/** Fails with no more to say than mailslot_strerror(err); for paths that must be fast. */
mailslot_err msi_fail_plain(mailslot_err err);

/** Fails with "subject: " and mailslot_strerror(err), as quickly. */
mailslot_err msi_fail_briefly(mailslot_err err, const char *subject);

/** Fails with the system's words for errno_value after the formatted text. */
MAILSLOT_PRINTF(3, 4)
mailslot_err msi_fail_errno(mailslot_err err, int errno_value, const char *format, ...);

/** Prepends "subject: " to the detail of this thread's last failure; returns err. */
mailslot_err msi_fail_about(mailslot_err err, const char *subject);

/** Between these two calls, which nest, this thread's failures have a detail and a count of their
 *  own, and those that mailslot_detail() and msi_failures() return outside stay as they are. For
 *  steps that may fail within a call that succeeds. The first returns msi_failures() as it is
 *  between them. */
unsigned msi_fail_silently(void);
void msi_fail_aloud(void);

/** Sets the detail to that of the last silenced failure; returns err. */
mailslot_err msi_fail_publish(mailslot_err err);

/** msi_fail_aloud(), then msi_fail_publish(). */
mailslot_err msi_fail_after_all(mailslot_err err);

/** Counts this thread's failures. A caller compares two counts to see whether a codec set a detail.
 */
unsigned msi_failures(void);

#endif
