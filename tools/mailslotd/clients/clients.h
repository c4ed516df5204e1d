/* The connected programs of this computer: readers, writers and others. One packet of each is
 * handled per turn, and the connections of each user are bounded. */
#ifndef MAILSLOTD_CLIENTS_H
#define MAILSLOTD_CLIENTS_H

#include "client.h"
#include "listener.h"
#include "netbios/config.h"

#include <uv.h>

enum {
    CLIENTS_WELCOMED = 64,   /* accepted per turn */
    CLIENTS_RESERVE = 256,   /* of all, for users with fewer than CLIENTS_FEW */
    CLIENTS_FEW = 8,         /* connections */
    CLIENTS_ROOT = 16,       /* beyond all, for root */
    CLIENTS_SILENT_MS = 5000 /* a connection without a role is closed after so long a silence */
};

struct clients {
    struct listener listener;
    struct client *first;
    struct users users;
    uv_timer_t timer; /* closes connections that are silent */
    size_t max;       /* as configured, or as many as there may be descriptors for */
    size_t max_user;  /* of each user, as configured */
    struct client_services services;
    unsigned char buffer[MSI_RELAY_PACKET_MAX + 1]; /* of the packet being handled */
};

/** Makes the socket at msi_relay_path(). As listener_open(). services must be set. */
mailslot_err clients_open(struct clients *clients);

/** Applies the limits of a configuration; connections above them stay. */
void clients_set_limits(struct clients *clients, const msi_config *host);

/** Begins to accept and serve connections. */
void clients_start(struct clients *clients, uv_loop_t *loop);

/** Fills in the users of a status. */
void clients_report(const struct clients *clients, mailslot_daemon_status *status);

/** Closes all connections and removes the socket. */
void clients_close(struct clients *clients);

#endif
