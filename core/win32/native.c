/* The transport of the system's own mailslots on this computer. Joins reader.c, writer.c and
 * slot_directory.c to one endpoint. */
#include "native.h"
#include "reader.h"
#include "waitable.h"
#include "writer.h"

#include <stdlib.h>
#include <string.h>

struct msi_endpoint {
    bool is_reader;
    msi_win32_writer output; /* a writer's, as is limit */
    size_t limit;
    msi_win32_reader input; /* a reader's, as is the rest */
    msi_slot_directory directory;
    HANDLE slot, read_ahead;
};

static bool native_serves(const msi_name *name) { return name->scope == MSI_SCOPE_LOCAL; }

/* ---- Opening and closing ---- */

/* A name of another scope is that of a message for many computers; attach to the local slot of
 * that path. */
static mailslot_err native_endpoint_new(msi_endpoint **endpoint, const msi_name *name,
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

/* Refuse options that Windows cannot honour. It ignores the capacity, but a maximum that exceeds
 * the capacity would fail on other systems. */
static mailslot_err native_check_options(const mailslot_options *options) {
    const size_t overhead = 24;
    size_t padded = (options->max_message + 7) / 8 * 8;
    if (padded < options->max_message || options->max_message >= MAXDWORD ||
        padded + overhead > options->capacity)
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "a maximum of %zu bytes does not fit the capacity of %zu",
                             options->max_message, options->capacity);
    if (options->access != MAILSLOT_ACCESS_USER)
        return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                             "access is not supported on Windows, which decides who may write");
    if (options->local_only)
        return mailslot_fail(
            MAILSLOT_ERR_UNSUPPORTED,
            "local_only is not supported on Windows, which does not tell where messages come from");
    return MAILSLOT_OK;
}

/* CreateMailslotW() comes first, since it decides which reader gets the name (S7). The entry is
 * named after the slot, so only the holder of the name writes it. */
static mailslot_err native_make_reader(msi_endpoint *reader, const wchar_t *wide,
                                       const msi_name *name, const mailslot_options *options) {
    reader->slot = CreateMailslotW(wide, (DWORD)options->max_message, MAILSLOT_WAIT_FOREVER, NULL);
    if (reader->slot == INVALID_HANDLE_VALUE)
        return msi_fail_windows(MSI_CREATING, GetLastError());
    mailslot_err err = msi_slot_directory_add(&reader->directory, name, options, reader->slot);
    if (!err)
        err = msi_win32_reader_open(&reader->input, reader->slot, reader->directory.entry,
                                    options->max_message ? options->max_message : SIZE_MAX);
    if (err) {
        msi_slot_directory_remove(&reader->directory);
        CloseHandle(reader->slot);
    }
    return err;
}

static mailslot_err native_open_reader(msi_endpoint **endpoint, const msi_name *name,
                                       const mailslot_options *options) {
    wchar_t wide[MSI_UTF16_NAME];
    mailslot_err err = native_check_options(options);
    if (!err)
        err = native_endpoint_new(endpoint, name, wide);
    if (err)
        return err;
    (*endpoint)->is_reader = true;
    err = native_make_reader(*endpoint, wide, name, options);
    if (err)
        free(*endpoint);
    return err;
}

/* Windows does not tell a writer the reader's maximum; the reader's entry does. */
static size_t native_limit(const msi_name *name) {
    size_t max_message;
    if (msi_slot_directory_maximum(name, &max_message) && max_message)
        return max_message;
    return MSI_DEFAULT_MAX;
}

static mailslot_err native_open_writer(msi_endpoint **endpoint, const msi_name *name,
                                       const mailslot_options *options, size_t *limit) {
    (void)options;
    wchar_t wide[MSI_UTF16_NAME];
    mailslot_err err = native_endpoint_new(endpoint, name, wide);
    if (err)
        return err;
    (*endpoint)->limit = *limit = native_limit(name);
    DWORD code = msi_win32_writer_open(&(*endpoint)->output, wide, false);
    if (!code)
        return MAILSLOT_OK;
    free(*endpoint);
    return msi_fail_windows(MSI_ATTACHING, code);
}

