/* The transport of the system's own mailslots on this computer. */
#include "native.h"
#include "reader.h"
#include "waitable.h"
#include "writer.h"

#include <stdlib.h>
#include <string.h>

struct msi_endpoint {
    bool is_reader;
    msi_win32_writer outbox; /* a writer's, with the next */
    size_t limit;
    msi_win32_reader inbox; /* the rest is a reader's */
    msi_slot_directory board;
    HANDLE slot, read_ahead;
};

static bool serves(const msi_name *name) { return name->scope == MSI_SCOPE_LOCAL; }

/* ---- Opening and closing ---- */

/* A name of another scope is one of a message for many, whose part of this computer it is. */
static mailslot_err new_endpoint(msi_endpoint **endpoint, const msi_name *name,
                                 wchar_t wide[MSI_UTF16_NAME]) {
    msi_name here = *name;
    here.scope = MSI_SCOPE_LOCAL;
    mailslot_err err = msi_utf16_name(wide, &here);
    if (err)
        return err;
    *endpoint = calloc(1, sizeof **endpoint);
    return *endpoint ? MAILSLOT_OK
                     : mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a mailslot");
}

/* What the system cannot do must not be asked for in vain. The capacity binds nobody here, but a
 * maximum that does not fit it fits on no other system. */
static mailslot_err check_options(const mailslot_options *options) {
    const size_t overhead = 24;
    size_t padded = (options->max_message + 7) / 8 * 8;
    if (padded < options->max_message || options->max_message >= MAXDWORD ||
        padded + overhead > options->capacity)
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "a maximum of %zu bytes does not fit the capacity of %zu",
                             options->max_message, options->capacity);
    if (options->access != MAILSLOT_ACCESS_USER)
        return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                             "Windows alone says who may write to a mailslot");
    if (options->local_only)
        return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                             "Windows does not tell messages of other computers apart");
    return MAILSLOT_OK;
}

static mailslot_err make_reader(msi_endpoint *reader, const wchar_t *wide, const msi_name *name,
                                const mailslot_options *options) {
    reader->slot = CreateMailslotW(wide, (DWORD)options->max_message, MAILSLOT_WAIT_FOREVER, NULL);
    if (reader->slot == INVALID_HANDLE_VALUE)
        return msi_fail_windows(MSI_CREATING, GetLastError());
    mailslot_err err = msi_slot_directory_add(&reader->board, name, options, reader->slot);
    if (!err)
        err = msi_win32_reader_open(&reader->inbox, reader->slot, reader->board.notice,
                                    options->max_message ? options->max_message : SIZE_MAX);
    if (err) {
        msi_slot_directory_remove(&reader->board);
        CloseHandle(reader->slot);
    }
    return err;
}

static mailslot_err open_reader(msi_endpoint **endpoint, const msi_name *name,
                                const mailslot_options *options) {
    wchar_t wide[MSI_UTF16_NAME];
    mailslot_err err = check_options(options);
    if (!err)
        err = new_endpoint(endpoint, name, wide);
    if (err)
        return err;
    (*endpoint)->is_reader = true;
    err = make_reader(*endpoint, wide, name, options);
    if (err)
        free(*endpoint);
    return err;
}

static size_t limit_of(const msi_name *name) {
    size_t max_message;
    if (msi_slot_directory_maximum(name, &max_message) && max_message)
        return max_message;
    return MSI_DEFAULT_MAX;
}

static mailslot_err open_writer(msi_endpoint **endpoint, const msi_name *name,
                                const mailslot_options *options, size_t *limit) {
    (void)options;
    wchar_t wide[MSI_UTF16_NAME];
    mailslot_err err = new_endpoint(endpoint, name, wide);
    if (err)
        return err;
    (*endpoint)->limit = *limit = limit_of(name);
    DWORD code = msi_win32_writer_open(&(*endpoint)->outbox, wide, false);
    if (!code)
        return MAILSLOT_OK;
    free(*endpoint);
    return msi_fail_windows(MSI_ATTACHING, code);
}

