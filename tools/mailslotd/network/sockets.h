/* The UDP sockets of the name service and of datagrams. */
#ifndef MAILSLOTD_SOCKETS_H
#define MAILSLOTD_SOCKETS_H

#include "batch.h"
#include "delivery/dispatch.h"
#include "name_service.h"

struct sockets {
    msi_udp name, datagram; /* MSI_UDP_NONE: not ours */
    uv_poll_t name_poll, datagram_poll;
    const struct interfaces *interfaces;
    struct name_service *name_service;
    struct dispatch *dispatch;
    struct counters *counters;
    struct batch batch;
};

/** Binds both ports exclusively, on every address. IN_USE (another program has one of them),
 * DENIED, OS. */
mailslot_err sockets_bind(struct sockets *sockets, const msi_config *host);

/** Begins to receive. */
void sockets_start(struct sockets *sockets, uv_loop_t *loop);

void sockets_close(struct sockets *sockets);

/** Whether the ports are ours. */
bool sockets_own_ports(const struct sockets *sockets);

/** Packets that the kernel has dropped at both ports since they were bound. */
uint64_t sockets_drops(const struct sockets *sockets);

#endif
