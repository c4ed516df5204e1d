/* Lists the named objects of this session: those whose names begin with `Local\`. */
#ifndef MSI_SESSION_H
#define MSI_SESSION_H

#include "win32.h"

/** Stores the names that begin with prefix, each with its NUL, and an empty one at the end; the
 *  caller frees them. NULL on failure. NO_MEMORY, OS. */
mailslot_err msi_session_objects(const wchar_t *prefix, wchar_t **names);

#endif
