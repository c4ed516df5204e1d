/* The interfaces that mailslotd is on, as they come, go and change address. */
#ifndef MAILSLOTD_INTERFACES_H
#define MAILSLOTD_INTERFACES_H

#include "netbios/udp.h"
#include "node/node.h"

#include <uv.h>

struct interfaces {
    const msi_config *host;
    msi_interface list[MSI_NODE_SUBNETS]; /* as the node's subnets */
    size_t count, left_out;               /* left_out: for want of room in the list */
    int netlink;
    uv_poll_t poll;
    uv_timer_t timer; /* until the next look: changes come in crowds */
    bool seen, blind; /* ever; at the last look */
    void (*changed)(void *ctx);
    void *ctx;
};

/** Opens the socket by which the system tells of changes. OS. */
mailslot_err interfaces_open(struct interfaces *interfaces);

/** Looks at the interfaces now, and again whenever something changes; calls changed() if what it
 *  sees differs from what it saw before. */
void interfaces_start(struct interfaces *interfaces, uv_loop_t *loop);
void interfaces_look(struct interfaces *interfaces);

void interfaces_close(struct interfaces *interfaces);

/** Whether packets that came in by an interface are for us: those chosen, and the loopback, by
 *  which this computer's own come. */
bool interfaces_include(const struct interfaces *interfaces, unsigned index);

/** Whether that is an address of this computer. */
bool interfaces_have(const struct interfaces *interfaces, uint32_t ip);

/** The number of the network that a packet came from; -1 if it is none of ours, MSI_NODE_HERE if it
 *  came by the loopback. */
int interfaces_subnet(const struct interfaces *interfaces, unsigned index, uint32_t from);

#endif
