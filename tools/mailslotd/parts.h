/* All parts of mailslotd, as one struct. */
#ifndef MAILSLOTD_PARTS_H
#define MAILSLOTD_PARTS_H

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

#endif
