/* All of mailslotd: what it consists of, and its life. */
#ifndef MAILSLOTD_DAEMON_H
#define MAILSLOTD_DAEMON_H

#include "clients/clients.h"
#include "clients/metrics.h"
#include "network/nmbd.h"
#include "network/sockets.h"
#include "settings.h"

struct daemon {
    int argc; /* read again with the configuration */
    char **argv;
    struct settings settings;
    uv_loop_t loop;
    uv_signal_t signals[3];
    struct counters counters;
    struct readers readers;
    struct deliver deliver;
    struct dispatch dispatch;
    struct interfaces interfaces;
    struct name_service name_service;
    struct sockets sockets;
    struct nmbd nmbd;
    struct clients clients;
    struct metrics metrics;
};

/** Runs until a signal ends it. */
mailslot_err daemon_run(struct daemon *daemon, const struct settings *settings, int argc,
                        char **argv);

/** Writes what STATUS_TEXT says, and what the metrics are; ctx is a struct daemon. */
void daemon_status(void *ctx, struct text *text);
void daemon_metrics(void *ctx, struct text *text);

#endif
