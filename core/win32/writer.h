/* A writer's end: writes that may have to be given up. */
#ifndef MSI_OUTBOX_H
#define MSI_OUTBOX_H

#include "win32.h"

#include <stdatomic.h>

typedef struct {
    HANDLE slot;
    HANDLE interrupted;    /* reset by hand: for ever */
    _Atomic(HANDLE) spare; /* an event for a write, so that most writes make none */
    bool remote;
} msi_outbox;

/** Attaches to the mailslot of that wide name; remote: it is on other computers. Returns the
 *  system's number if it refuses, 0 if not. */
DWORD msi_outbox_open(msi_outbox *outbox, const wchar_t *name, bool remote);

/** Frees all; nobody may be writing. */
void msi_outbox_close(msi_outbox *outbox);

/** As a transport's put and interrupt; a put returns the system's number if it refuses, 0 if not.
 */
DWORD msi_outbox_put(msi_outbox *outbox, const void *data, size_t len, uint64_t deadline);
void msi_outbox_interrupt(msi_outbox *outbox);

/** Fails as a put of len bytes that came to that number does: CLOSED and FULL too, if it was given
 *  up. A message longer than limit is TOO_BIG, whatever the number. */
mailslot_err msi_outbox_fail(const msi_outbox *outbox, DWORD code, size_t len, size_t limit);

#endif
