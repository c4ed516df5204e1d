/* The slow paths of rundown.h: locking a gate that another thread has locked, and waiting until
 * all threads have left it. All state is in one word (bit 0 locked, then the number of busy
 * threads, then the number of waiting threads), so each step is one compare-and-swap and no
 * state is ever half changed. */
#include "rundown.h"
#include "platform.h"

enum {
    SPINS = 100,
    DRAIN_POLL_NS = 1000000, /* close lasts at most this much longer than the last call inside */
    SLEEP_NS = 50000000,     /* a waiting thread reads the word again at least this often */
};

/* Locks and takes back `from`, the caller's own share of the word (BUSY, or WAITER, or both), in
 * one step: drain() must never see the thread neither waiting nor inside. The exchange may fail
 * for no reason, and reloads *word when it fails; callers try again. */
static bool rundown_try_lock(msi_rundown *gate, unsigned *word, unsigned from) {
    return !(*word & MSI_LOCKED) &&
           atomic_compare_exchange_weak_explicit(&gate->word, word, *word + MSI_LOCKED - from,
                                                 memory_order_seq_cst, memory_order_relaxed);
}

/* Count the waiter before it sleeps: msi_rundown_unlock() wakes only if the word shows one. The
 * sleep ends at once if the word has changed since it was read, so no wake is lost. */
static void rundown_wait_and_lock(msi_rundown *gate, unsigned from) {
    unsigned word = MSI_RUNDOWN_WAITER + atomic_fetch_add_explicit(&gate->word, MSI_RUNDOWN_WAITER,
                                                                   memory_order_relaxed);
    while (!rundown_try_lock(gate, &word, from + MSI_RUNDOWN_WAITER)) {
        if (word & MSI_LOCKED)
            msi_sleep_on(&gate->word, word, SLEEP_NS);
        word = atomic_load_explicit(&gate->word, memory_order_relaxed);
    }
}

/* Spin first: the lock is usually held for one take of a message, which is shorter than a sleep and
 * a wake. */
void msi_rundown_lock_slowly(msi_rundown *gate, msi_standing from) {
    for (int spins = 0; spins < SPINS; spins++) {
        unsigned word = atomic_load_explicit(&gate->word, memory_order_relaxed);
        if (rundown_try_lock(gate, &word, from))
            return;
    }
    rundown_wait_and_lock(gate, from);
}

void msi_rundown_wake(msi_rundown *gate) { msi_wake_one(&gate->word); }

/* Polls, because msi_rundown_leave() wakes no thread: close is rare, and get and put should not
 * pay for it. MSI_LOCKED alone means that this thread holds the lock and no other is busy or
 * waiting. Each round unlocks, so that waiting threads get in, see that the slot is closing, and
 * leave. */
void msi_rundown_drain(msi_rundown *gate) {
    unsigned word;
    while ((word = atomic_load_explicit(&gate->word, memory_order_acquire)) != MSI_LOCKED) {
        msi_rundown_unlock(gate, MSI_BUSY);
        atomic_uint never = 0;
        msi_sleep_on(&never, 0, DRAIN_POLL_NS);
        msi_rundown_lock(gate, MSI_BUSY);
    }
}
