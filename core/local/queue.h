/*
 * The local queue: many writers, one reader, in memory that they share. Plain memory: it makes no
 * system call but to sleep and to wake; what else it needs of the system are the hooks.
 *
 * Promises, whatever instant any process is killed at:
 *   - a message is in the queue whole, or not at all: it exists from one store of `tail` on;
 *   - nobody waits for the dead: the lock names its owner, and the owner's life can be asked for;
 *   - whatever bytes the memory holds, nothing outside it is touched.
 *
 * Writers append under one lock (lock.c). Messages lie as frames (frame.h) in a ring of chunks
 * (ring.c). The reader takes them without the lock and says how far it is in `head`. Who only looks
 * (queue_inspect.c) changes nothing.
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
 *  writer. Waits for room until deadline. FULL, GONE, CLOSED (interrupted), DAMAGED. */
mailslot_err msi_queue_put(msi_queue *queue, const msi_message *message, const void *data,
                           uint64_t deadline);

/** Takes the oldest message; one thread at a time. EMPTY (without a detail), TOO_SMALL (likewise;
 *  message->len is set, the message stays), DAMAGED. */
mailslot_err msi_queue_take(msi_queue *queue, void *buf, size_t cap, msi_message *message);

/** Whether a message seems to be there. Any thread of the reader. */
bool msi_queue_waiting(const msi_queue *queue);

/** Returns when msi_queue_waiting(), when interrupted, or at the deadline. Any thread of the
 *  reader; spin tells whether it may burn a few microseconds first. */
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
