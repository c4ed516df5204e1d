/* The NetBIOS names of this computer: connects an msi_node with socket, timer and log. */
#ifndef MAILSLOTD_NAME_SERVICE_H
#define MAILSLOTD_NAME_SERVICE_H

#include "base/counters.h"
#include "batch.h"
#include "interfaces.h"

struct name_service {
    msi_node node;
    const struct interfaces *interfaces;
    const msi_udp *socket; /* of the name service's port */
    struct counters *counters;
    uv_timer_t timer;
    bool running;
    msi_interface asked; /* where to answer from the packet being taken in; ip 0: by its subnet */
    bool lost[MSI_NODE_NAMES]; /* a conflict was logged */
    uint64_t forgery_logged;   /* when, on the clock of msi_now(); 0: never */
};

/** Begins to claim the names of a host, on the interfaces as they are now. */
void name_service_start(struct name_service *service, uv_loop_t *loop, const msi_config *host);

/** Releases the names and claims those that the host has now. */
void name_service_restart(struct name_service *service, const msi_config *host);

/** Passes changed interfaces to the node. */
void name_service_follow(struct name_service *service);

/** Takes in a packet, as msi_node_receive(); name_service_settle() must follow, once for any
 * number. */
msi_wire_err name_service_receive(struct name_service *service, int subnet,
                                  const struct batch_packet *packet, uint64_t now);
void name_service_settle(struct name_service *service);

/** Releases the names. */
void name_service_stop(struct name_service *service);

/** Fills in the names of a status. */
void name_service_report(const struct name_service *service, mailslot_daemon_status *status);

#endif
