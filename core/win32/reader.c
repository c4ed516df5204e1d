/* Reads ahead by one message, since Windows offers no other way to wait; see reader.h.
 * Invariant: one thread at a time has `reading` set, and only it touches buf while it does; the
 * lock guards the rest. */
#include "reader.h"
#include "platform.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAST_ROOM = 64 * 1024,
    SLICE_MS = 50,      /* the longest wait inside ReadFile(), where Wine notices no interrupt */
    HANDOVER_MS = 1000, /* the longest wait for another thread to hand a message over */
    GRACE_MS = 1,       /* the same if it is not certain that there is a message */
};

#define NO_HEAD SIZE_MAX

/* From 1601, FILETIME's epoch, to 1970, in units of 100 ns. */
#define EPOCH_DIFFERENCE UINT64_C(116444736000000000)

static uint64_t reader_real_ns(void) {
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    uint64_t units = (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    return (units - EPOCH_DIFFERENCE) * 100;
}

/* ---- With the lock held ---- */

/* Every change of the head is published: to other processes in the entry, to programs that wait
 * for the event, and to this process's threads. */
static void reader_set_head(msi_win32_reader *reader, size_t len) {
    reader->head = len;
    atomic_store(&reader->entry->head, len == NO_HEAD ? MSI_NO_HEAD : len);
    if (len == NO_HEAD)
        ResetEvent(reader->ready);
    else
        SetEvent(reader->ready);
    WakeAllConditionVariable(&reader->changed);
}

static mailslot_err reader_make_room(msi_win32_reader *reader, size_t len) {
    if (len <= reader->room)
        return MAILSLOT_OK;
    unsigned char *buf = malloc(len);
    if (!buf)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a message of %zu bytes", len);
    free(reader->buf);
    reader->buf = buf;
    reader->room = len;
    return MAILSLOT_OK;
}

/* Make room first: Windows refuses to read into a buffer that is too small, and Wine drops the
 * rest of the message. */
static mailslot_err reader_make_room_for_next(msi_win32_reader *reader, bool *waiting) {
    DWORD next;
    *waiting = false;
    if (!GetMailslotInfo(reader->slot, NULL, &next, NULL, NULL))
        return msi_fail_windows(MSI_READING, GetLastError());
    *waiting = next != MAILSLOT_NO_MESSAGE;
    size_t usual =
        reader->limit == SIZE_MAX || reader->limit < LEAST_ROOM ? LEAST_ROOM : reader->limit;
    return reader_make_room(reader, *waiting && next > usual ? next : usual);
}

/* Skip the system call if nothing changes: most reads wait for a full slice. */
static void reader_set_native_timeout(msi_win32_reader *reader, DWORD ms) {
    if (reader->native_timeout != ms && SetMailslotInfo(reader->slot, ms))
        reader->native_timeout = ms;
}

/* ---- Reading ---- */

/* Translates the result of a read; *head is NO_HEAD if there was no message. Wine reports an
 * empty message as a broken pipe. */
static mailslot_err reader_result(DWORD code, DWORD len, size_t *head) {
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
    case ERROR_INSUFFICIENT_BUFFER: /* a larger message came meanwhile; it stays for the next read
                                     */
        return MAILSLOT_OK;
    default:
        return msi_fail_windows(MSI_READING, code);
    }
}

static DWORD reader_begin_read(msi_win32_reader *reader) {
    ResetEvent(reader->read_ended);
    reader->read = (OVERLAPPED){.hEvent = reader->read_ended};
    if (ReadFile(reader->slot, reader->buf, (DWORD)reader->room, NULL, &reader->read))
        return ERROR_SUCCESS;
    return GetLastError();
}

/* Waits (TRUE) even after a cancel: until the read has ended the system may write to buf and to
 * the OVERLAPPED. */
static DWORD reader_end_read(msi_win32_reader *reader, DWORD *len) {
    *len = 0;
    return GetOverlappedResult(reader->slot, &reader->read, len, TRUE) ? ERROR_SUCCESS
                                                                       : GetLastError();
}

