#include "batch.h"

#include <string.h>

void batch_init(struct batch *batch) {
    memset(batch->messages, 0, sizeof batch->messages);
    for (size_t i = 0; i < BATCH_PACKETS; i++) {
        batch->spaces[i].iov_base = batch->bytes[i];
        batch->spaces[i].iov_len = BATCH_SPACE;
    }
}

/* The system overwrites the lengths with what it used of them. */
static void rearm(struct batch *batch) {
    for (int i = 0; i < BATCH_PACKETS; i++)
        batch->messages[i].msg_hdr = (struct msghdr){
            .msg_name = &batch->senders[i],
            .msg_namelen = sizeof batch->senders[i],
            .msg_iov = &batch->spaces[i],
            .msg_iovlen = 1,
            .msg_control = &batch->control[i],
            .msg_controllen = sizeof batch->control[i].space,
        };
}

int batch_receive(struct batch *batch, int fd) {
    rearm(batch);
    int count = recvmmsg(fd, batch->messages, BATCH_PACKETS, MSG_DONTWAIT, NULL);
    return count < 0 ? 0 : count;
}

static unsigned interface_of(struct msghdr *message) {
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    struct in_pktinfo info;
    if (!head || head->cmsg_level != IPPROTO_IP || head->cmsg_type != IP_PKTINFO)
        return 0;
    memcpy(&info, CMSG_DATA(head), sizeof info);
    return (unsigned)info.ipi_ifindex;
}

struct batch_packet batch_at(struct batch *batch, int i) {
    return (struct batch_packet){
        .bytes = batch->bytes[i],
        .len = batch->messages[i].msg_len,
        .from = {ntohl(batch->senders[i].sin_addr.s_addr), ntohs(batch->senders[i].sin_port)},
        .interface = interface_of(&batch->messages[i].msg_hdr),
    };
}
