set(SOURCE local/queue.c)
set(FROM [[
    if (!write_record(queue, position, header, message, data))
        return table_damaged();
    atomic_store_explicit(&queue->shared->tail, msi_word(msi_count(tail) + 1, position + more),
                          memory_order_release);
]])
set(TO [[
    atomic_store_explicit(&queue->shared->tail, msi_word(msi_count(tail) + 1, position + more),
                          memory_order_release);
    if (!write_record(queue, position, header, message, data))
        return table_damaged();
]])
