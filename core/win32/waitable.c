#include "waitable.h"
#include "platform.h"

#include <errno.h>
#include <process.h>

static unsigned __stdcall read_ahead(void *ctx) {
    msi_win32_reader *inbox = ctx;
    while (msi_win32_reader_wait_taken(inbox))
        msi_win32_reader_wait(inbox, MSI_NEVER);
    return 0;
}

mailslot_err msi_waitable_begin(HANDLE *thread, msi_win32_reader *inbox) {
    *thread = (HANDLE)_beginthreadex(NULL, 0, read_ahead, inbox, 0, NULL);
    if (*thread)
        return MAILSLOT_OK;
    return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot make the slot waitable");
}

void msi_waitable_end(HANDLE thread) {
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}
