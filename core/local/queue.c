/* The queue itself: layout, put, take and waiting. */
#include "queue.h"
#include "deadline.h"
#include "error.h"
#include "frame.h"
#include "linux/futex_wait.h"
#include "lock.h"

enum {
    LOOK_NS = 50000000,       /* a writer that puts checks this often that the reader lives */
    ROOM_SLICE_NS = 20000000, /* a writer that waits for room checks as often */
    READER_SLICE_NS = 50000000,
    SPIN_NS = 10000, /* a reader spins this long before it sleeps, while messages come fast */
    SPIN_WORTH_NS = 150000,
    STANDOFF_NS = 500,
    PAUSES_PER_LOOK = 8,
};

/* ---- Layout ---- */

/* Chunks of 32 KiB serve the default capacity; a small queue has smaller ones, so that it is cut
 * into many all the same, and a very large one larger ones, so that the table holds them. */
void msi_queue_lay_out(msi_queue_layout *layout, size_t capacity) {
    uint32_t shift = capacity >= (1u << 20) ? 15 : 12;
    while ((capacity >> shift) + 2 >= MSI_TABLE_SIZE)
        shift++;
    layout->capacity = (uint32_t)(capacity / MSI_UNIT);
    layout->chunk_shift = shift;
    /* One more than the capacity fills, since it may begin and end within chunks. */
    layout->chunks = (uint32_t)((capacity + ((size_t)1 << shift) - 1) >> shift) + 1;
}

size_t msi_queue_ring_size(const msi_queue_layout *layout) {
    return (size_t)layout->chunks << layout->chunk_shift;
}

size_t msi_queue_largest(const msi_queue_layout *layout) {
    size_t size = (size_t)layout->capacity * MSI_UNIT - MSI_FRAME_HEADER;
    return size < UINT32_MAX ? size : UINT32_MAX;
}

void msi_queue_init(msi_queue_shared *shared, const msi_queue_layout *layout, uint32_t start) {
    uint32_t step = 1u << (layout->chunk_shift - 3);
    start -= start % step;
    atomic_store(&shared->head, msi_word(0, start));
    atomic_store(&shared->head_seen, msi_word(0, start));
    atomic_store(&shared->tail, msi_word(0, start));
    atomic_store(&shared->assigned, msi_word(0, start));
}

/* ---- Putting ---- */

void msi_queue_adopt(msi_queue *queue) { msi_lock_adopt(queue); }

static mailslot_err queue_gone(void) { return msi_fail_plain(MAILSLOT_ERR_GONE); }

/* Asks the system. A dead reader is recorded as closed, for all writers. */
static bool queue_reader_lives(msi_queue *queue) {
    bool alive = queue->hooks.alive(queue->hooks.ctx, 0);
    if (!alive)
        atomic_store_explicit(&queue->shared->closed, 1, memory_order_relaxed);
    return alive;
}

/* Asks the system every LOOK_NS only. The message's arrival time serves as the clock; setting the
 * system's clock at worst causes one extra check. */
static bool queue_reader_seems_alive(msi_queue *queue, uint64_t now) {
    if (atomic_load_explicit(&queue->shared->closed, memory_order_relaxed))
        return false;
    if (now - atomic_load_explicit(&queue->last_look, memory_order_relaxed) < LOOK_NS)
        return true;
    atomic_store_explicit(&queue->last_look, now, memory_order_relaxed);
    return queue_reader_lives(queue);
}

/* With the lock held. */
static uint64_t queue_see_head(msi_queue *queue) {
    uint64_t head = atomic_load_explicit(&queue->shared->head, memory_order_acquire);
    atomic_store_explicit(&queue->shared->head_seen, head, memory_order_relaxed);
    return head;
}

/* With the lock held: returns how many units are taken. Reads head, whose line the reader owns,
 * only if the last value seen leaves no room for `more`. More than the capacity if the positions
 * are damaged. */
