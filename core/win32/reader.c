#include "reader.h"
#include "platform.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAST_ROOM = 64 * 1024,
    SLICE_MS = 50, /* how long Wine may take to notice an interrupt */
    HANDOVER_MS =
        1000,     /* a message is on its way through another thread: a moment, if all is well */
    GRACE_MS = 1, /* in which it would have come if it were */
};

#define NO_HEAD SIZE_MAX

/* From FILETIME's epoch, 1601, to 1970, in its units of 100 ns. */
#define EPOCH_DIFFERENCE UINT64_C(116444736000000000)

static uint64_t real_ns(void) {
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    uint64_t units = (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    return (units - EPOCH_DIFFERENCE) * 100;
}

/* ---- With the lock held ---- */

static void set_head(msi_win32_reader *inbox, size_t len) {
    inbox->head = len;
    atomic_store(&inbox->notice->head, len == NO_HEAD ? MSI_NO_HEAD : len);
    if (len == NO_HEAD)
        ResetEvent(inbox->ready);
    else
        SetEvent(inbox->ready);
    WakeAllConditionVariable(&inbox->changed);
}

static mailslot_err make_room(msi_win32_reader *inbox, size_t len) {
    if (len <= inbox->room)
        return MAILSLOT_OK;
    unsigned char *buf = malloc(len);
    if (!buf)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a message of %zu bytes", len);
    free(inbox->buf);
    inbox->buf = buf;
    inbox->room = len;
    return MAILSLOT_OK;
}

/* Windows refuses to read into a buffer that is too small; Wine loses what does not fit. */
static mailslot_err make_room_for_next(msi_win32_reader *inbox, bool *waiting) {
    DWORD next;
    *waiting = false;
    if (!GetMailslotInfo(inbox->slot, NULL, &next, NULL, NULL))
        return msi_fail_windows(MSI_READING, GetLastError());
    *waiting = next != MAILSLOT_NO_MESSAGE;
    size_t usual =
        inbox->limit == SIZE_MAX || inbox->limit < LEAST_ROOM ? LEAST_ROOM : inbox->limit;
    return make_room(inbox, *waiting && next > usual ? next : usual);
}

static void set_native_timeout(msi_win32_reader *inbox, DWORD ms) {
    if (inbox->native_timeout != ms && SetMailslotInfo(inbox->slot, ms))
        inbox->native_timeout = ms;
}

/* ---- Reading ---- */

/* What a read that ended with this code brought: bytes, or no message. Wine calls a message of no
 * bytes a broken pipe. */
static mailslot_err outcome(DWORD code, DWORD len, size_t *head) {
    *head = NO_HEAD;
    switch (code) {
    case ERROR_SUCCESS:
        *head = len;
        return MAILSLOT_OK;
    case ERROR_BROKEN_PIPE:
        *head = 0;
        return MAILSLOT_OK;
    case ERROR_SEM_TIMEOUT:
    case ERROR_OPERATION_ABORTED:
    case ERROR_INSUFFICIENT_BUFFER: /* a larger one came; it stays, and the next read has room */
        return MAILSLOT_OK;
    default:
        return msi_fail_windows(MSI_READING, code);
    }
}

static DWORD begin_read(msi_win32_reader *inbox) {
    ResetEvent(inbox->read_ended);
    inbox->read = (OVERLAPPED){.hEvent = inbox->read_ended};
    if (ReadFile(inbox->slot, inbox->buf, (DWORD)inbox->room, NULL, &inbox->read))
        return ERROR_SUCCESS;
    return GetLastError();
}

static DWORD end_read(msi_win32_reader *inbox, DWORD *len) {
    *len = 0;
    return GetOverlappedResult(inbox->slot, &inbox->read, len, TRUE) ? ERROR_SUCCESS
                                                                     : GetLastError();
}

static void wait_for_read(msi_win32_reader *inbox, DWORD ms) {
    const HANDLE either[] = {inbox->read_ended, inbox->interrupted};
    if (WaitForMultipleObjects(2, either, FALSE, ms) != WAIT_OBJECT_0)
        CancelIoEx(inbox->slot, &inbox->read);
}

static void set_reading(msi_win32_reader *inbox, bool reading, bool pending) {
    inbox->reading = reading;
    inbox->pending = pending;
    WakeAllConditionVariable(&inbox->changed);
}

/* With the lock held, which it leaves while it waits for a message, for at most ms. */
static mailslot_err read_waiting(msi_win32_reader *inbox, DWORD ms, size_t *head) {
    set_reading(inbox, true, false);
    set_native_timeout(inbox, ms);
    ReleaseSRWLockExclusive(&inbox->lock);
    DWORD len = 0, code = begin_read(inbox);
    if (code == ERROR_IO_PENDING) {
        AcquireSRWLockExclusive(&inbox->lock);
        set_reading(inbox, true, true);
        ReleaseSRWLockExclusive(&inbox->lock);
        wait_for_read(inbox, ms);
        code = end_read(inbox, &len);
    } else if (code == ERROR_SUCCESS) {
        code = end_read(inbox, &len);
    }
    AcquireSRWLockExclusive(&inbox->lock);
    set_reading(inbox, false, false);
    return outcome(code, len, head);
}

/* A maximum that the system does not enforce is enforced here. */
static bool is_wanted(const msi_win32_reader *inbox, size_t head) {
    return head != NO_HEAD && head <= inbox->limit;
}

/* What is wrong the next take tells; until then, nobody shall spin. */
static void read_head(msi_win32_reader *inbox, DWORD ms) {
    bool waiting;
    size_t head = NO_HEAD;
    mailslot_err err = make_room_for_next(inbox, &waiting);
    if (!err)
        err = read_waiting(inbox, ms, &head);
    if (err)
        SleepConditionVariableSRW(&inbox->changed, &inbox->lock, ms, 0);
    else if (is_wanted(inbox, head))
        set_head(inbox, head);
}

void msi_win32_reader_wait(msi_win32_reader *inbox, uint64_t deadline) {
    DWORD ms = msi_ms_until(deadline, SLICE_MS);
    AcquireSRWLockExclusive(&inbox->lock);
    bool nothing_yet = inbox->head == NO_HEAD && !inbox->closing;
    if (nothing_yet && inbox->reading)
        SleepConditionVariableSRW(&inbox->changed, &inbox->lock, ms, 0);
    else if (nothing_yet)
        read_head(inbox, ms);
    ReleaseSRWLockExclusive(&inbox->lock);
}

/* ---- Taking ---- */

/* Another thread waits in a read: a message may be on its way into our buffer. A pending read is
 * ended, with or without one; a read that waits inside ReadFile() can only be watched. */
static void catch_up(msi_win32_reader *inbox) {
    while (inbox->reading && inbox->head == NO_HEAD) {
        DWORD next = MAILSLOT_NO_MESSAGE;
        GetMailslotInfo(inbox->slot, NULL, &next, NULL, NULL);
        bool pending = inbox->pending, certain = pending || next != MAILSLOT_NO_MESSAGE;
        if (pending)
            CancelIoEx(inbox->slot, &inbox->read);
        bool woken = SleepConditionVariableSRW(&inbox->changed, &inbox->lock,
                                               certain ? HANDOVER_MS : GRACE_MS, 0);
        if (!woken)
            return;
    }
}

static mailslot_err read_now(msi_win32_reader *inbox) {
    size_t head = NO_HEAD;
    while (!is_wanted(inbox, head)) {
        bool waiting;
        mailslot_err err = make_room_for_next(inbox, &waiting);
        if (!err && !waiting)
            err = MAILSLOT_ERR_EMPTY;
        if (!err)
            err = read_waiting(inbox, SLICE_MS, &head);
        if (err)
            return err;
    }
    set_head(inbox, head);
    return MAILSLOT_OK;
}

static mailslot_err hand_over(msi_win32_reader *inbox, void *buf, size_t cap,
                              msi_message *message) {
    message->len = inbox->head;
    if (message->len > cap)
        return MAILSLOT_ERR_TOO_SMALL;
    if (message->len)
        memcpy(buf, inbox->buf, message->len);
    message->arrival_ns = real_ns();
    message->pid = message->uid = MSI_NO_ID;
    message->remote = false;
    set_head(inbox, NO_HEAD);
    return MAILSLOT_OK;
}

mailslot_err msi_win32_reader_take(msi_win32_reader *inbox, void *buf, size_t cap,
                                   msi_message *message) {
    AcquireSRWLockExclusive(&inbox->lock);
    mailslot_err err = MAILSLOT_OK;
    if (inbox->head == NO_HEAD)
        catch_up(inbox);
    if (inbox->head == NO_HEAD)
        err = inbox->reading ? MAILSLOT_ERR_EMPTY : read_now(inbox);
    if (!err)
        err = hand_over(inbox, buf, cap, message);
    ReleaseSRWLockExclusive(&inbox->lock);
    return err;
}

mailslot_err msi_win32_reader_count(msi_win32_reader *inbox, mailslot_info *info) {
    AcquireSRWLockExclusive(&inbox->lock);
    if (inbox->head == NO_HEAD)
        catch_up(inbox);
    mailslot_err err = msi_count_messages(inbox->slot, inbox->notice, info);
    ReleaseSRWLockExclusive(&inbox->lock);
    return err;
}

/* ---- Opening, ending ---- */

mailslot_err msi_win32_reader_open(msi_win32_reader *inbox, HANDLE slot, msi_slot_entry *notice,
                                   size_t limit) {
    *inbox = (msi_win32_reader){.slot = slot, .notice = notice, .limit = limit, .head = NO_HEAD};
    inbox->native_timeout = MAILSLOT_WAIT_FOREVER; /* as made */
    inbox->ready = CreateEventW(NULL, TRUE, FALSE, NULL);
    inbox->interrupted = CreateEventW(NULL, TRUE, FALSE, NULL);
    inbox->read_ended = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (inbox->ready && inbox->interrupted && inbox->read_ended)
        return MAILSLOT_OK;
    mailslot_err err = msi_fail_windows(MSI_CREATING, GetLastError());
    msi_win32_reader_close(inbox);
    return err;
}

void msi_win32_reader_close(msi_win32_reader *inbox) {
    const HANDLE events[] = {inbox->ready, inbox->interrupted, inbox->read_ended};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (events[i])
            CloseHandle(events[i]);
    free(inbox->buf);
}

void msi_win32_reader_interrupt(msi_win32_reader *inbox) {
    AcquireSRWLockExclusive(&inbox->lock);
    inbox->closing = true;
    SetEvent(inbox->interrupted);
    WakeAllConditionVariable(&inbox->changed);
    ReleaseSRWLockExclusive(&inbox->lock);
}

bool msi_win32_reader_wait_taken(msi_win32_reader *inbox) {
    AcquireSRWLockExclusive(&inbox->lock);
    while (inbox->head != NO_HEAD && !inbox->closing)
        SleepConditionVariableSRW(&inbox->changed, &inbox->lock, INFINITE, 0);
    bool go_on = !inbox->closing;
    ReleaseSRWLockExclusive(&inbox->lock);
    return go_on;
}
