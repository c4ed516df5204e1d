/* This computer's names on the network: a msi_node with sockets, clock and log. */
#ifndef MAILSLOTD_NAMES_H
#define MAILSLOTD_NAMES_H

#include "base/counters.h"
#include "interfaces.h"

struct names {
    msi_node node;
    const struct interfaces *interfaces;
    const msi_udp *socket; /* of the name service's port */
    struct counters *counters;
    uv_timer_t timer;
    bool running;
    bool lost[MSI_NODE_NAMES]; /* and said so */
};

/** Begins to claim the names of a host, on the interfaces as they are now. */
void names_start(struct names *names, uv_loop_t *loop, const msi_config *host);

/** Releases the names and claims those that the host has now. */
void names_restart(struct names *names, const msi_config *host);

/** Tells that the interfaces have changed. */
void names_follow(struct names *names);

/** Takes in a packet, as msi_node_receive(); names_settle() must follow, once for any number. */
msi_wire_err names_receive(struct names *names, int subnet, msi_udp_address from,
                           const unsigned char *bytes, size_t len, uint64_t now);
void names_settle(struct names *names);

/** Releases the names. */
void names_stop(struct names *names);

/** Adds a line "name NAME<XX> STATE" for each. */
void names_lines(const struct names *names, struct text *text);

#endif
