/* The queue itself: layout, put, take, waiting and looking. */
#include "queue.h"
#include "error.h"
#include "futex.h"
#include "lock.h"
#include "platform.h"
#include "ring.h"

#include <string.h>
#include <time.h>

enum {
    LOOK_NS = 50000000,       /* a writer asks after the reader this often, a put apart */
    ROOM_SLICE_NS = 20000000, /* and while it waits for room */
    READER_SLICE_NS = 50000000,
    SPIN_NS = 10000, /* a reader spins this long before it sleeps, while messages come fast */
    SPIN_WORTH_NS = 150000,
    STANDOFF_NS = 500,
    PAUSES_PER_LOOK = 8,
};

/* What stands before a message's bytes in the ring. A remote one's computer and address follow it,
 * in as many bytes as it says. */
typedef struct {
    uint32_t len;
    uint8_t remote, computer_len, address_len, zero;
    uint32_t pid, uid;
    uint64_t arrival_ns;
} record_header;
_Static_assert(sizeof(record_header) == MSI_RECORD_HEADER, "the record header has no padding");

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
    size_t size = (size_t)layout->capacity * MSI_UNIT - MSI_RECORD_HEADER;
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

/* ---- Records ---- */

static size_t record_size(const record_header *header) {
    return sizeof *header + header->computer_len + header->address_len + (size_t)header->len;
}

static uint32_t units(size_t size) { return (uint32_t)((size + MSI_UNIT - 1) / MSI_UNIT); }

static record_header header_of(const msi_message *message) {
    record_header header = {.len = (uint32_t)message->len,
                            .pid = message->pid,
                            .uid = message->uid,
                            .arrival_ns = message->arrival_ns};
    if (message->remote) {
        header.remote = 1;
        header.computer_len = (uint8_t)strnlen(message->computer, MSI_COMPUTER_SIZE - 1);
        header.address_len = (uint8_t)strnlen(message->address, MSI_ADDRESS_SIZE - 1);
    }
    return header;
}

static bool write_names(const msi_queue *queue, uint64_t *cursor, const record_header *header,
                        const msi_message *message) {
    return msi_ring_write(queue, cursor, message->computer, header->computer_len) &&
           msi_ring_write(queue, cursor, message->address, header->address_len);
}

static bool write_record(const msi_queue *queue, uint32_t position, const record_header *header,
                         const msi_message *message, const void *data) {
    uint64_t cursor = (uint64_t)position * MSI_UNIT;
    return msi_ring_write(queue, &cursor, header, sizeof *header) &&
           (!header->remote || write_names(queue, &cursor, header, message)) &&
           msi_ring_write(queue, &cursor, data, header->len);
}

/* ---- Putting ---- */

static mailslot_err gone(void) { return msi_fail_plain(MAILSLOT_ERR_GONE); }

/* Asks the system. Once dead is dead for every writer, as if the reader had closed. */
static bool reader_lives(msi_queue *queue) {
    bool alive = queue->hooks.alive(queue->hooks.ctx, 0);
    if (!alive)
        atomic_store_explicit(&queue->shared->closed, 1, memory_order_relaxed);
    return alive;
}

/* Asks only now and then. The message's arrival time serves as the clock: if the
 * system's is set, we look once too often. */
static bool reader_seems_alive(msi_queue *queue, uint64_t now) {
    if (atomic_load_explicit(&queue->shared->closed, memory_order_relaxed))
        return false;
    if (now - atomic_load_explicit(&queue->last_look, memory_order_relaxed) < LOOK_NS)
        return true;
    atomic_store_explicit(&queue->last_look, now, memory_order_relaxed);
    return reader_lives(queue);
}

/* With the lock held. */
static uint64_t see_head(msi_queue *queue) {
    uint64_t head = atomic_load_explicit(&queue->shared->head, memory_order_acquire);
    atomic_store_explicit(&queue->shared->head_seen, head, memory_order_relaxed);
    return head;
}

/* With the lock held: how many units are taken, by the newest head that is needed to know that
 * `more` fit or do not. More than the capacity if the positions are damaged. */
