#include "writer.h"
#include "platform.h"

/* Long waits in slices, since a deadline may be further away than the system can wait at once. */
enum { SLICE_MS = 60000 };

/* A write to other computers waits for a name to be found, not for room. */
enum { FINDING_MS = 10000 };

DWORD msi_win32_writer_open(msi_win32_writer *outbox, const wchar_t *name, bool remote) {
    *outbox = (msi_win32_writer){.remote = remote};
    outbox->slot = CreateFileW(name, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                               OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    if (outbox->slot == INVALID_HANDLE_VALUE)
        return GetLastError();
    outbox->interrupted = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (outbox->interrupted)
        return ERROR_SUCCESS;
    DWORD code = GetLastError();
    CloseHandle(outbox->slot);
    return code;
}

void msi_win32_writer_close(msi_win32_writer *outbox) {
    HANDLE spare = atomic_load(&outbox->spare);
    if (spare)
        CloseHandle(spare);
    CloseHandle(outbox->interrupted);
    CloseHandle(outbox->slot);
}

void msi_win32_writer_interrupt(msi_win32_writer *outbox) { SetEvent(outbox->interrupted); }

/* One write at a time finds the spare event; others make their own. */
static HANDLE borrow_event(msi_win32_writer *outbox) {
    HANDLE event = atomic_exchange(&outbox->spare, NULL);
    return event ? event : CreateEventW(NULL, TRUE, FALSE, NULL);
}

static void return_event(msi_win32_writer *outbox, HANDLE event) {
    event = atomic_exchange(&outbox->spare, event);
    if (event)
        CloseHandle(event);
}

static bool is_interrupted(const msi_win32_writer *outbox) {
    return WaitForSingleObject(outbox->interrupted, 0) == WAIT_OBJECT_0;
}

/* Waits until the write has ended, or is to be given up, and gives it up then. */
static DWORD finish(const msi_win32_writer *outbox, OVERLAPPED *write, uint64_t deadline) {
    const HANDLE either[] = {write->hEvent, outbox->interrupted};
    DWORD ms, woken;
    do {
        ms = msi_ms_until(deadline, SLICE_MS);
        woken = WaitForMultipleObjects(2, either, FALSE, ms);
    } while (woken == WAIT_TIMEOUT && ms > 0);
    if (woken != WAIT_OBJECT_0)
        CancelIoEx(outbox->slot, write);
    DWORD written;
    return GetOverlappedResult(outbox->slot, write, &written, TRUE) ? ERROR_SUCCESS
                                                                    : GetLastError();
}

DWORD msi_win32_writer_put(msi_win32_writer *outbox, const void *data, size_t len,
                           uint64_t deadline) {
    OVERLAPPED write = {.hEvent = borrow_event(outbox)};
    if (!write.hEvent)
        return GetLastError();
    DWORD code = ERROR_SUCCESS;
    if (!WriteFile(outbox->slot, len ? data : "", (DWORD)len, NULL, &write))
        code = GetLastError();
    uint64_t patience = outbox->remote ? msi_deadline(FINDING_MS) : 0;
    if (code == ERROR_IO_PENDING)
        code = finish(outbox, &write, deadline > patience ? deadline : patience);
    return_event(outbox, write.hEvent);
    return code;
}

mailslot_err msi_win32_writer_fail(const msi_win32_writer *outbox, DWORD code, size_t len,
                                   size_t limit) {
    if (code != ERROR_OPERATION_ABORTED)
        return msi_fail_write(code, len, limit);
    return msi_fail_plain(is_interrupted(outbox) ? MAILSLOT_ERR_CLOSED : MAILSLOT_ERR_FULL);
}
