/* Keeps a reader's event set while a message waits: a thread that reads ahead, only in readers that
 * asked for the event. */
#ifndef MSI_WAITABLE_H
#define MSI_WAITABLE_H

#include "reader.h"

/** Starts to read ahead; *thread is then to be given to msi_waitable_end(). OS. */
mailslot_err msi_waitable_begin(HANDLE *thread, msi_win32_reader *reader);

/** Ends it; the inbox must have been interrupted. */
void msi_waitable_end(HANDLE thread);

#endif
