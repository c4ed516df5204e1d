/* A writer's end, whose writes can be cancelled. */
#ifndef MSI_WIN32_WRITER_H
#define MSI_WIN32_WRITER_H

#include "win32.h"

#include <stdatomic.h>

typedef struct {
    HANDLE slot;
    HANDLE interrupted;    /* manual reset, never reset */
    _Atomic(HANDLE) spare; /* an event, so that most writes create none */
    bool remote;
} msi_win32_writer;

/** Opens the mailslot for writing; remote: on other computers. Returns a Windows error code, 0
 *  on success. */
DWORD msi_win32_writer_open(msi_win32_writer *writer, const wchar_t *name, bool remote);

/** Frees all; no thread may be writing. */
void msi_win32_writer_close(msi_win32_writer *writer);

/** As a transport's put and interrupt; put returns a Windows error code, 0 on success. */
DWORD msi_win32_writer_put(msi_win32_writer *writer, const void *data, size_t len, int timeout_ms);
void msi_win32_writer_interrupt(msi_win32_writer *writer);

/** Fails as a put of len bytes that ended with that code; CLOSED or FULL if it was cancelled,
 *  TOO_BIG if len is over limit. */
mailslot_err msi_win32_writer_fail(const msi_win32_writer *writer, DWORD code, size_t len,
                                   size_t limit);

#endif