static void interrupt(msi_endpoint *endpoint) {
    if (endpoint->is_reader)
        msi_win32_reader_interrupt(&endpoint->inbox);
    else
        msi_win32_writer_interrupt(&endpoint->outbox);
}

static void close_reader(msi_endpoint *reader) {
    if (reader->read_ahead)
        msi_waitable_end(reader->read_ahead);
    msi_slot_directory_remove(&reader->board);
    CloseHandle(reader->slot);
    msi_win32_reader_close(&reader->inbox);
}

static void close_endpoint(msi_endpoint *endpoint) {
    if (endpoint->is_reader)
        close_reader(endpoint);
    else
        msi_win32_writer_close(&endpoint->outbox);
    free(endpoint);
}

/* ---- Messages ---- */

static mailslot_err put(msi_endpoint *endpoint, const void *data, size_t len, uint64_t deadline) {
    DWORD code = msi_win32_writer_put(&endpoint->outbox, data, len, deadline);
    return code ? msi_win32_writer_fail(&endpoint->outbox, code, len, endpoint->limit)
                : MAILSLOT_OK;
}

static mailslot_err take(msi_endpoint *endpoint, void *buf, size_t cap, msi_message *message) {
    return msi_win32_reader_take(&endpoint->inbox, buf, cap, message);
}

static void wait(msi_endpoint *endpoint, uint64_t deadline) {
    msi_win32_reader_wait(&endpoint->inbox, deadline);
}

static void count_bad(msi_endpoint *endpoint, mailslot_err err) {
    (void)err;
    atomic_fetch_add(&endpoint->board.notice->bad_messages, 1);
}

/* ---- Looking ---- */

/* The system tells nothing of how much a mailslot holds or could: capacity and use stay 0. */
static mailslot_err look(msi_endpoint *endpoint, mailslot_info *info) {
    msi_slot_entry *notice = endpoint->board.notice;
    *info = (mailslot_info)MAILSLOT_INFO_INIT;
    info->max_message = (size_t)notice->max_message;
    info->timeout_ms = atomic_load(&notice->timeout_ms);
    info->reader_pid = notice->pid;
    info->bad_messages = atomic_load(&notice->bad_messages);
    return msi_win32_reader_count(&endpoint->inbox, info);
}

/* It never is, as far as the system tells. */
static mailslot_err full(msi_endpoint *endpoint, size_t len, bool *is_full) {
    (void)endpoint, (void)len;
    *is_full = false;
    return MAILSLOT_OK;
}

static void set_timeout(msi_endpoint *endpoint, int timeout_ms) {
    atomic_store(&endpoint->board.notice->timeout_ms, timeout_ms);
}

static mailslot_err waitable(msi_endpoint *endpoint, mailslot_handle *handle) {
    if (!endpoint->read_ahead) {
        mailslot_err err = msi_waitable_begin(&endpoint->read_ahead, &endpoint->inbox);
        if (err)
            return err;
    }
    *handle = endpoint->inbox.ready;
    return MAILSLOT_OK;
}

/* A mailslot without a board is another program's, if it can be written to. */
static mailslot_err stat_slot(const msi_name *name, mailslot_info *info) {
    mailslot_err err = msi_slot_directory_look(name, info);
    wchar_t wide[MSI_UTF16_NAME];
    msi_win32_writer writer;
    if (err != MAILSLOT_ERR_NOT_FOUND || msi_utf16_name(wide, name) ||
        msi_win32_writer_open(&writer, wide, false))
        return err;
    msi_win32_writer_close(&writer);
    return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                         "its reader does not use libmailslot, and Windows tells nothing of it");
}

const msi_transport msi_native_transport = {
    .serves = serves,
    .open_reader = open_reader,
    .open_writer = open_writer,
    .close = close_endpoint,
    .release = NULL, /* there are no forked children */
    .abandon = NULL,
    .interrupt = interrupt,
    .put = put,
    .take = take,
    .wait = wait,
    .look = look,
    .full = full,
    .count_bad = count_bad,
    .set_timeout = set_timeout,
    .waitable = waitable,
    .stat = stat_slot,
    .list = msi_slot_directory_list,
};
