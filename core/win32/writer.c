/* Overlapped writes, which can be cancelled; see writer.h. */
#include "writer.h"
#include "platform.h"

/* A deadline may be further away than one wait can last. */
enum { SLICE_MS = 60000 };

/* A write to another computer waits while its name is resolved. */
enum { FINDING_MS = 10000 };

DWORD msi_win32_writer_open(msi_win32_writer *writer, const wchar_t *name, bool remote) {
    *writer = (msi_win32_writer){.remote = remote};
    writer->slot = CreateFileW(name, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                               OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    if (writer->slot == INVALID_HANDLE_VALUE)
        return GetLastError();
    writer->interrupted = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (writer->interrupted)
        return ERROR_SUCCESS;
    DWORD code = GetLastError();
    CloseHandle(writer->slot);
    return code;
}

void msi_win32_writer_close(msi_win32_writer *writer) {
    HANDLE spare = atomic_load(&writer->spare);
    if (spare)
        CloseHandle(spare);
    CloseHandle(writer->interrupted);
    CloseHandle(writer->slot);
}

void msi_win32_writer_interrupt(msi_win32_writer *writer) { SetEvent(writer->interrupted); }

/* One write at a time reuses the spare event; others create their own. */
static HANDLE writer_borrow_event(msi_win32_writer *writer) {
    HANDLE event = atomic_exchange(&writer->spare, NULL);
    return event ? event : CreateEventW(NULL, TRUE, FALSE, NULL);
}

static void writer_return_event(msi_win32_writer *writer, HANDLE event) {
    event = atomic_exchange(&writer->spare, event);
    if (event)
        CloseHandle(event);
}

static bool writer_is_interrupted(const msi_win32_writer *writer) {
    return WaitForSingleObject(writer->interrupted, 0) == WAIT_OBJECT_0;
}

/* Waits for the write; cancels it at the deadline or when interrupted. Waits (TRUE) for the
 * cancelled write to end, since its OVERLAPPED lies on the caller's stack. */
static DWORD writer_finish(const msi_win32_writer *writer, OVERLAPPED *write, uint64_t deadline) {
    const HANDLE either[] = {write->hEvent, writer->interrupted};
    DWORD ms, woken;
    do {
        ms = msi_ms_until(deadline, SLICE_MS);
        woken = WaitForMultipleObjects(2, either, FALSE, ms);
    } while (woken == WAIT_TIMEOUT && ms > 0);
    if (woken != WAIT_OBJECT_0)
        CancelIoEx(writer->slot, write);
    DWORD written;
    return GetOverlappedResult(writer->slot, write, &written, TRUE) ? ERROR_SUCCESS
                                                                    : GetLastError();
}

static uint64_t writer_deadline(const msi_win32_writer *writer, int timeout_ms) {
    uint64_t deadline = msi_deadline(timeout_ms);
    uint64_t patience = writer->remote ? msi_deadline(FINDING_MS) : 0;
    return deadline > patience ? deadline : patience;
}

DWORD msi_win32_writer_put(msi_win32_writer *writer, const void *data, size_t len, int timeout_ms) {
    OVERLAPPED write = {.hEvent = writer_borrow_event(writer)};
    if (!write.hEvent)
        return GetLastError();
    DWORD code = ERROR_SUCCESS;
    if (!WriteFile(writer->slot, len ? data : "", (DWORD)len, NULL, &write))
        code = GetLastError();
    if (code == ERROR_IO_PENDING)
        code = writer_finish(writer, &write, writer_deadline(writer, timeout_ms));
    writer_return_event(writer, write.hEvent);
    return code;
}

mailslot_err msi_win32_writer_fail(const msi_win32_writer *writer, DWORD code, size_t len,
                                   size_t limit) {
    if (code != ERROR_OPERATION_ABORTED)
        return msi_fail_write(code, len, limit);
    return msi_fail_plain(writer_is_interrupted(writer) ? MAILSLOT_ERR_CLOSED : MAILSLOT_ERR_FULL);
}
