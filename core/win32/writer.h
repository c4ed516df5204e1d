/* A writer's end: writes that may have to be given up. */
#ifndef MSI_WIN32_WRITER_H
#define MSI_WIN32_WRITER_H

#include "win32.h"

#include <stdatomic.h>

typedef struct {
    HANDLE slot;
    HANDLE interrupted;    /* reset by hand: for ever */
    _Atomic(HANDLE) spare; /* an event for a write, so that most writes make none */
    bool remote;
} msi_win32_writer;

/** Attaches to the mailslot of that wide name; remote: it is on other computers. Returns the
 *  system's number if it refuses, 0 if not. */
DWORD msi_win32_writer_open(msi_win32_writer *writer, const wchar_t *name, bool remote);

/** Frees all; nobody may be writing. */
void msi_win32_writer_close(msi_win32_writer *writer);

/** As a transport's put and interrupt; a put returns the system's number if it refuses, 0 if not.
 */
DWORD msi_win32_writer_put(msi_win32_writer *writer, const void *data, size_t len,
                           uint64_t deadline);
void msi_win32_writer_interrupt(msi_win32_writer *writer);

/** Fails as a put of len bytes that came to that number does: CLOSED and FULL too, if it was given
 *  up. A message longer than limit is TOO_BIG, whatever the number. */
mailslot_err msi_win32_writer_fail(const msi_win32_writer *writer, DWORD code, size_t len,
                                   size_t limit);

#endif
