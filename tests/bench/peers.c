/* The list of peers. Those whose library was not there at configure time stay in it, so that the
 * table says what it does not show. */
#include "peer.h"

#include <stdio.h>
#include <string.h>

extern const struct peer peer_mailslot_wait, peer_floor, peer_floor_best, peer_unix,
    peer_unix_tuned, peer_pipe, peer_mq;
#ifdef BENCH_HAVE_ZMQ
extern const struct peer peer_zmq;
#else
static const struct peer peer_zmq = {.name = "zeromq",
                                     .what = "ZeroMQ PUSH/PULL over ipc://",
                                     .missing = "built without libzmq3-dev"};
#endif
#ifdef BENCH_HAVE_NNG
extern const struct peer peer_nng;
#else
static const struct peer peer_nng = {
    .name = "nng", .what = "NNG push/pull over ipc://", .missing = "built without libnng-dev"};
#endif

const struct peer *const peers_all[] = {
    &peer_mailslot, &peer_mailslot_wait, &peer_floor, &peer_floor_best,
    &peer_unix,     &peer_unix_tuned,    &peer_pipe,  &peer_mq,
    &peer_zmq,      &peer_nng,           NULL,
};

static char reason[200];

const struct peer *peer_find(const char *name) {
    for (size_t i = 0; peers_all[i] != NULL; i++)
        if (strcmp(peers_all[i]->name, name) == 0)
            return peers_all[i];
    return NULL;
}

void peer_fail(const char *what, int error) {
    if (error == 0)
        snprintf(reason, sizeof reason, "%s", what);
    else
        snprintf(reason, sizeof reason, "%s: %s", what, strerror(error));
}

const char *peer_reason(void) { return reason; }
