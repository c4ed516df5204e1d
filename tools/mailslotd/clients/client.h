/* A connected program, and what serving it needs. */
#ifndef MAILSLOTD_CLIENT_H
#define MAILSLOTD_CLIENT_H

#include "delivery/dispatch.h"
#include "users.h"

#include <uv.h>

/** The parts of the daemon that requests use. */
struct client_services {
    struct readers *readers;
    struct dispatch *dispatch;
    struct counters *counters;
    /** Fills in mailslotd's status. */
    void (*status)(void *ctx, mailslot_daemon_status *status);
    void *ctx; /* of status */
};

/** A connection's first request decides. */
enum client_role { CLIENT_NEW, CLIENT_READER, CLIENT_WRITER, CLIENT_ASKING };

struct clients;

struct client {
    struct client *next, **self;
    struct clients *clients;
    const struct client_services *services;
    uv_poll_t poll;
    int fd;
    uint64_t heard; /* when it connected or sent its last request, on the loop's clock */
    struct peer peer;
    struct user *user;
    enum client_role role;
    struct reader *reader; /* of a reader, its own; of a writer, its destination */
};

#endif
