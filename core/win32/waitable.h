/* Keeps a reader's event set while a message waits: a thread that reads ahead, for readers that
 * asked for the event. */
#ifndef MSI_WAITABLE_H
#define MSI_WAITABLE_H

#include "reader.h"

/** Starts the thread; end it with msi_waitable_end(). OS. */
mailslot_err msi_waitable_begin(HANDLE *thread, msi_win32_reader *reader);

/** Ends the thread; the reader must have been interrupted. */
void msi_waitable_end(HANDLE thread);

#endif
