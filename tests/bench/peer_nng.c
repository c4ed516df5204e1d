/* NNG push0 and pull0 over ipc://, default options. */
#include "peer.h"

#include <errno.h>
#include <nng/nng.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <stdio.h>
#include <stdlib.h>

struct channel {
    char url[160];
};

struct end {
    nng_socket socket;
    int flags;
};

static enum peer_status create(const struct peer_place *place, void **channel) {
    struct channel *made = malloc(sizeof *made);
    if (made == NULL) {
        peer_fail("malloc", errno);
        return PEER_ERROR;
    }
    snprintf(made->url, sizeof made->url, "ipc://%s/%s.nng", place->dir, place->id);
    *channel = made;
    return PEER_OK;
}

static void destroy(void *channel) {
    remove(((struct channel *)channel)->url + sizeof "ipc://" - 1);
    free(channel);
}

static void *make_end(nng_socket socket, int error, int flags) {
    struct end *end = error == 0 ? malloc(sizeof *end) : NULL;
    if (end == NULL) {
        peer_fail(error == 0 ? "out of memory" : nng_strerror(error), 0);
        return NULL;
    }
    *end = (struct end){socket, flags};
    return end;
}

static void *open_reader(void *channel) {
    nng_socket socket = NNG_SOCKET_INITIALIZER;
    int error = nng_pull0_open(&socket);
    if (error == 0)
        error = nng_listen(socket, ((struct channel *)channel)->url, NULL, 0);
    return make_end(socket, error, 0);
}

static void *open_writer(void *channel, bool wait) {
    nng_socket socket = NNG_SOCKET_INITIALIZER;
    int error = nng_push0_open(&socket);
    if (error == 0)
        error = nng_dial(socket, ((struct channel *)channel)->url, NULL, 0);
    return make_end(socket, error, wait ? 0 : NNG_FLAG_NONBLOCK);
}

static enum peer_status put(void *end, const void *data, size_t len) {
    const struct end *writer = end;
    /* nng_send does not write to its buffer unless asked to free it. */
    int error = nng_send(writer->socket, (void *)(size_t)data, len, writer->flags);
    if (error == 0)
        return PEER_OK;
    if (error == NNG_EAGAIN)
        return PEER_FULL;
    peer_fail(nng_strerror(error), 0);
    return PEER_ERROR;
}

static long get(void *end, void *buf, size_t cap) {
    size_t len = cap;
    int error = nng_recv(((struct end *)end)->socket, buf, &len, 0);
    if (error != 0) {
        peer_fail(nng_strerror(error), 0);
        return -1;
    }
    return (long)len;
}

static void close_end(void *end) {
    nng_close(((struct end *)end)->socket);
    free(end);
}

const struct peer peer_nng = {
    .name = "nng",
    .what = "NNG push/pull over ipc://, default options",
    .create = create,
    .destroy = destroy,
    .open_reader = open_reader,
    .open_writer = open_writer,
    .put = put,
    .get = get,
    .close = close_end,
};
