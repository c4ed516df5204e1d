/* The counters for Prometheus: an HTTP GET at a local socket, as by `curl --unix-socket`. */
#ifndef MAILSLOTD_METRICS_H
#define MAILSLOTD_METRICS_H

#include "listener.h"

#include <mailslot/network.h>
#include <uv.h>

enum { METRICS_CONNECTIONS = 8, METRICS_REQUEST = 2048, METRICS_SIZE = 32768 };

struct metrics_connection;

struct metrics {
    struct listener listener;
    struct metrics_connection *connections[METRICS_CONNECTIONS]; /* the oldest first */
    size_t count;
    void (*status)(void *ctx, mailslot_daemon_status *status); /* fills it in */
    void *ctx;
};

/** Makes the socket `metrics` in the directory of another one. As listener_open(). */
mailslot_err metrics_open(struct metrics *metrics, const char *beside);

void metrics_start(struct metrics *metrics, uv_loop_t *loop);
void metrics_close(struct metrics *metrics);

#endif