static uint32_t queue_units_used(msi_queue *queue, uint32_t position, uint32_t more) {
    uint32_t capacity = queue->layout.capacity;
    uint64_t head = atomic_load_explicit(&queue->shared->head_seen, memory_order_relaxed);
    uint32_t used = position - msi_position(head);
    if (used <= capacity && more <= capacity - used)
        return used;
    return position - msi_position(queue_see_head(queue));
}

/* The failure of a put that saw `used` units taken. If the message fits beside them, the system
 * could not provide the memory. */
static mailslot_err queue_no_room(const msi_queue *queue, uint32_t used, uint32_t more) {
    if (more <= queue->layout.capacity - used)
        return mailslot_fail(MAILSLOT_ERR_FULL, "the system has no memory left for the queue");
    return mailslot_fail(MAILSLOT_ERR_FULL, "the mailslot is full: %llu of %llu bytes used",
                         (unsigned long long)used * MSI_UNIT,
                         (unsigned long long)queue->layout.capacity * MSI_UNIT);
}

/* Adds to a number that has one writer at a time, without an atomic read-modify-write. */
static void queue_add(_Atomic uint64_t *number, uint64_t what) {
    uint64_t before = atomic_load_explicit(number, memory_order_relaxed);
    atomic_store_explicit(number, before + what, memory_order_relaxed);
}

static unsigned queue_size_class(uint32_t len) {
    unsigned bits = len ? 32 - (unsigned)__builtin_clz(len) : 0;
    return bits < MAILSLOT_SIZE_CLASSES ? bits : MAILSLOT_SIZE_CLASSES - 1;
}

/* With the lock held, which makes statistics nearly free. */
static void queue_count_put(msi_queue_shared *shared, uint32_t len) {
    queue_add(&shared->bytes_put, len);
    queue_add(&shared->sizes[queue_size_class(len)], 1);
    if (len > atomic_load_explicit(&shared->largest, memory_order_relaxed))
        atomic_store_explicit(&shared->largest, len, memory_order_relaxed);
}

/* Called with the lock held. The store of tail publishes the message. FULL
 * without a detail, for queue_no_room(), since the put may wait. */
static mailslot_err queue_append(msi_queue *queue, const msi_frame_header *header,
                                 const msi_message *message, const void *data, uint32_t *used) {
    uint32_t more = msi_frame_units(msi_frame_size(header));
    uint64_t tail = atomic_load_explicit(&queue->shared->tail, memory_order_relaxed);
    uint32_t position = msi_position(tail);
    *used = queue_units_used(queue, position, more);
    if (*used > queue->layout.capacity)
        return msi_positions_damaged();
    if (more > queue->layout.capacity - *used)
        return MAILSLOT_ERR_FULL;
    mailslot_err err = msi_ring_reserve(queue, position + more);
    if (err == MAILSLOT_ERR_FULL)
        queue_see_head(queue); /* for queue_wait_for_room(), which sleeps until it moves */
    if (err)
        return err;
    if (!msi_frame_write(queue, position, header, message, data))
        return msi_table_damaged();
    atomic_store_explicit(&queue->shared->tail, msi_word(msi_count(tail) + 1, position + more),
                          memory_order_release);
    atomic_store_explicit(&queue->shared->newest, msi_word(1, position), memory_order_release);
    queue_count_put(queue->shared, header->len);
    msi_ring_prefetch(queue, (uint64_t)(position + more) * MSI_UNIT, (size_t)more * MSI_UNIT);
    return MAILSLOT_OK;
}

/* After a put found no room: OK if it is worth another try, FULL without a detail if it is not. The
 * reader may have made room between the put's look at head and our asking for it, so look at head
 * again. */