static uint32_t units_used(msi_queue *queue, uint32_t position, uint32_t more) {
    uint32_t capacity = queue->layout.capacity;
    uint64_t head = atomic_load_explicit(&queue->shared->head_seen, memory_order_relaxed);
    uint32_t used = position - msi_position(head);
    if (used <= capacity && more <= capacity - used)
        return used;
    return position - msi_position(see_head(queue));
}

static mailslot_err positions_damaged(void) {
    return mailslot_fail(MAILSLOT_ERR_DAMAGED, "the queue's positions are damaged");
}

static mailslot_err table_damaged(void) {
    return mailslot_fail(MAILSLOT_ERR_DAMAGED, "the queue's table of chunks is damaged");
}

static mailslot_err no_room(const msi_queue *queue, uint32_t used) {
    return mailslot_fail(MAILSLOT_ERR_FULL, "the mailslot is full: %llu of %llu bytes used",
                         (unsigned long long)used * MSI_UNIT,
                         (unsigned long long)queue->layout.capacity * MSI_UNIT);
}

/* Adds to a number that nobody else adds to at the same time. */
static void add(_Atomic uint64_t *number, uint64_t what) {
    uint64_t before = atomic_load_explicit(number, memory_order_relaxed);
    atomic_store_explicit(number, before + what, memory_order_relaxed);
}

static unsigned size_class(uint32_t len) {
    unsigned bits = len ? 32 - (unsigned)__builtin_clz(len) : 0;
    return bits < MAILSLOT_SIZE_CLASSES ? bits : MAILSLOT_SIZE_CLASSES - 1;
}

/* With the lock held, which makes statistics nearly free. */
static void count_put(msi_queue_shared *shared, uint32_t len) {
    add(&shared->bytes_put, len);
    add(&shared->sizes[size_class(len)], 1);
    if (len > atomic_load_explicit(&shared->largest, memory_order_relaxed))
        atomic_store_explicit(&shared->largest, len, memory_order_relaxed);
}

/* With the lock held. The message exists from the store of tail on, and not a bit before. */
static mailslot_err append(msi_queue *queue, const record_header *header,
                           const msi_message *message, const void *data) {
    uint32_t more = units(record_size(header));
    uint64_t tail = atomic_load_explicit(&queue->shared->tail, memory_order_relaxed);
    uint32_t position = msi_position(tail);
    uint32_t used = units_used(queue, position, more);
    if (used > queue->layout.capacity)
        return positions_damaged();
    if (more > queue->layout.capacity - used)
        return no_room(queue, used);
    mailslot_err err = msi_ring_reserve(queue, position + more);
    if (err == MAILSLOT_ERR_FULL)
        see_head(queue); /* for wait_for_room(), which sleeps until it moves */
    if (err)
        return err;
    if (!write_record(queue, position, header, message, data))
        return table_damaged();
    atomic_store_explicit(&queue->shared->tail, msi_word(msi_count(tail) + 1, position + more),
                          memory_order_release);
    atomic_store_explicit(&queue->shared->newest, msi_word(1, position), memory_order_release);
    count_put(queue->shared, header->len);
    msi_ring_prefetch(queue, (uint64_t)(position + more) * MSI_UNIT, (size_t)more * MSI_UNIT);
    return MAILSLOT_OK;
}

/* After a put found no room: OK if it is worth another try. The reader may have made room between
 * the put's look at head and our asking for it, so look at head again. */
