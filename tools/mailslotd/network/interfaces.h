/* The network interfaces in use. Follows interfaces that appear, vanish or change their address. */
#ifndef MAILSLOTD_INTERFACES_H
#define MAILSLOTD_INTERFACES_H

#include "netbios/udp.h"
#include "node/node.h"

#include <uv.h>

struct interfaces {
    const msi_config *host;
    msi_interface list[MSI_NODE_SUBNETS]; /* as the node's subnets */
    size_t count, left_out;               /* left_out: more than the list holds */
    int netlink;
    uv_poll_t poll;
    uv_timer_t timer; /* delays listing, since changes come in bursts */
    bool seen, blind; /* listed at least once; the last listing failed */
    void (*changed)(void *ctx);
    void *ctx;
};

/** Opens the netlink socket that reports changes. OS. */
mailslot_err interfaces_open(struct interfaces *interfaces);

/** Lists the interfaces now, and again after each change; calls changed() if the list differs from
 *  the last one. */
void interfaces_start(struct interfaces *interfaces, uv_loop_t *loop);
void interfaces_look(struct interfaces *interfaces);

void interfaces_close(struct interfaces *interfaces);

/** Whether packets received on an interface are wanted: the selected ones, and the loopback, which
 *  delivers this computer's own packets. */
bool interfaces_include(const struct interfaces *interfaces, unsigned index);

/** Whether an address is one of this computer's. */
bool interfaces_have(const struct interfaces *interfaces, uint32_t ip);

/** The number of the network that a packet came from; -1 if it is none of ours, MSI_NODE_HERE if it
 *  came by the loopback. */
int interfaces_subnet(const struct interfaces *interfaces, unsigned index, uint32_t from);

#endif
