/*
 * The local queue: many writers and one reader, in memory that they share. Its only system calls
 * are futex waits and wakes; all else it needs from the system it gets through msi_queue_hooks.
 *
 * Invariants, at whatever instant a process is killed:
 *   - a message is in the queue whole or not at all: one store of `tail` publishes it;
 *   - no process waits for a dead one: the lock holds its owner's number, and a hook tells whether
 *     that owner is alive;
 *   - whatever the memory contains, no access goes outside it.
 *
 * Writers append under one lock (lock.c). Messages lie as frames (frame.h) in a ring of chunks
 * (ring.c). The reader takes them without the lock and stores its position in `head`.
 * queue_inspect.c reads a queue without changing it.
 */
#ifndef MSI_QUEUE_H
#define MSI_QUEUE_H

#include "envelope.h"
#include "queue_memory.h"

/** Computes the layout for a capacity of 4 KiB to 8 GiB. */
void msi_queue_lay_out(msi_queue_layout *layout, size_t capacity);

/** Bytes of the ring's memory. */
size_t msi_queue_ring_size(const msi_queue_layout *layout);

/** Largest message that a queue of that layout can hold when it is empty. */
size_t msi_queue_largest(const msi_queue_layout *layout);

/** Makes an empty queue of zeroed memory whose first position is start, rounded to a chunk. */
void msi_queue_init(msi_queue_shared *shared, const msi_queue_layout *layout, uint32_t start);

/** To be called once by a writer before its first put: undoes what a dead process that was the
 *  same holder may have left. */
void msi_queue_adopt(msi_queue *queue);

/** Appends data, message->len bytes, with the envelope in message. Several threads may share a
 *  writer. Waits for room for timeout_ms, and reads no fine clock unless it waits. FULL, GONE,
 * CLOSED (interrupted), DAMAGED. */
mailslot_err msi_queue_put(msi_queue *queue, const msi_message *message, const void *data,
                           int timeout_ms);

/** Takes the oldest message; one thread at a time. EMPTY (without a detail), TOO_SMALL (likewise;
 *  message->len is set, the message stays), DAMAGED. */
mailslot_err msi_queue_take(msi_queue *queue, void *buf, size_t cap, msi_message *message);

/** Whether a message seems to be there. Any thread of the reader. */
bool msi_queue_waiting(const msi_queue *queue);

/** Returns when msi_queue_waiting(), when interrupted or removed, or at the deadline. Any thread of
 * the reader; spin tells whether it may burn a few microseconds first. */
void msi_queue_wait(msi_queue *queue, uint64_t deadline, bool spin);

/** Makes puts and waits of this handle's threads return soon, for good. */
void msi_queue_interrupt(msi_queue *queue);

/** Tells the writers that the reader is gone; before it gives up its name. */
void msi_queue_close(msi_queue *queue);

/** Fills in count, used and next_size, for the reader exact, for any other view one consistent
 *  snapshot as well; and the statistics. DAMAGED. */
mailslot_err msi_queue_inspect(const msi_queue *queue, mailslot_info *info);

/** Copies the message that was put last, whether it was taken or not, to buf, which holds cap
 *  bytes. Any view; changes nothing. If its writer was killed in that put, it may be the one
 *  before. EMPTY (without a detail; none was put, or a put that is under way or failed has taken
 *  its place), TOO_SMALL (likewise; message->len is set), DAMAGED. */
mailslot_err msi_queue_peek(const msi_queue *queue, void *buf, size_t cap, msi_message *message);

/** Whether a message of len bytes would be refused now. DAMAGED. */
mailslot_err msi_queue_full(const msi_queue *queue, size_t len, bool *full);

#endif
