/*
 * Running beside Samba on one host: nmbd owns the ports and forwards datagrams that it does not
 * consume to the subscribers of its socket `unexpected`. That interface is private to Samba: C
 * structs in the layout of its compiler, without a version; tested with 4.17.
 */
#ifndef MAILSLOTD_NMBD_H
#define MAILSLOTD_NMBD_H

#include "delivery/dispatch.h"

#include <uv.h>

struct nmbd {
    uv_loop_t *loop;
    struct dispatch *dispatch;
    char path[MSI_CONFIG_PATH_SIZE];
    int fd;              /* -1: not connected */
    uv_poll_t *poll;     /* of the connection */
    uv_timer_t timer;    /* until the next try */
    unsigned backoff_ms; /* of the next try */
    bool running, subscribed, lost;
    size_t used;
    unsigned char bytes[16384]; /* what came and was not a whole datagram yet */
};

/** Whether nmbd, or something like it, listens at a path. NOT_FOUND with the reason. */
mailslot_err nmbd_look(const char *path);

/** Subscribes, and again whenever the connection is lost. */
void nmbd_start(struct nmbd *nmbd, uv_loop_t *loop, const char *path);

/** Changes to another path, if it differs. */
void nmbd_move(struct nmbd *nmbd, const char *path);

void nmbd_stop(struct nmbd *nmbd);

#endif
