/* Binds the ports and passes packets on in batches. */
#include "sockets.h"
#include "base/clock.h"
#include "base/uv_poll.h"
#include "error.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <string.h>

/* QUEUE: bytes of the receive queue of a port, so that a burst survives while the daemon is
 * busy. */
enum {
    ROUNDS = 4, /* batches received before other sockets get their turn */
    QUEUE = 4 << 20,
};

/* ---- The ports ---- */

static mailslot_err cannot_bind(int error, const char *what, unsigned port) {
    switch (error) {
    case EADDRINUSE:
        return mailslot_fail(MAILSLOT_ERR_IN_USE, "UDP port %u (%s) is in use by another program",
                             port, what);
    case EACCES:
    case EPERM:
        return mailslot_fail(MAILSLOT_ERR_DENIED,
                             "not permitted to bind UDP port %u (%s): start mailslotd as root or "
                             "with CAP_NET_BIND_SERVICE, or choose another with --%s-port",
                             port, what, what);
    default:
        return msi_fail_errno(MAILSLOT_ERR_OS, error, "cannot bind UDP port %u (%s)", port, what);
    }
}

/* SO_RCVBUFFORCE exceeds net.core.rmem_max but needs CAP_NET_ADMIN. */
static void enlarge_queue(int fd) {
    const int size = QUEUE;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

/* Without SO_REUSEADDR: on a shared port each packet would go to one of the programs. */
static mailslot_err bind_port(msi_udp *udp, const char *what, uint16_t port) {
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    mailslot_err err = msi_udp_open(udp);
    if (err)
        return err;
    int fd = (int)udp->handle;
    if (!batch_prepare(fd))
        return msi_fail_errno(MAILSLOT_ERR_OS, errno,
                              "cannot enable IP_PKTINFO and SO_TIMESTAMPNS");
    enlarge_queue(fd);
    if (bind(fd, (const struct sockaddr *)&address, sizeof address))
        return cannot_bind(errno, what, port);
    return MAILSLOT_OK;
}

mailslot_err sockets_bind(struct sockets *sockets, const msi_config *host) {
    sockets->name = sockets->datagram = MSI_UDP_NONE;
    mailslot_err err = bind_port(&sockets->name, "name", host->name_port);
    if (!err)
        err = bind_port(&sockets->datagram, "datagram", host->datagram_port);
    if (err)
        sockets_close(sockets);
    else
        batch_init(&sockets->batch);
    return err;
}

bool sockets_own_ports(const struct sockets *sockets) { return sockets->datagram.handle >= 0; }

/* Packets that the kernel dropped because the queue was full; see sock_diag(7). */
static uint64_t socket_drops(const msi_udp *udp) {
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t len = sizeof info;
    if (udp->handle < 0 || getsockopt((int)udp->handle, SOL_SOCKET, SO_MEMINFO, info, &len))
        return 0;
    return info[SK_MEMINFO_DROPS];
}

uint64_t sockets_drops(const struct sockets *sockets) {
    return socket_drops(&sockets->name) + socket_drops(&sockets->datagram);
}

/* ---- Receiving ---- */

static void sockets_take_names(struct sockets *sockets, int count, const struct arrival *arrival) {
    for (int i = 0; i < count; i++) {
        struct batch_packet packet = batch_at(&sockets->batch, i);
        sockets->counters->name_packets++;
        if (!interfaces_include(sockets->interfaces, packet.interface))
            continue;
        int subnet = interfaces_subnet(sockets->interfaces, packet.interface, packet.from.ip);
        if (name_service_receive(sockets->name_service, subnet, &packet, arrival->now))
            sockets->counters->name_malformed++;
    }
    name_service_settle(sockets->name_service);
}

static void sockets_take_datagrams(struct sockets *sockets, int count,
                                   const struct arrival *arrival) {
    for (int i = 0; i < count; i++) {
        struct batch_packet packet = batch_at(&sockets->batch, i);
        if (!interfaces_include(sockets->interfaces, packet.interface)) {
            /* From an interface that is not used; counted as a datagram that is not for us. */
            sockets->counters->received++;
            sockets->counters->not_for_us++;
            continue;
        }
        /* The time of the kernel if it gave one. */
        const struct arrival each = {packet.wall ? packet.wall : arrival->wall, arrival->now};
        bool own = interfaces_have(sockets->interfaces, packet.from.ip);
        dispatch_network(sockets->dispatch, packet.bytes, packet.len, packet.from.ip, own, &each);
    }
    /* Before the next batch overwrites the packets that pending deliveries refer to. */
    deliver_flush(sockets->dispatch->deliver);
}

static void sockets_receive(struct sockets *sockets, const msi_udp *udp,
                            void (*take)(struct sockets *, int, const struct arrival *)) {
    int count = BATCH_PACKETS;
    for (int i = 0; i < ROUNDS && count == BATCH_PACKETS; i++) {
        count = batch_receive(&sockets->batch, (int)udp->handle);
        const struct arrival arrival = clock_arrival();
        take(sockets, count, &arrival);
    }
}

static void on_names(uv_poll_t *poll, int status, int events) {
    struct sockets *sockets = poll->data;
    (void)events;
    poll_rearm(poll, status, on_names);
    sockets_receive(sockets, &sockets->name, sockets_take_names);
}

static void on_datagrams(uv_poll_t *poll, int status, int events) {
    struct sockets *sockets = poll->data;
    (void)events;
    poll_rearm(poll, status, on_datagrams);
    sockets_receive(sockets, &sockets->datagram, sockets_take_datagrams);
}

/* ---- Life ---- */

void sockets_start(struct sockets *sockets, uv_loop_t *loop) {
    sockets->name_poll.data = sockets->datagram_poll.data = sockets;
    uv_poll_init(loop, &sockets->name_poll, (int)sockets->name.handle);
    uv_poll_init(loop, &sockets->datagram_poll, (int)sockets->datagram.handle);
    uv_poll_start(&sockets->name_poll, UV_READABLE, on_names);
    uv_poll_start(&sockets->datagram_poll, UV_READABLE, on_datagrams);
}

void sockets_close(struct sockets *sockets) {
    /* Set by sockets_start(): before it, the handles are not initialized. */
    if (sockets->name_poll.data) {
        uv_close((uv_handle_t *)&sockets->name_poll, NULL);
        uv_close((uv_handle_t *)&sockets->datagram_poll, NULL);
    }
    msi_udp_close(&sockets->name);
    msi_udp_close(&sockets->datagram);
}
