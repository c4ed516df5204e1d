/* The transport between processes of one computer: a queue in a slot file. */
#include "error.h"
#include "platform.h"
#include "slotfile.h"
#include "waitable.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct msi_endpoint {
    msi_slotfile file;
    msi_queue queue;
    uint32_t pid, uid; /* ours, as a writer's messages say */
    msi_waitable *waitable;
};

static bool serves(const msi_name *name) { return name->scope == MSI_SCOPE_LOCAL; }

/* ---- Hooks of the queue ---- */

static bool holder_lives(void *file, uint32_t holder) { return msi_slotfile_is_held(file, holder); }

static bool reserve_chunk(void *file, uint32_t chunk) { return msi_slotfile_reserve(file, chunk); }

static void view_queue(msi_queue *queue, msi_slotfile *file) {
    *queue = (msi_queue){
        .shared = msi_slotfile_queue(file),
        .ring = msi_slotfile_ring(file),
        .layout = file->layout,
        .hooks = {holder_lives, reserve_chunk, file},
    };
}

/* ---- Opening and closing ---- */

static mailslot_err new_endpoint(msi_endpoint **endpoint) {
    *endpoint = calloc(1, sizeof **endpoint);
    if (!*endpoint)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a mailslot");
    (*endpoint)->pid = (uint32_t)getpid();
    (*endpoint)->uid = (uint32_t)geteuid();
    return MAILSLOT_OK;
}

static mailslot_err check_maximum(const mailslot_options *options) {
    msi_queue_layout layout;
    msi_queue_lay_out(&layout, options->capacity);
    size_t largest = msi_queue_largest(&layout);
    if (options->max_message > largest)
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "a maximum of %zu bytes does not fit the capacity, which holds %zu",
                             options->max_message, largest);
    return MAILSLOT_OK;
}

static mailslot_err open_reader(msi_endpoint **endpoint, const msi_name *name,
                                const mailslot_options *options) {
    mailslot_err err = check_maximum(options);
    if (!err)
        err = new_endpoint(endpoint);
    if (err)
        return err;
    err = msi_slotfile_create(&(*endpoint)->file, name, options);
    if (err) {
        free(*endpoint);
        return err;
    }
    view_queue(&(*endpoint)->queue, &(*endpoint)->file);
    return MAILSLOT_OK;
}

static size_t limit_of(const msi_slotfile *file) {
    size_t largest = msi_queue_largest(&file->layout);
    size_t limit = file->max_message ? file->max_message : MSI_DEFAULT_MAX;
    return limit < largest ? limit : largest;
}

static mailslot_err open_writer(msi_endpoint **endpoint, const msi_name *name, size_t *limit) {
    mailslot_err err = new_endpoint(endpoint);
    if (err)
        return err;
    msi_slotfile *file = &(*endpoint)->file;
    msi_queue *queue = &(*endpoint)->queue;
    err = msi_slotfile_open(file, name->key, true);
    if (!err) {
        view_queue(queue, file);
        queue->pid = (*endpoint)->pid;
        err = msi_slotfile_hold_writer_byte(file, &queue->self);
    }
    if (err) {
        msi_slotfile_release(file);
        msi_slotfile_unmap(file);
        free(*endpoint);
        return err;
    }
    msi_queue_adopt(queue);
    *limit = limit_of(file);
    return MAILSLOT_OK;
}

/* The mapping goes too: it keeps the locks of the open() it was made from, and a child that lived
 * on with it would keep a dead parent's slots alive. */
static void release(msi_endpoint *endpoint) {
    msi_slotfile_release(&endpoint->file);
    msi_slotfile_unmap(&endpoint->file);
    if (endpoint->waitable)
        msi_waitable_release(endpoint->waitable);
}

static void abandon(msi_endpoint *endpoint) {
    if (endpoint->waitable)
        msi_waitable_abandon(endpoint->waitable);
    free(endpoint);
}

static bool is_reader(const msi_endpoint *endpoint) { return endpoint->queue.self == 0; }

/* The name goes while its lock is still held; see remove_dead(). */
static void close_endpoint(msi_endpoint *endpoint) {
    if (endpoint->waitable)
        msi_waitable_free(endpoint->waitable);
    endpoint->waitable = NULL;
    if (is_reader(endpoint)) {
        msi_queue_close(&endpoint->queue);
        msi_slotfile_unlink(&endpoint->file);
    }
    release(endpoint);
    abandon(endpoint);
}

