/* The programs of this computer that are connected: readers, writers and those who ask. Each has
 * one packet handled a turn, and each user a bounded number of connections. */
#ifndef MAILSLOTD_CLIENTS_H
#define MAILSLOTD_CLIENTS_H

#include "client.h"
#include "listener.h"

#include <uv.h>

enum {
    CLIENTS_MAX = 4096,
    CLIENTS_PER_USER = 512,
    CLIENTS_WELCOMED = 16, /* in a turn */
};

struct clients {
    struct listener listener;
    struct client *first;
    struct users users;
    size_t max; /* as many as there may be descriptors for, CLIENTS_MAX at most */
    struct client_services services;
    unsigned char buffer[MSI_RELAY_PACKET_MAX + 1]; /* of the packet being handled */
};

/** Makes the socket at msi_relay_path(). As listener_open(). services must be set. */
mailslot_err clients_open(struct clients *clients);

/** Begins to serve those who connect. */
void clients_start(struct clients *clients, uv_loop_t *loop);

/** Fills in the users of a status. */
void clients_report(const struct clients *clients, mailslot_daemon_status *status);

/** Sends everybody away and removes the socket. */
void clients_close(struct clients *clients);

#endif
