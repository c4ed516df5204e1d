/* The transport between processes of one user on one computer: a queue in a shared slot file
 * (slotfile.h). A reader may also have deliveries from mailslotd (delivery.h), and a descriptor
 * to poll (waitable.h). */
#include "local.h"
#include "delivery.h"
#include "error.h"
#include "linux/timespec.h"
#include "platform.h"
#include "transport.h"
#include "waitable.h"

#include <stdlib.h>
#include <unistd.h>

struct msi_endpoint {
    msi_attachment end;
    uint32_t pid, uid;             /* of this process, sent with each message */
    _Atomic uint64_t name_checked; /* a reader's: when it last looked whether it has its name */
    msi_waitable *waitable;
    msi_delivery *delivery; /* a reader's; NULL if nothing can come by mailslotd */
};

static bool local_serves(const msi_name *name) { return name->scope == MSI_SCOPE_LOCAL; }

/* ---- Opening and closing ---- */

static mailslot_err local_endpoint_new(msi_endpoint **endpoint) {
    *endpoint = calloc(1, sizeof **endpoint);
    if (!*endpoint)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a mailslot");
    (*endpoint)->pid = (uint32_t)getpid();
    (*endpoint)->uid = (uint32_t)geteuid();
    return MAILSLOT_OK;
}

static bool local_is_reader(const msi_endpoint *endpoint) { return endpoint->end.queue.self == 0; }

/* The waitable's thread first: it looks for mailslotd, and so may start a delivery. */
static void local_stop(msi_endpoint *endpoint) {
    if (endpoint->waitable)
        msi_waitable_stop(endpoint->waitable);
    if (endpoint->delivery)
        msi_delivery_stop(endpoint->delivery);
}

/* Remove the name before its lock is released, or another reader could take the name over and
 * lose it; see slotfile_remove_dead(). */
static void local_close(msi_endpoint *endpoint) {
    if (endpoint->waitable)
        msi_waitable_free(endpoint->waitable);
    if (endpoint->delivery)
        msi_delivery_free(endpoint->delivery);
    if (local_is_reader(endpoint)) {
        msi_queue_close(&endpoint->end.queue);
        msi_slotfile_unlink(&endpoint->end.file);
    }
    msi_attachment_release(&endpoint->end);
    free(endpoint);
}

static mailslot_err local_check_maximum(const mailslot_options *options) {
    msi_queue_layout layout;
    msi_queue_lay_out(&layout, options->capacity);
    size_t largest = msi_queue_largest(&layout);
    if (options->max_message > largest)
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "max_message of %zu bytes does not fit the capacity, which holds %zu",
                             options->max_message, largest);
    return MAILSLOT_OK;
}

/* A cleaner of temporary files, or rm, may take the name of a living reader. Its writers then
 * learn that it is gone, and its gets too once the queue is empty: to make a new file would lose
 * messages of the writers that are still attached to this one. */
static void local_check_name(msi_endpoint *endpoint) {
    enum { CHECK_NS = 500 * MSI_NS_PER_MS };
    msi_queue *queue = &endpoint->end.queue;
    uint64_t now = msi_clock_read(CLOCK_MONOTONIC_COARSE);
    if (now - atomic_load_explicit(&endpoint->name_checked, memory_order_relaxed) < CHECK_NS)
        return;
    atomic_store_explicit(&endpoint->name_checked, now, memory_order_relaxed);
    if (!msi_slotfile_was_removed(&endpoint->end.file))
        return;
    msi_queue_close(queue);
    atomic_store(&queue->removed, true);
}

static void local_look_around(void *reader) {
    msi_endpoint *endpoint = reader;
    local_check_name(endpoint);
    if (endpoint->delivery)
        msi_delivery_look(endpoint->delivery);
}

/* The idle call is set last: the reader's threads may call it at once. */
static mailslot_err local_open_delivery(msi_endpoint *endpoint, const mailslot_options *options) {
    mailslot_err err = msi_delivery_new(&endpoint->delivery, &endpoint->end, options);
    if (!err) {
        endpoint->end.queue.idle.ctx = endpoint;
        endpoint->end.queue.idle.call = local_look_around;
    }
    return err;
}

static mailslot_err local_open_reader(msi_endpoint **endpoint, const msi_name *name,
                                      const mailslot_options *options) {
    mailslot_err err = local_check_maximum(options);
    if (!err)
        err = local_endpoint_new(endpoint);
    if (err)
        return err;
    err = msi_slotfile_create(&(*endpoint)->end.file, name, options);
    if (err) {
        free(*endpoint);
        return err;
    }
    msi_attachment_view(&(*endpoint)->end);
    err = local_open_delivery(*endpoint, options);
    if (err)
        local_close(*endpoint);
    return err;
}

/* A name of another scope is that of a message for many computers: readers that refuse the
 * network do not get it. */
