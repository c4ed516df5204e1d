/* Packets received from a UDP socket, many per recvmmsg(). */
#ifndef MAILSLOTD_BATCH_H
#define MAILSLOTD_BATCH_H

#include "netbios/wire.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <time.h>

enum {
    BATCH_PACKETS = 64,
    BATCH_SPACE = 1536, /* more than any packet of the protocol; a longer one is cut to this */
};

struct batch {
    struct mmsghdr messages[BATCH_PACKETS];
    struct iovec spaces[BATCH_PACKETS];
    struct sockaddr_in senders[BATCH_PACKETS];
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(struct timespec))];
    } control[BATCH_PACKETS];
    unsigned char bytes[BATCH_PACKETS][BATCH_SPACE];
};

struct batch_packet {
    const unsigned char *bytes; /* into the batch */
    size_t len;
    msi_udp_address from;
    unsigned interface; /* it was received on; 0: not known */
    uint32_t to;        /* the address of ours that it was sent to; 0: a broadcast, or not known */
    uint64_t wall;      /* when, in ns since 1970; 0: not known */
};

void batch_init(struct batch *batch);

/** Enables interface and time of a socket's packets; false with errno on failure. */
bool batch_prepare(int fd);

/** Receives without waiting; returns the number of packets. */
int batch_receive(struct batch *batch, int fd);

struct batch_packet batch_at(struct batch *batch, int i);

#endif
