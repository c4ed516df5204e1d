/*
 * Delivery to readers. Messages from the network are delivered in batches: each message is encoded
 * once and stays where it was received; each reader notes the numbers of its messages, and gets
 * them by one sendmmsg().
 */
#ifndef MAILSLOTD_DELIVER_H
#define MAILSLOTD_DELIVER_H

#include "base/counters.h"
#include "readers.h"

#include <sys/uio.h>

struct deliver {
    struct counters *counters;
    struct reader *pending; /* readers with messages in the batch */
    size_t count;
    struct packet {
        struct iovec parts[2];
        unsigned char head[MSI_RELAY_HEAD_MAX];
    } packets[READERS_BATCH];
};

void deliver_init(struct deliver *deliver, struct counters *counters);

/** Adds a DELIVER to the batch; its data must stay until deliver_flush(). Returns its number. A
 * full batch is flushed first. */
uint8_t deliver_add(struct deliver *deliver, const msi_relay_message *message);

/** Notes that a message of the batch is for a reader. */
void deliver_to(struct deliver *deliver, struct reader *reader, uint8_t number);

/** Delivers the batch and counts the results. */
void deliver_flush(struct deliver *deliver);

/** Delivers one message of a user of this computer at once. FULL (no room, or the user's quota of
 *  this queue is used up), GONE, TOO_BIG. */
mailslot_err deliver_from_user(struct reader *reader, uint32_t uid,
                               const msi_relay_message *message);

/** Bytes of kernel memory that the messages which a reader has not taken yet hold. */
uint64_t deliver_outstanding(const struct reader *reader);

#endif
