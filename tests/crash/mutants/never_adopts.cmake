set(SOURCE local/lock.c)
set(FROM [[    while ((word & OWNER) == queue->self)]])
set(TO [[    while (false && (word & OWNER) == queue->self)]])
