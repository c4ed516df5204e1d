/* A writer's end: writes that may have to be given up. */
#ifndef MSI_OUTBOX_H
#define MSI_OUTBOX_H

#include "win32.h"

#include <stdatomic.h>

typedef struct {
    HANDLE slot;
    HANDLE interrupted;    /* reset by hand: for ever */
    _Atomic(HANDLE) spare; /* an event for a write, so that most writes make none */
    size_t limit;          /* what open was told */
    bool remote;
} msi_outbox;

/** Attaches to the mailslot of that wide name. limit: of its messages, for what is said of
 * failures; remote: it is on other computers. NOT_FOUND, DENIED, UNSUPPORTED, OS. */
mailslot_err msi_outbox_open(msi_outbox *outbox, const wchar_t *name, size_t limit, bool remote);

/** Frees all; nobody may be writing. */
void msi_outbox_close(msi_outbox *outbox);

/** As a transport's put and interrupt. */
mailslot_err msi_outbox_put(msi_outbox *outbox, const void *data, size_t len, uint64_t deadline);
void msi_outbox_interrupt(msi_outbox *outbox);

#endif
