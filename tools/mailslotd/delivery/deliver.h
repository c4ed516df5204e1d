/*
 * Handing messages over to readers. What comes from the network is handed over in batches: each
 * message is encoded once, its bytes stay where they were received, and each reader notes which of
 * them are for it, until all readers get theirs by one system call each.
 */
#ifndef MAILSLOTD_DELIVER_H
#define MAILSLOTD_DELIVER_H

#include "base/counters.h"
#include "readers.h"

#include <sys/uio.h>

struct deliver {
    struct counters *counters;
    struct reader *pending; /* the readers that have something in the batch */
    size_t count;
    struct packet {
        struct iovec parts[2];
        unsigned char head[MSI_RELAY_HEAD_MAX];
    } packets[READERS_BATCH];
};

void deliver_init(struct deliver *deliver, struct counters *counters);

/** Takes a DELIVER into the batch, whose data must stay until deliver_flush(). Returns its number.
 *  Before that, a batch that is full is flushed. */
uint8_t deliver_add(struct deliver *deliver, const msi_relay_message *message);

/** Notes that a message of the batch is for a reader. */
void deliver_to(struct deliver *deliver, struct reader *reader, uint8_t number);

/** Hands the batch over and counts what came of it. */
void deliver_flush(struct deliver *deliver);

/** Hands over one message of a user of this computer at once, unless it would leave the reader too
 *  little room for those of others. FULL, GONE, TOO_BIG. */
mailslot_err deliver_from_user(struct reader *reader, uint32_t uid,
                               const msi_relay_message *message);

/** Bytes of kernel memory that the messages which a reader has not taken yet hold. */
uint64_t deliver_outstanding(const struct reader *reader);

#endif
