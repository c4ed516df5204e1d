set(SOURCE local/ring.c)
set(FROM [[
    atomic_store_explicit(msi_ring_entry(queue, (uint64_t)a->end * MSI_UNIT), chunk,
                          memory_order_relaxed);
    atomic_store_explicit(&queue->shared->assigned, msi_word(chunks, a->end + a->step),
                          memory_order_release);
]])
set(TO [[
    atomic_store_explicit(&queue->shared->assigned, msi_word(chunks, a->end + a->step),
                          memory_order_release);
    atomic_store_explicit(msi_ring_entry(queue, (uint64_t)a->end * MSI_UNIT), chunk,
                          memory_order_relaxed);
]])