static void reader_wait_for_read(msi_win32_reader *reader, DWORD ms) {
    const HANDLE either[] = {reader->read_ended, reader->interrupted};
    if (WaitForMultipleObjects(2, either, FALSE, ms) != WAIT_OBJECT_0)
        CancelIoEx(reader->slot, &reader->read);
}

static void reader_set_reading(msi_win32_reader *reader, bool reading, bool pending) {
    reader->reading = reading;
    reader->pending = pending;
    WakeAllConditionVariable(&reader->changed);
}

/* With the lock held; releases it while it waits for a message, for at most ms. `reading` keeps
 * other threads from buf meanwhile. The timeout of the mailslot itself ends a read that blocks
 * inside ReadFile() (Wine). */
static mailslot_err reader_read_waiting(msi_win32_reader *reader, DWORD ms, size_t *head) {
    reader_set_reading(reader, true, false);
    reader_set_native_timeout(reader, ms);
    ReleaseSRWLockExclusive(&reader->lock);
    DWORD len = 0, code = reader_begin_read(reader);
    if (code == ERROR_IO_PENDING) {
        AcquireSRWLockExclusive(&reader->lock);
        reader_set_reading(reader, true, true);
        ReleaseSRWLockExclusive(&reader->lock);
        reader_wait_for_read(reader, ms);
        code = reader_end_read(reader, &len);
    } else if (code == ERROR_SUCCESS) {
        code = reader_end_read(reader, &len);
    }
    AcquireSRWLockExclusive(&reader->lock);
    reader_set_reading(reader, false, false);
    return reader_result(code, len, head);
}

/* Drops messages over the limit where the system does not enforce it. */
static bool reader_is_wanted(const msi_win32_reader *reader, size_t head) {
    return head != NO_HEAD && head <= reader->limit;
}

/* On failure sleep, so that waiting threads do not spin; the next take reports the error. */
static void reader_read_head(msi_win32_reader *reader, DWORD ms) {
    bool waiting;
    size_t head = NO_HEAD;
    mailslot_err err = reader_make_room_for_next(reader, &waiting);
    if (!err)
        err = reader_read_waiting(reader, ms, &head);
    if (err)
        SleepConditionVariableSRW(&reader->changed, &reader->lock, ms, 0);
    else if (reader_is_wanted(reader, head))
        reader_set_head(reader, head);
}

void msi_win32_reader_wait(msi_win32_reader *reader, uint64_t deadline) {
    DWORD ms = msi_ms_until(deadline, SLICE_MS);
    AcquireSRWLockExclusive(&reader->lock);
    bool nothing_yet = reader->head == NO_HEAD && !reader->closing;
    if (nothing_yet && reader->reading)
        SleepConditionVariableSRW(&reader->changed, &reader->lock, ms, 0);
    else if (nothing_yet)
        reader_read_head(reader, ms);
    ReleaseSRWLockExclusive(&reader->lock);
}

/* ---- Taking ---- */

/* Another thread waits in a read, so a message may be about to arrive in the buffer; a get
 * without waiting must not miss it. A pending read is cancelled, which ends it with or without a
 * message; one that blocks inside ReadFile() can only be waited for. Without a wake in time it
 * gives up. */
static void reader_catch_up(msi_win32_reader *reader) {
    while (reader->reading && reader->head == NO_HEAD) {
        DWORD next = MAILSLOT_NO_MESSAGE;
        GetMailslotInfo(reader->slot, NULL, &next, NULL, NULL);
        bool pending = reader->pending, certain = pending || next != MAILSLOT_NO_MESSAGE;
        if (pending)
            CancelIoEx(reader->slot, &reader->read);
        bool woken = SleepConditionVariableSRW(&reader->changed, &reader->lock,
                                               certain ? HANDOVER_MS : GRACE_MS, 0);
        if (!woken)
            return;
    }
}

