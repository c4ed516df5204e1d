/*
 * Rundown protection of a slot: counts the threads that use it, so that close can wait for them. A
 * thread is inside while it holds the lock (one at a time; it may use the reader end) or is counted
 * as busy (any number; they may use what is safe for several threads).
 *
 * One word, so that a get costs three atomic operations and a put two, and in a process of one
 * thread none.
 */
#ifndef MSI_RUNDOWN_H
#define MSI_RUNDOWN_H

#include "platform.h"

typedef struct {
    atomic_uint word; /* bit 0: locked; 15 bits: busy threads; 16 bits: threads waiting to lock */
} msi_rundown;

/** The standing of a thread towards a gate. */
typedef enum {
    MSI_OUTSIDE = 0,
    MSI_LOCKED = 1,
    MSI_BUSY = 2,
} msi_standing;

/** The rest of msi_rundown_lock(): waits until the lock is free. */
void msi_rundown_lock_slowly(msi_rundown *gate, msi_standing from);

/** The rest of msi_rundown_unlock(). */
void msi_rundown_wake(msi_rundown *gate);

/** One thread waiting to lock, in a gate's word. */
#define MSI_RUNDOWN_WAITER (1u << 16)

/** Adds to the gate's word; returns what it was. */
static inline unsigned msi_rundown_add(msi_rundown *gate, unsigned what, memory_order order) {
    if (!msi_alone())
        return atomic_fetch_add_explicit(&gate->word, what, order);
    unsigned word = atomic_load_explicit(&gate->word, memory_order_relaxed);
    atomic_store_explicit(&gate->word, word + what, memory_order_relaxed);
    return word;
}

/** From OUTSIDE or BUSY to LOCKED. */
static inline void msi_rundown_lock(msi_rundown *gate, msi_standing from) {
    unsigned word = atomic_load_explicit(&gate->word, memory_order_relaxed);
    if (msi_alone() && !(word & MSI_LOCKED))
        atomic_store_explicit(&gate->word, word + MSI_LOCKED - (unsigned)from,
                              memory_order_relaxed);
    else if ((word & MSI_LOCKED) || !atomic_compare_exchange_weak_explicit(
                                        &gate->word, &word, word + MSI_LOCKED - (unsigned)from,
                                        memory_order_seq_cst, memory_order_relaxed))
        msi_rundown_lock_slowly(gate, from);
}

/** From LOCKED to BUSY or OUTSIDE. */
static inline void msi_rundown_unlock(msi_rundown *gate, msi_standing to) {
    unsigned word = msi_rundown_add(gate, (unsigned)to - MSI_LOCKED, memory_order_acq_rel);
    if (word >= MSI_RUNDOWN_WAITER)
        msi_rundown_wake(gate);
}

/** From OUTSIDE to BUSY. */
static inline void msi_rundown_enter(msi_rundown *gate) {
    msi_rundown_add(gate, MSI_BUSY, memory_order_seq_cst);
}

/** From BUSY to OUTSIDE. Nothing of the slot may be touched afterwards. */
static inline void msi_rundown_leave(msi_rundown *gate) {
    msi_rundown_add(gate, 0u - MSI_BUSY, memory_order_release);
}

/** With the lock held: waits until no other thread is inside or waiting to be. */
void msi_rundown_drain(msi_rundown *gate);

#endif