static void native_interrupt(msi_endpoint *endpoint) {
    if (endpoint->is_reader)
        msi_win32_reader_interrupt(&endpoint->input);
    else
        msi_win32_writer_interrupt(&endpoint->output);
}

/* The thread that reads ahead uses the handles, so it ends first; interrupt() has stopped it. */
static void native_close_reader(msi_endpoint *reader) {
    if (reader->read_ahead)
        msi_waitable_end(reader->read_ahead);
    msi_slot_directory_remove(&reader->directory);
    CloseHandle(reader->slot);
    msi_win32_reader_close(&reader->input);
}

static void native_close(msi_endpoint *endpoint) {
    if (endpoint->is_reader)
        native_close_reader(endpoint);
    else
        msi_win32_writer_close(&endpoint->output);
    free(endpoint);
}

/* ---- Messages ---- */

static mailslot_err native_put(msi_endpoint *endpoint, const void *data, size_t len,
                               int timeout_ms) {
    DWORD code = msi_win32_writer_put(&endpoint->output, data, len, timeout_ms);
    return code ? msi_win32_writer_fail(&endpoint->output, code, len, endpoint->limit)
                : MAILSLOT_OK;
}

static mailslot_err native_take(msi_endpoint *endpoint, void *buf, size_t cap,
                                msi_message *message) {
    return msi_win32_reader_take(&endpoint->input, buf, cap, message);
}

static void native_wait(msi_endpoint *endpoint, uint64_t deadline) {
    msi_win32_reader_wait(&endpoint->input, deadline);
}

static void native_count_bad(msi_endpoint *endpoint, mailslot_err err) {
    (void)err;
    atomic_fetch_add(&endpoint->directory.entry->bad_messages, 1);
}

/* ---- Looking ---- */

/* Windows does not report capacity and use: both stay 0. */
static mailslot_err native_look(msi_endpoint *endpoint, mailslot_info *info) {
    msi_slot_entry *entry = endpoint->directory.entry;
    *info = (mailslot_info)MAILSLOT_INFO_INIT;
    info->max_message = (size_t)entry->max_message;
    info->timeout_ms = atomic_load(&entry->timeout_ms);
    info->reader_pid = entry->pid;
    info->bad_messages = atomic_load(&entry->bad_messages);
    return msi_win32_reader_count(&endpoint->input, info);
}

/* Windows does not report whether a slot is full. */
static mailslot_err native_check_full(msi_endpoint *endpoint, size_t len, bool *is_full) {
    (void)endpoint, (void)len;
    *is_full = false;
    return MAILSLOT_OK;
}

static void native_set_timeout(msi_endpoint *endpoint, int timeout_ms) {
    atomic_store(&endpoint->directory.entry->timeout_ms, timeout_ms);
}

static mailslot_err native_waitable(msi_endpoint *endpoint, mailslot_handle *handle) {
    if (!endpoint->read_ahead) {
        mailslot_err err = msi_waitable_begin(&endpoint->read_ahead, &endpoint->input);
        if (err)
            return err;
    }
    *handle = endpoint->input.ready;
    return MAILSLOT_OK;
}

/* A mailslot without an entry, but which can be opened for writing, belongs to a program that
 * does not use this library. */
static mailslot_err native_stat(const msi_name *name, mailslot_info *info) {
    mailslot_err err = msi_slot_directory_look(name, info);
    wchar_t wide[MSI_UTF16_NAME];
    msi_win32_writer writer;
    if (err != MAILSLOT_ERR_NOT_FOUND || msi_utf16_name(wide, name) ||
        msi_win32_writer_open(&writer, wide, false))
        return err;
    msi_win32_writer_close(&writer);
    return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                         "its reader does not use libmailslot, so nothing is known of it");
}

const msi_transport msi_native_transport = {
    .serves = native_serves,
    .open_reader = native_open_reader,
    .open_writer = native_open_writer,
    .close = native_close,
    .release = NULL, /* there is no fork() */
    .abandon = NULL,
    .interrupt = native_interrupt,
    .put = native_put,
    .take = native_take,
    .wait = native_wait,
    .look = native_look,
    .full = native_check_full,
    .count_bad = native_count_bad,
    .set_timeout = native_set_timeout,
    .waitable = native_waitable,
    .stat = native_stat,
    .list = msi_slot_directory_list,
};