/* Ends: each round takes a message off the queue, makes room for it, or finds none. */
static mailslot_err reader_read_now(msi_win32_reader *reader) {
    size_t head = NO_HEAD;
    while (!reader_is_wanted(reader, head)) {
        bool waiting;
        mailslot_err err = reader_make_room_for_next(reader, &waiting);
        if (!err && !waiting)
            err = MAILSLOT_ERR_EMPTY;
        if (!err)
            err = reader_read_waiting(reader, SLICE_MS, &head);
        if (err)
            return err;
    }
    reader_set_head(reader, head);
    return MAILSLOT_OK;
}

/* Windows records neither the sender nor the time of arrival: use the time of the get. */
static mailslot_err reader_hand_over(msi_win32_reader *reader, void *buf, size_t cap,
                                     msi_message *message) {
    message->len = reader->head;
    if (message->len > cap)
        return MAILSLOT_ERR_TOO_SMALL;
    if (message->len)
        memcpy(buf, reader->buf, message->len);
    message->arrival_ns = reader_real_ns();
    message->pid = message->uid = MSI_NO_ID;
    message->remote = false;
    reader_set_head(reader, NO_HEAD);
    return MAILSLOT_OK;
}

mailslot_err msi_win32_reader_take(msi_win32_reader *reader, void *buf, size_t cap,
                                   msi_message *message) {
    AcquireSRWLockExclusive(&reader->lock);
    mailslot_err err = MAILSLOT_OK;
    if (reader->head == NO_HEAD)
        reader_catch_up(reader);
    if (reader->head == NO_HEAD)
        err = reader->reading ? MAILSLOT_ERR_EMPTY : reader_read_now(reader);
    if (!err)
        err = reader_hand_over(reader, buf, cap, message);
    ReleaseSRWLockExclusive(&reader->lock);
    return err;
}

mailslot_err msi_win32_reader_count(msi_win32_reader *reader, mailslot_info *info) {
    AcquireSRWLockExclusive(&reader->lock);
    if (reader->head == NO_HEAD)
        reader_catch_up(reader);
    mailslot_err err = msi_count_messages(reader->slot, reader->entry, info);
    ReleaseSRWLockExclusive(&reader->lock);
    return err;
}

/* ---- Opening, ending ---- */

mailslot_err msi_win32_reader_open(msi_win32_reader *reader, HANDLE slot, msi_slot_entry *entry,
                                   size_t limit) {
    *reader = (msi_win32_reader){.slot = slot, .entry = entry, .limit = limit, .head = NO_HEAD};
    reader->native_timeout = MAILSLOT_WAIT_FOREVER; /* as made */
    reader->ready = CreateEventW(NULL, TRUE, FALSE, NULL);
    reader->interrupted = CreateEventW(NULL, TRUE, FALSE, NULL);
    reader->read_ended = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (reader->ready && reader->interrupted && reader->read_ended)
        return MAILSLOT_OK;
    mailslot_err err = msi_fail_windows(MSI_CREATING, GetLastError());
    msi_win32_reader_close(reader);
    return err;
}

void msi_win32_reader_close(msi_win32_reader *reader) {
    const HANDLE events[] = {reader->ready, reader->interrupted, reader->read_ended};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (events[i])
            CloseHandle(events[i]);
    free(reader->buf);
}

void msi_win32_reader_interrupt(msi_win32_reader *reader) {
    AcquireSRWLockExclusive(&reader->lock);
    reader->closing = true;
    SetEvent(reader->interrupted);
    WakeAllConditionVariable(&reader->changed);
    ReleaseSRWLockExclusive(&reader->lock);
}

bool msi_win32_reader_wait_taken(msi_win32_reader *reader) {
    AcquireSRWLockExclusive(&reader->lock);
    while (reader->head != NO_HEAD && !reader->closing)
        SleepConditionVariableSRW(&reader->changed, &reader->lock, INFINITE, 0);
    bool go_on = !reader->closing;
    ReleaseSRWLockExclusive(&reader->lock);
    return go_on;
}
