set(SOURCE local/queue.c)
set(FROM [[
    if (!msi_frame_write(queue, position, header, message, data))
        return msi_table_damaged();
    atomic_store_explicit(&queue->shared->tail, msi_word(msi_count(tail) + 1, position + more),
                          memory_order_release);
]])
set(TO [[
    atomic_store_explicit(&queue->shared->tail, msi_word(msi_count(tail) + 1, position + more),
                          memory_order_release);
    if (!msi_frame_write(queue, position, header, message, data))
        return msi_table_damaged();
]])