static mailslot_err wait_for_room(msi_queue *queue, uint64_t deadline) {
    if (deadline == 0)
        return MAILSLOT_ERR_FULL;
    if (atomic_load_explicit(&queue->interrupted, memory_order_relaxed))
        return msi_fail_plain(MAILSLOT_ERR_CLOSED);
    if (!reader_lives(queue) || atomic_load_explicit(&queue->shared->closed, memory_order_relaxed))
        return gone();
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
                           uint64_t deadline) {
    if (!reader_seems_alive(queue, message->arrival_ns))
        return gone();
    record_header header = header_of(message);
    for (;;) {
        mailslot_err err = msi_queue_lock(queue, deadline);
        if (err == MAILSLOT_OK) {
            err = append(queue, &header, message, data);
            msi_queue_unlock(queue);
            if (err == MAILSLOT_ERR_FULL) {
                err = wait_for_room(queue, deadline);
                if (err == MAILSLOT_OK)
                    continue;
            }
        }
        if (err == MAILSLOT_ERR_FULL)
            atomic_fetch_add_explicit(&queue->shared->refused, 1, memory_order_relaxed);
        return err;
    }
}

/* ---- Taking ---- */

/* Finds the units between the reader and tail, looking at tail only when there seem to be none. */
static mailslot_err units_waiting(msi_queue *queue, uint64_t head, uint32_t *waiting) {
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
    return positions_damaged();
}

/* Checks all that a header read from the ring says against what waits there. */
static bool header_is_sound(const record_header *header, uint32_t waiting) {
    return header->remote <= 1 && header->computer_len < MSI_COMPUTER_SIZE &&
           header->address_len < MSI_ADDRESS_SIZE &&
           (header->remote || !(header->computer_len || header->address_len)) &&
           record_size(header) <= (size_t)waiting * MSI_UNIT;
}

static inline mailslot_err read_header(const msi_queue *queue, uint64_t *cursor, uint32_t waiting,
                                       record_header *header) {
    if (!msi_ring_read(queue, cursor, header, sizeof *header))
        return table_damaged();
    if (!header_is_sound(header, waiting))
        return mailslot_fail(MAILSLOT_ERR_DAMAGED, "a message's header in the queue is damaged");
    return MAILSLOT_OK;
}

static bool read_names(const msi_queue *queue, uint64_t *cursor, const record_header *header,
                       msi_message *message) {
    message->computer[header->computer_len] = 0;
    message->address[header->address_len] = 0;
    return msi_ring_read(queue, cursor, message->computer, header->computer_len) &&
           msi_ring_read(queue, cursor, message->address, header->address_len);
}

static void serve_room_wanted(msi_queue *queue) {
    if (!atomic_load_explicit(&queue->shared->room_wanted, memory_order_relaxed))
        return;
    atomic_store_explicit(&queue->shared->room_wanted, 0, memory_order_release);
    msi_futex_wake(&queue->shared->room_wanted, INT32_MAX, 0);
}

/* Writers that wait are woken only once there is room for many puts, or they would sleep again
 * after each; msi_queue_wait() wakes them in any case. */
static void move_head(msi_queue *queue, uint64_t head, uint32_t by) {
    head = msi_word(msi_count(head) + 1, msi_position(head) + by);
    atomic_store_explicit(&queue->head, head, memory_order_relaxed);
    atomic_store_explicit(&queue->shared->head, head, memory_order_release);
    uint32_t waiting = msi_position(queue->tail_seen) - msi_position(head);
    if (waiting <= queue->layout.capacity / 8 * 7)
        serve_room_wanted(queue);
}

/* Reads the record at position, of which `waiting` units may be read, and its header. */
static inline mailslot_err read_record(const msi_queue *queue, uint32_t position, uint32_t waiting,
                                       record_header *header, void *buf, size_t cap,
                                       msi_message *message) {
    uint64_t cursor = (uint64_t)position * MSI_UNIT;
    mailslot_err err = read_header(queue, &cursor, waiting, header);
    if (err)
        return err;
    message->len = header->len;
    if (header->len > cap)
        return MAILSLOT_ERR_TOO_SMALL;
    message->arrival_ns = header->arrival_ns;
    message->pid = header->pid;
    message->uid = header->uid;
    message->remote = header->remote;
    if ((header->remote && !read_names(queue, &cursor, header, message)) ||
        !msi_ring_read(queue, &cursor, buf, header->len))
        return table_damaged();
    return MAILSLOT_OK;
}

