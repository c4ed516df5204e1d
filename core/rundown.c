#include "rundown.h"
#include "platform.h"

enum {
    SPINS = 100,
    DRAIN_POLL_NS = 1000000,
    SLEEP_NS = 50000000,
};

static bool try_lock(msi_gate *gate, unsigned *word, unsigned from) {
    return !(*word & MSI_LOCKED) &&
           atomic_compare_exchange_weak_explicit(&gate->word, word, *word + MSI_LOCKED - from,
                                                 memory_order_seq_cst, memory_order_relaxed);
}

static void wait_and_lock(msi_gate *gate, unsigned from) {
    unsigned word = MSI_GATE_WAITER +
                    atomic_fetch_add_explicit(&gate->word, MSI_GATE_WAITER, memory_order_relaxed);
    while (!try_lock(gate, &word, from + MSI_GATE_WAITER)) {
        if (word & MSI_LOCKED)
            msi_sleep_on(&gate->word, word, SLEEP_NS);
        word = atomic_load_explicit(&gate->word, memory_order_relaxed);
    }
}

void msi_gate_lock_slowly(msi_gate *gate, msi_standing from) {
    for (int spins = 0; spins < SPINS; spins++) {
        unsigned word = atomic_load_explicit(&gate->word, memory_order_relaxed);
        if (try_lock(gate, &word, from))
            return;
    }
    wait_and_lock(gate, from);
}

void msi_gate_wake(msi_gate *gate) { msi_wake_one(&gate->word); }

/* Polls, since leaving wakes nobody: closing is rare, and a get or put should not pay for it. */
void msi_gate_drain(msi_gate *gate) {
    unsigned word;
    while ((word = atomic_load_explicit(&gate->word, memory_order_acquire)) != MSI_LOCKED) {
        msi_gate_unlock(gate, MSI_BUSY);
        atomic_uint never = 0;
        msi_sleep_on(&never, 0, DRAIN_POLL_NS);
        msi_gate_lock(gate, MSI_BUSY);
    }
}