static mailslot_err local_open_file(msi_slotfile *file, const msi_name *name) {
    mailslot_err err = msi_slotfile_open(file, name->key, true);
    if (err || name->scope == MSI_SCOPE_LOCAL || !file->local_only)
        return err;
    msi_slotfile_release(file);
    msi_slotfile_unmap(file);
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND,
                         "the mailslot accepts no messages from the network");
}

static mailslot_err local_open_writer(msi_endpoint **endpoint, const msi_name *name,
                                      const mailslot_options *options, size_t *limit) {
    (void)options;
    mailslot_err err = local_endpoint_new(endpoint);
    if (err)
        return err;
    msi_attachment *end = &(*endpoint)->end;
    err = local_open_file(&end->file, name);
    if (!err)
        err = msi_attachment_attach(end, (*endpoint)->pid);
    if (err)
        free(*endpoint);
    else
        *limit = msi_attachment_limit(end);
    return err;
}

static void local_release(msi_endpoint *endpoint) {
    if (endpoint->delivery)
        msi_delivery_release(endpoint->delivery);
    msi_attachment_release(&endpoint->end);
    if (endpoint->waitable)
        msi_waitable_release(endpoint->waitable);
}

static void local_abandon(msi_endpoint *endpoint) {
    if (endpoint->delivery)
        msi_delivery_abandon(endpoint->delivery);
    if (endpoint->waitable)
        msi_waitable_abandon(endpoint->waitable);
    free(endpoint);
}

static void local_interrupt(msi_endpoint *endpoint) {
    msi_queue_interrupt(&endpoint->end.queue);
    if (endpoint->delivery)
        msi_delivery_interrupt(endpoint->delivery);
}

/* ---- Messages ---- */

static mailslot_err local_put(msi_endpoint *endpoint, const void *data, size_t len,
                              int timeout_ms) {
    msi_message message;
    message.len = len;
    message.arrival_ns = msi_clock_read(CLOCK_REALTIME_COARSE); /* a few ns, right to a few ms */
    message.pid = endpoint->pid;
    message.uid = endpoint->uid;
    message.remote = false;
    return msi_queue_put(&endpoint->end.queue, &message, data, timeout_ms);
}

/* A reader that never sleeps looks around when its queue is empty, and once per 1,024 messages if
 * it never is. */
static bool local_is_time_to_look(const msi_queue *queue, mailslot_err err) {
    enum { TAKES_PER_LOOK = 1024 };
    uint64_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);
    return err == MAILSLOT_ERR_EMPTY || msi_count(head) % TAKES_PER_LOOK == 0;
}

static mailslot_err local_removed(void) {
    return mailslot_fail(MAILSLOT_ERR_GONE, "another program removed the slot's file, so that no "
                                            "writer finds it: close the slot and open it again");
}

static mailslot_err local_take(msi_endpoint *endpoint, void *buf, size_t cap,
                               msi_message *message) {
    msi_queue *queue = &endpoint->end.queue;
    bool removed = atomic_load_explicit(&queue->removed, memory_order_relaxed);
    mailslot_err err = msi_queue_take(queue, buf, cap, message);
    if (err == MAILSLOT_ERR_EMPTY && removed)
        return local_removed();
    if (err == MAILSLOT_ERR_EMPTY && endpoint->waitable)
        msi_waitable_clear(endpoint->waitable);
    if (local_is_time_to_look(queue, err))
        local_look_around(endpoint);
    return err;
}

static void local_wait(msi_endpoint *endpoint, uint64_t deadline) {
    msi_queue_wait(&endpoint->end.queue, deadline, true);
}

static void local_count_bad(msi_endpoint *endpoint, mailslot_err err) {
    msi_queue_shared *shared = endpoint->end.queue.shared;
    atomic_fetch_add_explicit(&shared->bad_messages, 1, memory_order_relaxed);
    if (err == MAILSLOT_ERR_TOO_COMPLEX)
        atomic_fetch_add_explicit(&shared->too_complex, 1, memory_order_relaxed);
}

static void local_count_too_big(msi_endpoint *endpoint) {
    atomic_fetch_add_explicit(&endpoint->end.queue.shared->too_big, 1, memory_order_relaxed);
}

/* ---- Looking ---- */

/* The error comes from memory that other processes can write: any number may be there. */
static const char *local_refusal_text(mailslot_err refusal) {
    switch (refusal) {
    case MAILSLOT_OK:
        return NULL;
    case MAILSLOT_ERR_IN_USE:
        return "this user has as many readers of this name as max-readers-per-name allows";
    case MAILSLOT_ERR_FULL:
        return "mailslotd has as many connections, or as many of this user, as it allows";
    case MAILSLOT_ERR_NO_MEMORY:
        return "mailslotd has no memory for it";
    case MAILSLOT_ERR_UNSUPPORTED:
        return "mailslotd is of another version";
    default:
        return "mailslotd does not say why";
    }
}