mailslot_err msi_queue_take(msi_queue *queue, void *buf, size_t cap, msi_message *message) {
    uint64_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);
    uint32_t waiting;
    record_header header;
    mailslot_err err = units_waiting(queue, head, &waiting);
    if (!err)
        err = read_record(queue, msi_position(head), waiting, &header, buf, cap, message);
    if (err)
        return err;
    add(&queue->shared->messages_taken, 1);
    add(&queue->shared->bytes_taken, header.len);
    move_head(queue, head, units(record_size(&header)));
    return MAILSLOT_OK;
}

/* ---- Waiting ---- */

bool msi_queue_waiting(const msi_queue *queue) {
    uint64_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);
    uint64_t tail = atomic_load_explicit(&queue->shared->tail, memory_order_acquire);
    return msi_position(tail) != msi_position(head);
}

static bool awaited(const msi_queue *queue) {
    return msi_queue_waiting(queue) ||
           atomic_load_explicit(&queue->interrupted, memory_order_relaxed);
}

/* How many messages came tells what kind of traffic this is. In a stream, every look at tail costs
 * its writer a cache miss: next time leave it alone for a while and find several. */
static void learn_standoff(msi_queue *queue) {
    uint32_t head = msi_count(atomic_load_explicit(&queue->head, memory_order_relaxed));
    uint32_t tail = msi_count(atomic_load_explicit(&queue->shared->tail, memory_order_relaxed));
    atomic_store_explicit(&queue->standoff_ns, tail - head > 1 ? STANDOFF_NS : 0,
                          memory_order_relaxed);
}

static void pause_until(uint64_t until) {
    while (msi_now() < until)
        for (int i = 0; i < PAUSES_PER_LOOK; i++)
            msi_pause();
}

static bool spin(msi_queue *queue, uint64_t since) {
    uint64_t until = since + atomic_load_explicit(&queue->spin_ns, memory_order_relaxed);
    pause_until(since + atomic_load_explicit(&queue->standoff_ns, memory_order_relaxed));
    while (!awaited(queue)) {
        if (msi_now() >= until)
            return false;
        for (int i = 0; i < PAUSES_PER_LOOK; i++)
            msi_pause();
    }
    learn_standoff(queue);
    return true;
}

static void sleep_until_woken(msi_queue *queue, uint64_t deadline) {
    for (;;) {
        msi_queue_ask_to_be_woken(queue);
        serve_room_wanted(queue);
        uint64_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);
        if (awaited(queue))
            return;
        uint64_t now = msi_now();
        if (now >= deadline)
            return;
        msi_futex_wait(msi_low_half(&queue->shared->tail), msi_position(head),
                       deadline - now < READER_SLICE_NS ? deadline - now : READER_SLICE_NS, 0);
        if (awaited(queue))
            return;
        if (queue->idle.call)
            queue->idle.call(queue->idle.ctx);
    }
}