static mailslot_err queue_wait_for_room(msi_queue *queue, msi_timeout *timeout) {
    uint64_t deadline = msi_timeout_deadline(timeout);
    if (deadline == 0)
        return MAILSLOT_ERR_FULL;
    if (atomic_load_explicit(&queue->interrupted, memory_order_relaxed))
        return msi_fail_plain(MAILSLOT_ERR_CLOSED);
    if (!queue_reader_lives(queue) ||
        atomic_load_explicit(&queue->shared->closed, memory_order_relaxed))
        return queue_gone();
    uint64_t now = msi_now();
    if (now >= deadline)
        return MAILSLOT_ERR_FULL;
    uint64_t head = atomic_load_explicit(&queue->shared->head_seen, memory_order_relaxed);
    atomic_store(&queue->shared->room_wanted, 1);
    if (atomic_load(&queue->shared->head) == head)
        msi_futex_wait(&queue->shared->room_wanted, 1,
                       deadline - now < ROOM_SLICE_NS ? deadline - now : ROOM_SLICE_NS, 0);
    return MAILSLOT_OK;
}

mailslot_err msi_queue_put(msi_queue *queue, const msi_message *message, const void *data,
                           int timeout_ms) {
    msi_timeout timeout = {timeout_ms, 0};
    if (!queue_reader_seems_alive(queue, message->arrival_ns))
        return queue_gone();
    msi_frame_header header = msi_frame_header_of(message);
    for (;;) {
        mailslot_err err = msi_queue_lock(queue, &timeout);
        if (err == MAILSLOT_OK) {
            uint32_t used;
            err = queue_append(queue, &header, message, data, &used);
            msi_queue_unlock(queue);
            if (err == MAILSLOT_ERR_FULL) {
                err = queue_wait_for_room(queue, &timeout);
                if (err == MAILSLOT_OK)
                    continue;
                if (err == MAILSLOT_ERR_FULL)
                    queue_no_room(queue, used, msi_frame_units(msi_frame_size(&header)));
            }
        }
        if (err == MAILSLOT_ERR_FULL)
            atomic_fetch_add_explicit(&queue->shared->refused, 1, memory_order_relaxed);
        return err;
    }
}

/* ---- Taking ---- */

/* Finds the units between the reader and tail. Loads tail, whose line the writers own, only if the
 * last value seen is used up. */
static mailslot_err queue_units_waiting(msi_queue *queue, uint64_t head, uint32_t *waiting) {
    *waiting = msi_position(queue->tail_seen) - msi_position(head);
    if (*waiting)
        return MAILSLOT_OK;
    queue->tail_seen = atomic_load_explicit(&queue->shared->tail, memory_order_acquire);
    *waiting = msi_position(queue->tail_seen) - msi_position(head);
    if (!*waiting)
        return MAILSLOT_ERR_EMPTY;
    if (*waiting <= queue->layout.capacity)
        return MAILSLOT_OK;
    queue->tail_seen = head; /* look again next time */
    return msi_positions_damaged();
}

static void queue_serve_room_wanted(msi_queue *queue) {
    if (!atomic_load_explicit(&queue->shared->room_wanted, memory_order_relaxed))
        return;
    atomic_store_explicit(&queue->shared->room_wanted, 0, memory_order_release);
    msi_futex_wake(&queue->shared->room_wanted, INT32_MAX, 0);
}

/* Writers that wait are woken only once there is room for many puts, or they would sleep again
 * after each; msi_queue_wait() wakes them in any case. */
static void queue_move_head(msi_queue *queue, uint64_t head, uint32_t by) {
    head = msi_word(msi_count(head) + 1, msi_position(head) + by);
    atomic_store_explicit(&queue->head, head, memory_order_relaxed);
    atomic_store_explicit(&queue->shared->head, head, memory_order_release);
    uint32_t waiting = msi_position(queue->tail_seen) - msi_position(head);
    if (waiting <= queue->layout.capacity / 8 * 7)
        queue_serve_room_wanted(queue);
}

mailslot_err msi_queue_take(msi_queue *queue, void *buf, size_t cap, msi_message *message) {
    uint64_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);
    uint32_t waiting;
    msi_frame_header header;
    mailslot_err err = queue_units_waiting(queue, head, &waiting);
    if (!err)
        err = msi_frame_read(queue, msi_position(head), waiting, &header, buf, cap, message);
    if (err)
        return err;
    queue_add(&queue->shared->messages_taken, 1);
    queue_add(&queue->shared->bytes_taken, header.len);
    queue_move_head(queue, head, msi_frame_units(msi_frame_size(&header)));
    return MAILSLOT_OK;
}