static void local_inspect_registration(const msi_slotfile *file, mailslot_info *info) {
    info->refusal = local_refusal_text(msi_slotfile_refusal(file));
    if (info->refusal)
        info->registration = MAILSLOT_REFUSED;
    else if (msi_slotfile_registered(file))
        info->registration = MAILSLOT_REGISTERED;
}

static mailslot_err local_inspect(const msi_attachment *end, mailslot_info *info) {
    const msi_slotfile *file = &end->file;
    *info = (mailslot_info)MAILSLOT_INFO_INIT;
    info->max_message = file->max_message;
    info->capacity = file->capacity;
    info->timeout_ms = msi_slotfile_timeout(file);
    info->reader_pid = msi_slotfile_reader_pid(file);
    local_inspect_registration(file, info);
    return msi_queue_inspect(&end->queue, info);
}

static mailslot_err local_look(msi_endpoint *endpoint, mailslot_info *info) {
    return local_inspect(&endpoint->end, info);
}

static mailslot_err local_check_full(msi_endpoint *endpoint, size_t len, bool *is_full) {
    return msi_queue_full(&endpoint->end.queue, len, is_full);
}

bool msi_local_registered(const msi_endpoint *writer) {
    return msi_slotfile_registered(&writer->end.file);
}

static void local_set_timeout(msi_endpoint *endpoint, int timeout_ms) {
    msi_slotfile_set_timeout(&endpoint->end.file, timeout_ms);
}

static mailslot_err local_waitable(msi_endpoint *endpoint, mailslot_handle *handle) {
    if (!endpoint->waitable) {
        msi_fork_lock();
        mailslot_err err = msi_waitable_new(&endpoint->waitable, &endpoint->end.queue);
        msi_fork_unlock();
        if (err)
            return err;
    }
    *handle = msi_waitable_descriptor(endpoint->waitable);
    return MAILSLOT_OK;
}

/* ---- Other slots ---- */

/* Under the fork lock: a forked child must not inherit the descriptor, which holds the slot file
 * open. */
static mailslot_err local_inspect_key(const char *key, msi_attachment *end, mailslot_info *info) {
    msi_fork_lock();
    mailslot_err err = msi_slotfile_open(&end->file, key, false);
    if (!err) {
        msi_attachment_view(end);
        err = local_inspect(end, info);
        msi_attachment_release(end);
    }
    msi_fork_unlock();
    return err;
}

static mailslot_err local_stat(const msi_name *name, mailslot_info *info) {
    msi_attachment end;
    return local_inspect_key(name->key, &end, info);
}

static mailslot_err local_peek(const msi_name *name, void *buf, size_t cap, msi_message *message) {
    msi_attachment end;
    msi_fork_lock();
    mailslot_err err = msi_slotfile_open(&end.file, name->key, false);
    if (!err) {
        msi_attachment_view(&end);
        err = msi_queue_peek(&end.queue, buf, cap, message);
        msi_attachment_release(&end);
    }
    msi_fork_unlock();
    return err;
}

typedef struct {
    mailslot_err (*each)(void *ctx, const char *name, const mailslot_info *info);
    void *ctx;
} listing;

/* Skip what cannot be inspected: its reader has gone meanwhile, or it is no slot. But report
 * that the system is out of memory or descriptors. */
static mailslot_err local_list_one(void *ctx, const char *key) {
    const listing *to = ctx;
    msi_attachment end;
    mailslot_info info = MAILSLOT_INFO_INIT;
    msi_fail_silently();
    mailslot_err err = local_inspect_key(key, &end, &info);
    if (err == MAILSLOT_ERR_NO_MEMORY || err == MAILSLOT_ERR_OS)
        return msi_fail_after_all(err);
    msi_fail_aloud();
    return err ? MAILSLOT_OK : to->each(to->ctx, end.file.path, &info);
}

static mailslot_err local_list(mailslot_err (*each)(void *ctx, const char *name,
                                                    const mailslot_info *info),
                               void *ctx) {
    listing to = {each, ctx};
    return msi_slotfile_each(local_list_one, &to);
}

const msi_transport msi_local_transport = {
    .serves = local_serves,
    .open_reader = local_open_reader,
    .open_writer = local_open_writer,
    .stop = local_stop,
    .close = local_close,
    .release = local_release,
    .abandon = local_abandon,
    .interrupt = local_interrupt,
    .put = local_put,
    .take = local_take,
    .wait = local_wait,
    .look = local_look,
    .full = local_check_full,
    .count_bad = local_count_bad,
    .count_too_big = local_count_too_big,
    .set_timeout = local_set_timeout,
    .waitable = local_waitable,
    .stat = local_stat,
    .peek = local_peek,
    .list = local_list,
};
