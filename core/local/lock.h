/* The fast path of the writers' lock; lock.c describes the lock and has the slow path. */
#ifndef MSI_LOCK_H
#define MSI_LOCK_H

#include "deadline.h"
#include "queue_memory.h"

/* The parts of the lock's word. */
#define MSI_LOCK_OWNER        UINT64_C(0xffff)
#define MSI_LOCK_WAITERS      (UINT64_C(1) << 16)
#define MSI_LOCK_ASLEEP       (UINT64_C(1) << 17)
#define MSI_LOCK_FLAGS        (MSI_LOCK_WAITERS | MSI_LOCK_ASLEEP)
#define MSI_LOCK_ACQUISITION  (UINT64_C(1) << 18)
#define MSI_LOCK_ACQUISITIONS (~(MSI_LOCK_ACQUISITION - 1))

/** Takes the lock if its word is still `word`, which has no owner or a dead one. */
static inline bool msi_lock_acquire(msi_queue *queue, uint64_t word, uint64_t more_flags) {
    uint64_t mine = ((word & MSI_LOCK_ACQUISITIONS) + MSI_LOCK_ACQUISITION) |
                    (word & MSI_LOCK_FLAGS) | queue->self | more_flags;
    if (!atomic_compare_exchange_strong_explicit(&queue->shared->lock, &word, mine,
                                                 memory_order_acquire, memory_order_relaxed))
        return false;
    atomic_store_explicit(&queue->shared->owner_pid, queue->pid, memory_order_relaxed);
    return true;
}

/** The slow paths of msi_queue_lock() and msi_queue_unlock(). */
mailslot_err msi_lock_slowly(msi_queue *queue, msi_timeout *timeout);
void msi_lock_wake(msi_queue *queue, uint64_t flags);

/** Takes the writers' lock, from a dead owner too. FULL (a live owner has held it for a second and
 *  past the timeout), CLOSED. */
static inline mailslot_err msi_queue_lock(msi_queue *queue, msi_timeout *timeout) {
    uint64_t word = atomic_load_explicit(&queue->shared->lock, memory_order_relaxed);
    if (!(word & MSI_LOCK_OWNER) && msi_lock_acquire(queue, word, 0))
        return MAILSLOT_OK;
    return msi_lock_slowly(queue, timeout);
}

/** Has the next unlock wake the reader. */
void msi_lock_ask_to_be_woken(msi_queue *queue);

/** Gives the lock back if a dead process that had the same number as this writer has left it
 *  taken. Called once, before the writer's first lock. */
void msi_lock_adopt(msi_queue *queue);

/** Releases the lock; wakes one waiter, and the reader if it sleeps. */
static inline void msi_queue_unlock(msi_queue *queue) {
    _Atomic uint64_t *lock = &queue->shared->lock;
    uint64_t word = atomic_load_explicit(lock, memory_order_relaxed);
    word = atomic_exchange_explicit(lock, word & MSI_LOCK_ACQUISITIONS, memory_order_acq_rel);
    if (word & MSI_LOCK_FLAGS)
        msi_lock_wake(queue, word);
}

#endif