static void interrupt(msi_endpoint *endpoint) { msi_queue_interrupt(&endpoint->queue); }

/* ---- Messages ---- */

/* The coarse clock costs a few ns and is right to a few ms. */
static uint64_t arrival_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static mailslot_err put(msi_endpoint *endpoint, const void *data, size_t len, uint64_t deadline) {
    msi_message message;
    message.len = len;
    message.arrival_ns = arrival_time();
    message.pid = endpoint->pid;
    message.uid = endpoint->uid;
    message.remote = false;
    return msi_queue_put(&endpoint->queue, &message, data, deadline);
}

static mailslot_err take(msi_endpoint *endpoint, void *buf, size_t cap, msi_message *message) {
    mailslot_err err = msi_queue_take(&endpoint->queue, buf, cap, message);
    if (err == MAILSLOT_ERR_EMPTY && endpoint->waitable)
        msi_waitable_clear(endpoint->waitable);
    return err;
}

static void wait(msi_endpoint *endpoint, uint64_t deadline) {
    msi_queue_wait(&endpoint->queue, deadline, true);
}

static void count_bad(msi_endpoint *endpoint) {
    atomic_fetch_add_explicit(&endpoint->queue.shared->bad_messages, 1, memory_order_relaxed);
}

/* ---- Looking ---- */

static mailslot_err look_at(const msi_slotfile *file, const msi_queue *queue, mailslot_info *info) {
    info->max_message = file->max_message;
    info->capacity = file->capacity;
    info->timeout_ms = msi_slotfile_timeout(file);
    info->reader_pid = msi_slotfile_reader_pid(file);
    return msi_queue_look(queue, info);
}

static mailslot_err look(msi_endpoint *endpoint, mailslot_info *info) {
    return look_at(&endpoint->file, &endpoint->queue, info);
}

static mailslot_err full(msi_endpoint *endpoint, size_t len, bool *is_full) {
    return msi_queue_full(&endpoint->queue, len, is_full);
}

static void set_timeout(msi_endpoint *endpoint, int timeout_ms) {
    msi_slotfile_set_timeout(&endpoint->file, timeout_ms);
}

static mailslot_err waitable(msi_endpoint *endpoint, mailslot_handle *handle) {
    if (!endpoint->waitable) {
        mailslot_err err = msi_waitable_new(&endpoint->waitable, &endpoint->queue);
        if (err)
            return err;
    }
    *handle = msi_waitable_descriptor(endpoint->waitable);
    return MAILSLOT_OK;
}

/* ---- Other slots ---- */

/* Opens a slot only to look. fork() must not copy the descriptor into a child that keeps it. */
static mailslot_err look_from_outside(const char *key, msi_slotfile *file, mailslot_info *info) {
    msi_fork_lock();
    mailslot_err err = msi_slotfile_open(file, key, false);
    if (!err) {
        msi_queue queue;
        view_queue(&queue, file);
        err = look_at(file, &queue, info);
        msi_slotfile_release(file);
        msi_slotfile_unmap(file);
    }
    msi_fork_unlock();
    return err;
}

static mailslot_err stat_slot(const msi_name *name, mailslot_info *info) {
    msi_slotfile file;
    return look_from_outside(name->key, &file, info);
}

typedef struct {
    mailslot_err (*each)(void *ctx, const char *name, const mailslot_info *info);
    void *ctx;
} listing;

/* What cannot be looked at is no live slot: its reader went meanwhile, or it never was one. Unless
 * it is the system that has nothing left to look with. */
static mailslot_err list_one(void *ctx, const char *key) {
    const listing *to = ctx;
    msi_slotfile file;
    mailslot_info info = MAILSLOT_INFO_INIT;
    mailslot_err err = look_from_outside(key, &file, &info);
    if (err == MAILSLOT_ERR_NO_MEMORY || err == MAILSLOT_ERR_OS)
        return err;
    return err ? MAILSLOT_OK : to->each(to->ctx, file.path, &info);
}

static mailslot_err
list(mailslot_err (*each)(void *ctx, const char *name, const mailslot_info *info), void *ctx) {
    listing to = {each, ctx};
    return msi_slotfile_each(list_one, &to);
}

extern const msi_transport msi_local_transport;
const msi_transport msi_local_transport = {
    .serves = serves,
    .open_reader = open_reader,
    .open_writer = open_writer,
    .close = close_endpoint,
    .release = release,
    .abandon = abandon,
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
    .list = list,
};
