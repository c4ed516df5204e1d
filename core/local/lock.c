/*
 * The writers' lock: one word that a process can die with.
 *
 *     owner:16        number of the writer that holds it, 0: free
 *     WAITERS:1       a writer may sleep on the word
 *     ASLEEP:1        the reader may sleep on tail: the next unlock wakes it
 *     acquisitions:46 so that one holding of the lock cannot be mistaken for another
 *
 * A waiter whose wait times out asks the system whether the owner is alive. If not, it takes the
 * lock over with a compare-exchange of exactly the word that it saw. Nothing needs repair then: all
 * that an owner does before it publishes a message can be repeated.
 */
#include "lock.h"
#include "deadline.h"
#include "error.h"
#include "linux/futex_wait.h"

enum {
    SPINS = 60,
    SLICE_NS = 20000000,      /* how long to sleep before asking after the owner */
    PATIENCE_NS = 1000000000, /* how long to wait for a live owner that is stopped */
};

/* The acquisition that this thread waits for, and since when. */
typedef struct {
    uint64_t acquisition, since;
} lock_obstacle;

static bool lock_patience_is_over(lock_obstacle *in_the_way, uint64_t word, uint64_t deadline) {
    if (deadline == MSI_NEVER)
        return false;
    uint64_t now = msi_now(), acquisition = (word & MSI_LOCK_ACQUISITIONS) | 1; /* never 0 */
    if (in_the_way->acquisition != acquisition) {
        in_the_way->acquisition = acquisition;
        in_the_way->since = now;
    }
    return now >= deadline && now - in_the_way->since >= PATIENCE_NS;
}

static bool lock_owner_lives(const msi_queue *queue, uint64_t word) {
    uint32_t owner = (uint32_t)(word & MSI_LOCK_OWNER);
    return owner == queue->self || queue->hooks.alive(queue->hooks.ctx, owner);
}

/* Sleeps until the word changes or a slice is over; false if it changed. Ignores the result of the
 * sleep: frequent signals would otherwise keep a waiter from ever noticing a dead owner. */
static bool lock_sleep_slice(msi_queue *queue, uint64_t word) {
    _Atomic uint64_t *lock = &queue->shared->lock;
    uint64_t marked = word | MSI_LOCK_WAITERS;
    if (word != marked && !atomic_compare_exchange_strong_explicit(
                              lock, &word, marked, memory_order_relaxed, memory_order_relaxed))
        return false;
    msi_futex_wait(msi_low_half(lock), (uint32_t)marked, SLICE_NS, 0);
    return atomic_load_explicit(lock, memory_order_relaxed) == marked;
}

/* With word seen unchanged through a slice: OK if the lock could be taken from a dead owner, EMPTY
 * to go on waiting. */
static mailslot_err lock_judge_owner(msi_queue *queue, uint64_t word, lock_obstacle *in_the_way,
                                     uint64_t deadline) {
    if (!lock_owner_lives(queue, word))
        return msi_lock_acquire(queue, word, MSI_LOCK_WAITERS) ? MAILSLOT_OK : MAILSLOT_ERR_EMPTY;
    if (!lock_patience_is_over(in_the_way, word, deadline))
        return MAILSLOT_ERR_EMPTY;
    return mailslot_fail(
        MAILSLOT_ERR_FULL,
        "process %u is stopped in the middle of a put and blocks all writers; resume or kill it",
        atomic_load_explicit(&queue->shared->owner_pid, memory_order_relaxed));
}

static mailslot_err lock_wait(msi_queue *queue, msi_timeout *timeout) {
    uint64_t deadline = msi_timeout_deadline(timeout);
    lock_obstacle in_the_way = {0, 0};
    bool slept = false;
    while (!atomic_load_explicit(&queue->interrupted, memory_order_relaxed)) {
        uint64_t word = atomic_load_explicit(&queue->shared->lock, memory_order_relaxed);
        if (!(word & MSI_LOCK_OWNER)) {
            if (msi_lock_acquire(queue, word, slept ? MSI_LOCK_WAITERS : 0))
                return MAILSLOT_OK;
            continue;
        }
        slept = true;
        if (!lock_sleep_slice(queue, word))
            continue;
        mailslot_err err = lock_judge_owner(queue, word | MSI_LOCK_WAITERS, &in_the_way, deadline);
        if (err != MAILSLOT_ERR_EMPTY)
            return err;
    }
    return msi_fail_plain(MAILSLOT_ERR_CLOSED);
}

mailslot_err msi_lock_slowly(msi_queue *queue, msi_timeout *timeout) {
    for (int spins = 0; spins < SPINS; spins++) {
        uint64_t word = atomic_load_explicit(&queue->shared->lock, memory_order_relaxed);
        if (!(word & MSI_LOCK_OWNER) && msi_lock_acquire(queue, word, 0))
            return MAILSLOT_OK;
        msi_pause();
    }
    return lock_wait(queue, timeout);
}

void msi_lock_wake(msi_queue *queue, uint64_t flags) {
    if (flags & MSI_LOCK_WAITERS)
        msi_futex_wake(msi_low_half(&queue->shared->lock), 1, 0);
    if (flags & MSI_LOCK_ASLEEP)
        msi_futex_wake(msi_low_half(&queue->shared->tail), INT32_MAX, 0);
}

/* An exchange of the lock's word, not a store: it is ordered after the look at tail that found
 * nothing and before the next one, on every processor. */
void msi_lock_ask_to_be_woken(msi_queue *queue) {
    atomic_fetch_or_explicit(&queue->shared->lock, MSI_LOCK_ASLEEP, memory_order_acq_rel);
}

/* If a dead process with our number holds the lock, it would seem alive as long as we are. */
void msi_lock_adopt(msi_queue *queue) {
    _Atomic uint64_t *lock = &queue->shared->lock;
    uint64_t word = atomic_load_explicit(lock, memory_order_relaxed);
    while ((word & MSI_LOCK_OWNER) == queue->self)
        if (atomic_compare_exchange_weak_explicit(lock, &word,
                                                  word & ~(MSI_LOCK_OWNER | MSI_LOCK_FLAGS),
                                                  memory_order_acq_rel, memory_order_relaxed)) {
            msi_lock_wake(queue, word);
            return;
        }
}
