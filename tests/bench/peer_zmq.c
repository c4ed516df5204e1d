/* ZeroMQ PUSH and PULL over ipc://, default options (high-water marks of 1,000 at either end). */
#include "peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

struct channel {
    char url[160];
};

struct end {
    void *context;
    void *socket;
    int flags;
};

static enum peer_status create(const struct peer_place *place, void **channel) {
    struct channel *made = malloc(sizeof *made);
    if (made == NULL) {
        peer_fail("malloc", errno);
        return PEER_ERROR;
    }
    snprintf(made->url, sizeof made->url, "ipc://%s/%s.zmq", place->dir, place->id);
    *channel = made;
    return PEER_OK;
}

static void destroy(void *channel) {
    remove(((struct channel *)channel)->url + sizeof "ipc://" - 1);
    free(channel);
}

static void close_end(void *end) {
    struct end *old = end;
    if (old->socket != NULL)
        zmq_close(old->socket);
    if (old->context != NULL)
        zmq_ctx_term(old->context);
    free(old);
}

static void *open_end(const char *url, int type, int flags) {
    struct end *end = calloc(1, sizeof *end);
    if (end == NULL) {
        peer_fail("calloc", errno);
        return NULL;
    }
    end->flags = flags;
    end->context = zmq_ctx_new();
    end->socket = end->context == NULL ? NULL : zmq_socket(end->context, type);
    if (end->socket == NULL ||
        (type == ZMQ_PULL ? zmq_bind(end->socket, url) : zmq_connect(end->socket, url)) != 0) {
        peer_fail(zmq_strerror(zmq_errno()), 0);
        close_end(end);
        return NULL;
    }
    return end;
}

static void *open_reader(void *channel) {
    return open_end(((struct channel *)channel)->url, ZMQ_PULL, 0);
}

static void *open_writer(void *channel, bool wait) {
    return open_end(((struct channel *)channel)->url, ZMQ_PUSH, wait ? 0 : ZMQ_DONTWAIT);
}

static enum peer_status put(void *end, const void *data, size_t len) {
    const struct end *writer = end;
    if (zmq_send(writer->socket, data, len, writer->flags) == (int)len)
        return PEER_OK;
    if (zmq_errno() == EAGAIN)
        return PEER_FULL;
    peer_fail(zmq_strerror(zmq_errno()), 0);
    return PEER_ERROR;
}

static long get(void *end, void *buf, size_t cap) {
    int len = zmq_recv(((struct end *)end)->socket, buf, cap, 0);
    if (len < 0)
        peer_fail(zmq_strerror(zmq_errno()), 0);
    return len;
}

const struct peer peer_zmq = {
    .name = "zeromq",
    .what = "ZeroMQ PUSH/PULL over ipc://, default options",
    .create = create,
    .destroy = destroy,
    .open_reader = open_reader,
    .open_writer = open_writer,
    .put = put,
    .get = get,
    .close = close_end,
};
