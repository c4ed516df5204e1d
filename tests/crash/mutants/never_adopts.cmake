set(SOURCE local/lock.c)
set(FROM [[    while ((word & MSI_LOCK_OWNER) == queue->self)]])
set(TO [[    while (false && (word & MSI_LOCK_OWNER) == queue->self)]])