/* ---- Waiting ---- */

bool msi_queue_waiting(const msi_queue *queue) {
    uint64_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);
    uint64_t tail = atomic_load_explicit(&queue->shared->tail, memory_order_acquire);
    return msi_position(tail) != msi_position(head);
}

static bool queue_awaited(const msi_queue *queue) {
    return msi_queue_waiting(queue) ||
           atomic_load_explicit(&queue->interrupted, memory_order_relaxed) ||
           atomic_load_explicit(&queue->removed, memory_order_relaxed);
}

/* How many messages came tells what kind of traffic this is. In a stream, every look at tail costs
 * its writer a cache miss: next time leave it alone for a while and find several. */
static void queue_learn_standoff(msi_queue *queue) {
    uint32_t head = msi_count(atomic_load_explicit(&queue->head, memory_order_relaxed));
    uint32_t tail = msi_count(atomic_load_explicit(&queue->shared->tail, memory_order_relaxed));
    atomic_store_explicit(&queue->standoff_ns, tail - head > 1 ? STANDOFF_NS : 0,
                          memory_order_relaxed);
}

static void queue_pause_until(uint64_t until) {
    while (msi_now() < until)
        for (int i = 0; i < PAUSES_PER_LOOK; i++)
            msi_pause();
}

static bool queue_spin(msi_queue *queue, uint64_t since) {
    uint64_t until = since + atomic_load_explicit(&queue->spin_ns, memory_order_relaxed);
    queue_pause_until(since + atomic_load_explicit(&queue->standoff_ns, memory_order_relaxed));
    while (!queue_awaited(queue)) {
        if (msi_now() >= until)
            return false;
        for (int i = 0; i < PAUSES_PER_LOOK; i++)
            msi_pause();
    }
    queue_learn_standoff(queue);
    return true;
}

static void queue_sleep_until_woken(msi_queue *queue, uint64_t deadline) {
    for (;;) {
        msi_lock_ask_to_be_woken(queue);
        queue_serve_room_wanted(queue);
        uint64_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);
        if (queue_awaited(queue))
            return;
        uint64_t now = msi_now();
        if (now >= deadline)
            return;
        msi_futex_wait(msi_low_half(&queue->shared->tail), msi_position(head),
                       deadline - now < READER_SLICE_NS ? deadline - now : READER_SLICE_NS, 0);
        if (queue_awaited(queue))
            return;
        if (queue->idle.call)
            queue->idle.call(queue->idle.ctx);
    }
}

void msi_queue_wait(msi_queue *queue, uint64_t deadline, bool may_spin) {
    if (queue_awaited(queue))
        return;
    if (!may_spin) {
        queue_sleep_until_woken(queue, deadline);
        return;
    }
    uint64_t since = msi_now();
    if (queue_spin(queue, since))
        return;
    queue_sleep_until_woken(queue, deadline);
    uint32_t spin_ns = atomic_load_explicit(&queue->spin_ns, memory_order_relaxed);
    spin_ns = msi_now() - since < SPIN_WORTH_NS ? SPIN_NS : spin_ns / 2;
    atomic_store_explicit(&queue->spin_ns, spin_ns, memory_order_relaxed);
    atomic_store_explicit(&queue->standoff_ns, 0, memory_order_relaxed);
}

void msi_queue_interrupt(msi_queue *queue) {
    atomic_store(&queue->interrupted, true);
    msi_futex_wake(msi_low_half(&queue->shared->tail), INT32_MAX, 0);
    msi_futex_wake(&queue->shared->room_wanted, INT32_MAX, 0);
    msi_futex_wake(msi_low_half(&queue->shared->lock), INT32_MAX, 0);
}

void msi_queue_close(msi_queue *queue) {
    atomic_store(&queue->shared->closed, 1);
    msi_futex_wake(&queue->shared->room_wanted, INT32_MAX, 0);
}
