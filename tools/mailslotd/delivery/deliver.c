/* Sends to readers' sockets: batches from the network, single messages from users. */
#include "deliver.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

void deliver_init(struct deliver *deliver, struct counters *counters) {
    deliver->counters = counters;
    deliver->pending = NULL;
    deliver->count = 0;
}

/* Head and data are separate parts, so that one copy of the data serves all readers. */
static struct msghdr packet_fill(struct packet *packet, const msi_relay_message *message) {
    packet->parts[0].iov_base = packet->head;
    packet->parts[0].iov_len = msi_relay_encode_head(message, packet->head);
    packet->parts[1].iov_base = (void *)(uintptr_t)message->data;
    packet->parts[1].iov_len = message->data_len;
    return (struct msghdr){.msg_iov = packet->parts, .msg_iovlen = 2};
}

/* ---- From the network ---- */

uint8_t deliver_add(struct deliver *deliver, const msi_relay_message *message) {
    /* Numbers of packets are valid until the flush, which hands over all pending ones. */
    if (deliver->count == READERS_BATCH)
        deliver_flush(deliver);
    packet_fill(&deliver->packets[deliver->count], message);
    return (uint8_t)deliver->count++;
}

/* A reader is in the pending list if it has pending packets, so it is added with its first. */
void deliver_to(struct deliver *deliver, struct reader *reader, uint8_t number) {
    if (!reader->pending_count) {
        reader->next_pending = deliver->pending;
        deliver->pending = reader;
    }
    reader->pending[reader->pending_count++] = number;
}

static size_t deliver_gather(struct deliver *deliver, const struct reader *reader,
                             struct mmsghdr messages[READERS_BATCH]) {
    for (size_t i = 0; i < reader->pending_count; i++) {
        struct packet *packet = &deliver->packets[reader->pending[i]];
        messages[i].msg_hdr = (struct msghdr){.msg_iov = packet->parts, .msg_iovlen = 2};
    }
    return reader->pending_count;
}

/* ENOBUFS and ENOMEM: the kernel has no memory for the message now; the reader is still there. */
static bool is_full_error(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == ENOMEM;
}

/* A closed reader is removed by the poll of its connection, not here. */
static void deliver_hand_over(struct deliver *deliver, struct reader *reader) {
    static struct mmsghdr messages[READERS_BATCH];
    unsigned count = (unsigned)deliver_gather(deliver, reader, messages), at = 0;
    /* sendmmsg() may stop after some; a message that is refused ends the batch, since order must be
     * kept. */
    while (at < count) {
        int sent = sendmmsg(reader->fd, messages + at, count - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            break;
        at += (unsigned)sent;
    }
    deliver->counters->delivered += at;
    if (at < count && is_full_error(errno))
        deliver->counters->full += count - at;
    else
        deliver->counters->no_reader += count - at;
    reader->pending_count = 0;
}

void deliver_flush(struct deliver *deliver) {
    struct reader *reader = deliver->pending;
    deliver->pending = NULL;
    while (reader) {
        struct reader *next = reader->next_pending;
        deliver_hand_over(deliver, reader);
        reader = next;
    }
    deliver->count = 0;
}

/* ---- From users ---- */

/* SIOCOUTQ (unix(7)): bytes that the reader has not received yet, with the overhead of the
 * kernel. */
uint64_t deliver_outstanding(const struct reader *reader) {
    int bytes = 0;
    return ioctl(reader->fd, SIOCOUTQ, &bytes) || bytes < 0 ? 0 : (uint64_t)bytes;
}

static mailslot_err send_one(const struct reader *reader, const struct msghdr *header) {
    while (sendmsg(reader->fd, header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        if (is_full_error(errno))
            return MAILSLOT_ERR_FULL;
        if (errno == EMSGSIZE)
            return MAILSLOT_ERR_TOO_BIG;
        if (errno != EINTR)
            return MAILSLOT_ERR_GONE;
    }
    return MAILSLOT_OK;
}

mailslot_err deliver_from_user(struct reader *reader, uint32_t uid,
                               const msi_relay_message *message) {
    struct packet packet;
    struct msghdr header = packet_fill(&packet, message);
    size_t len = packet.parts[0].iov_len + packet.parts[1].iov_len;
    /* A quarter of the queue for each user: one writer must not be able to fill it alone. */
    if (!quota_allow(&reader->quota, uid, deliver_outstanding(reader), len, reader->queue_size / 4))
        return MAILSLOT_ERR_FULL;
    mailslot_err err = send_one(reader, &header);
    if (!err)
        quota_charge(&reader->quota, uid, deliver_outstanding(reader), len);
    return err;
}