void msi_queue_wait(msi_queue *queue, uint64_t deadline, bool may_spin) {
    if (awaited(queue))
        return;
    if (!may_spin) {
        sleep_until_woken(queue, deadline);
        return;
    }
    uint64_t since = msi_now();
    if (spin(queue, since))
        return;
    sleep_until_woken(queue, deadline);
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

/* ---- Looking ---- */

static uint64_t number(const _Atomic uint64_t *at) {
    return atomic_load_explicit(at, memory_order_relaxed);
}

static void look_at_statistics(const msi_queue_shared *shared, mailslot_info *info) {
    info->bad_messages = number(&shared->bad_messages);
    info->refused = number(&shared->refused);
    info->bytes_in = number(&shared->bytes_put);
    info->messages_out = number(&shared->messages_taken);
    info->bytes_out = number(&shared->bytes_taken);
    info->too_big = number(&shared->too_big);
    info->too_complex = number(&shared->too_complex);
    info->lost = number(&shared->lost);
    info->largest = number(&shared->largest);
    info->messages_in = 0;
    for (unsigned i = 0; i < MAILSLOT_SIZE_CLASSES; i++) {
        info->sizes[i] = number(&shared->sizes[i]);
        info->messages_in += info->sizes[i];
    }
}

/* How often a look may find that what it looked at has moved on. */
enum { TRIES = 1000 };

/* The same head before and after makes what was read in between one snapshot: messages are only
 * added meanwhile, and tail was read once. A reader that keeps taking gets a few chances. */
mailslot_err msi_queue_look(const msi_queue *queue, mailslot_info *info) {
    const msi_queue_shared *shared = queue->shared;
    for (int i = 0; i < TRIES; i++) {
        uint64_t head = atomic_load_explicit(&shared->head, memory_order_acquire);
        uint64_t tail = atomic_load_explicit(&shared->tail, memory_order_acquire);
        uint32_t waiting = msi_position(tail) - msi_position(head);
        uint64_t cursor = (uint64_t)msi_position(head) * MSI_UNIT;
        record_header header = {.len = 0};
        mailslot_err err = waiting > queue->layout.capacity ? positions_damaged() : MAILSLOT_OK;
        uint32_t count = msi_count(tail) - msi_count(head);
        if (!err && waiting)
            err = read_header(queue, &cursor, waiting, &header);
        if (!err && count > waiting / (MSI_RECORD_HEADER / MSI_UNIT))
            err = positions_damaged();
        atomic_thread_fence(memory_order_acquire);
        if (atomic_load_explicit(&shared->head, memory_order_relaxed) != head)
            continue;
        if (err)
            return err;
        info->next_size = waiting ? header.len : MAILSLOT_NEXT_NONE;
        info->count = count;
        info->used = (size_t)waiting * MSI_UNIT;
        look_at_statistics(shared, info);
        return MAILSLOT_OK;
    }
    return mailslot_fail(MAILSLOT_ERR_DAMAGED, "the queue's positions never stand still");
}

/* Whether the ring holds a position, and how many units from there on. */
static bool holds(const msi_queue *queue, uint32_t position, uint32_t *left) {
    uint64_t word = atomic_load_explicit(&queue->shared->assigned, memory_order_acquire);
    uint32_t all = msi_count(word) << (queue->layout.chunk_shift - 3);
    *left = msi_position(word) - position;
    return msi_count(word) <= queue->layout.chunks && *left > 0 && *left <= all;
}

/* Whether a position lies behind all that the ring has ever held. */
static bool is_ahead(const msi_queue *queue, uint32_t position) {
    uint64_t word = atomic_load_explicit(&queue->shared->assigned, memory_order_acquire);
    return (int32_t)(msi_position(word) - position) <= 0;
}

/* A record stays where it is, taken or not, until its chunk is given other positions. That the ring
 * holds its position after it was copied, too, makes the copy whole. A put that gave its chunk away
 * and then failed for want of memory leaves no newest message. */
mailslot_err msi_queue_peek(const msi_queue *queue, void *buf, size_t cap, msi_message *message) {
    uint32_t position = 0;
    for (int i = 0; i < TRIES; i++) {
        uint64_t newest = atomic_load_explicit(&queue->shared->newest, memory_order_acquire);
        record_header header;
        uint32_t held;
        position = msi_position(newest);
        if (!newest)
            return MAILSLOT_ERR_EMPTY;
        if (!holds(queue, position, &held))
            continue;
        mailslot_err err = read_record(queue, position, held, &header, buf, cap, message);
        atomic_thread_fence(memory_order_acquire);
        if (holds(queue, position, &held))
            return err;
    }
    return is_ahead(queue, position) ? positions_damaged() : MAILSLOT_ERR_EMPTY;
}

mailslot_err msi_queue_full(const msi_queue *queue, size_t len, bool *full) {
    uint64_t head = atomic_load_explicit(&queue->shared->head, memory_order_relaxed);
    uint64_t tail = atomic_load_explicit(&queue->shared->tail, memory_order_relaxed);
    uint32_t used = msi_position(tail) - msi_position(head);
    if (used > queue->layout.capacity)
        return positions_damaged();
    *full = units(MSI_RECORD_HEADER + len) > queue->layout.capacity - used;
    return MAILSLOT_OK;
}
