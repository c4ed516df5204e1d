/* recvmmsg() with IP_PKTINFO and SO_TIMESTAMPNS. */
#include "batch.h"
#include "base/clock.h"

#include <string.h>

void batch_init(struct batch *batch) {
    memset(batch->messages, 0, sizeof batch->messages);
    for (size_t i = 0; i < BATCH_PACKETS; i++) {
        batch->spaces[i].iov_base = batch->bytes[i];
        batch->spaces[i].iov_len = BATCH_SPACE;
    }
}

/* recvmmsg() overwrites the lengths, so they are set again before each call. */
static void batch_rearm(struct batch *batch) {
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

/* IP_PKTINFO tells the interface that a packet came in by; SO_TIMESTAMPNS when the kernel received
 * it, which may be before a queue delay. */
bool batch_prepare(int fd) {
    const int on = 1;
    return !setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) &&
           !setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

int batch_receive(struct batch *batch, int fd) {
    batch_rearm(batch);
    int count = recvmmsg(fd, batch->messages, BATCH_PACKETS, MSG_DONTWAIT, NULL);
    /* Errors such as EAGAIN and a pending ICMP error are no packets; poll tells when there are
     * more. */
    return count < 0 ? 0 : count;
}

static void read_interface(struct batch_packet *packet, const struct cmsghdr *head) {
    struct in_pktinfo info;
    /* CMSG_DATA() need not be aligned (cmsg(3)). */
    memcpy(&info, CMSG_DATA(head), sizeof info);
    packet->interface = (unsigned)info.ipi_ifindex;
    /* ip(7): ipi_spec_dst is the local address of the packet, ipi_addr the header's. */
    if (info.ipi_addr.s_addr == info.ipi_spec_dst.s_addr)
        packet->to = ntohl(info.ipi_addr.s_addr);
}

static void read_time(struct batch_packet *packet, const struct cmsghdr *head) {
    struct timespec when;
    memcpy(&when, CMSG_DATA(head), sizeof when);
    packet->wall = clock_ns(&when);
}

struct batch_packet batch_at(struct batch *batch, int i) {
    struct msghdr *message = &batch->messages[i].msg_hdr;
    struct batch_packet packet = {
        .bytes = batch->bytes[i],
        .len = batch->messages[i].msg_len,
        .from = {ntohl(batch->senders[i].sin_addr.s_addr), ntohs(batch->senders[i].sin_port)},
    };
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
        if (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_PKTINFO)
            read_interface(&packet, head);
        else if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_TIMESTAMPNS)
            read_time(&packet, head);
    }
    return packet;
}
