/* The thread that reads ahead; see waitable.h. It waits until a message was taken, then reads
 * the next one, so that the event is set again. */
#include "waitable.h"
#include "platform.h"

#include <errno.h>
#include <process.h>

static unsigned __stdcall waitable_read_ahead(void *ctx) {
    msi_win32_reader *reader = ctx;
    while (msi_win32_reader_wait_taken(reader))
        msi_win32_reader_wait(reader, MSI_NEVER);
    return 0;
}

mailslot_err msi_waitable_begin(HANDLE *thread, msi_win32_reader *reader) {
    *thread = (HANDLE)_beginthreadex(NULL, 0, waitable_read_ahead, reader, 0, NULL);
    if (*thread)
        return MAILSLOT_OK;
    return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot make the slot waitable");
}

void msi_waitable_end(HANDLE thread) {
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}
