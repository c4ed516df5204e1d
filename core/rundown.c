/* rundown.h: the slow paths, for contended locks and for close. */
#include "rundown.h"
#include "platform.h"

enum {
    SPINS = 100,
    DRAIN_POLL_NS = 1000000,
    SLEEP_NS = 50000000,
};

static bool rundown_try_lock(msi_rundown *gate, unsigned *word, unsigned from) {
    return !(*word & MSI_LOCKED) &&
           atomic_compare_exchange_weak_explicit(&gate->word, word, *word + MSI_LOCKED - from,
                                                 memory_order_seq_cst, memory_order_relaxed);
}

static void rundown_wait_and_lock(msi_rundown *gate, unsigned from) {
    unsigned word = MSI_RUNDOWN_WAITER + atomic_fetch_add_explicit(&gate->word, MSI_RUNDOWN_WAITER,
                                                                   memory_order_relaxed);
    while (!rundown_try_lock(gate, &word, from + MSI_RUNDOWN_WAITER)) {
        if (word & MSI_LOCKED)
            msi_sleep_on(&gate->word, word, SLEEP_NS);
        word = atomic_load_explicit(&gate->word, memory_order_relaxed);
    }
}

void msi_rundown_lock_slowly(msi_rundown *gate, msi_standing from) {
    for (int spins = 0; spins < SPINS; spins++) {
        unsigned word = atomic_load_explicit(&gate->word, memory_order_relaxed);
        if (rundown_try_lock(gate, &word, from))
            return;
    }
    rundown_wait_and_lock(gate, from);
}

void msi_rundown_wake(msi_rundown *gate) { msi_wake_one(&gate->word); }

/* Polls, because msi_rundown_leave() wakes no thread: close is rare, and get and put should not pay
 * for it. */
void msi_rundown_drain(msi_rundown *gate) {
    unsigned word;
    while ((word = atomic_load_explicit(&gate->word, memory_order_acquire)) != MSI_LOCKED) {
        msi_rundown_unlock(gate, MSI_BUSY);
        atomic_uint never = 0;
        msi_sleep_on(&never, 0, DRAIN_POLL_NS);
        msi_rundown_lock(gate, MSI_BUSY);
    }
}
