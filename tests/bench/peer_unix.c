/*
 * AF_UNIX datagram sockets, as they come and tuned. Tuned means large buffers and a deep queue: the
 * kernel takes the depth from net.unix.max_dgram_qlen when a socket is made, so that is raised
 * around the making of one socket and put back at once (the harness keeps signals blocked then).
 */
#include "peer.h"
#include "sysctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define QUEUE_LENGTH "/proc/sys/net/unix/max_dgram_qlen"
#define TUNED_LENGTH "20000"
#define TUNED_BUFFER (64 << 20)

struct channel {
    int reader; /* made in the parent, so that only one process touches QUEUE_LENGTH */
    bool tuned;
    struct sockaddr_un address;
    socklen_t address_len;
};

struct end {
    int fd;
    int flags;
};

/* The address is in the abstract name space: it vanishes with its socket. */
static void set_address(struct channel *channel, const char *id) {
    channel->address.sun_family = AF_UNIX;
    char *path = channel->address.sun_path;
    int len = snprintf(path + 1, sizeof channel->address.sun_path - 1, "mailslot-bench-%s", id);
    channel->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

static bool set_buffer(int fd, int forced, int plain) {
    int size = TUNED_BUFFER;
    return setsockopt(fd, SOL_SOCKET, forced, &size, sizeof size) == 0 ||
           setsockopt(fd, SOL_SOCKET, plain, &size, sizeof size) == 0;
}

static int make_socket(bool tuned) {
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && tuned &&
        !(set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF) && set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF))) {
        close(fd);
        return -1;
    }
    return fd;
}

static int make_deep_socket(enum peer_status *status) {
    struct sysctl limit;
    if (!sysctl_raise(&limit, QUEUE_LENGTH, TUNED_LENGTH)) {
        peer_fail("untuned only: cannot raise net.unix.max_dgram_qlen", errno);
        *status = PEER_ABSENT;
        return -1;
    }
    int fd = make_socket(true);
    sysctl_restore(&limit);
    if (fd < 0) {
        peer_fail("socket", errno);
        *status = PEER_ERROR;
    }
    return fd;
}

static enum peer_status make_reader(struct channel *channel) {
    enum peer_status status = PEER_OK;
    channel->reader = channel->tuned ? make_deep_socket(&status) : make_socket(false);
    if (status != PEER_OK)
        return status;
    if (channel->reader < 0 || bind(channel->reader, (const struct sockaddr *)&channel->address,
                                    channel->address_len) != 0) {
        peer_fail("socket or bind", errno);
        return PEER_ERROR;
    }
    return PEER_OK;
}

static void destroy(void *channel) {
    struct channel *old = channel;
    if (old->reader >= 0)
        close(old->reader);
    free(old);
}

static enum peer_status create_as(const struct peer_place *place, void **channel, bool tuned) {
    struct channel *made = calloc(1, sizeof *made);
    if (made == NULL) {
        peer_fail("calloc", errno);
        return PEER_ERROR;
    }
    made->reader = -1;
    made->tuned = tuned;
    set_address(made, place->id);
    enum peer_status status = make_reader(made);
    if (status != PEER_OK) {
        destroy(made);
        return status;
    }
    *channel = made;
    return PEER_OK;
}

static enum peer_status create_untuned(const struct peer_place *place, void **channel) {
    return create_as(place, channel, false);
}

static enum peer_status create_tuned(const struct peer_place *place, void **channel) {
    return create_as(place, channel, true);
}

static void *make_end(int fd, int flags) {
    struct end *end = malloc(sizeof *end);
    if (fd < 0 || end == NULL) {
        peer_fail("opening an end", errno);
        free(end);
        return NULL;
    }
    *end = (struct end){fd, flags};
    return end;
}

static void *open_reader(void *channel) {
    const struct channel *place = channel;
    return make_end(dup(place->reader), 0);
}

static void *open_writer(void *channel, bool wait) {
    const struct channel *place = channel;
    int fd = make_socket(place->tuned);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&place->address, place->address_len) != 0) {
        peer_fail("connect", errno);
        close(fd);
        return NULL;
    }
    return make_end(fd, wait ? 0 : MSG_DONTWAIT);
}

static enum peer_status put(void *end, const void *data, size_t len) {
    const struct end *writer = end;
    if (send(writer->fd, data, len, writer->flags) == (ssize_t)len)
        return PEER_OK;
    if (errno == EAGAIN || errno == ENOBUFS)
        return PEER_FULL;
    peer_fail("send", errno);
    return PEER_ERROR;
}

static long get(void *end, void *buf, size_t cap) {
    const struct end *reader = end;
    ssize_t len = recv(reader->fd, buf, cap, MSG_TRUNC);
    if (len < 0)
        peer_fail("recv", errno);
    return (long)len;
}

static void close_end(void *end) {
    struct end *old = end;
    close(old->fd);
    free(old);
}

const struct peer peer_unix = {
    .name = "unix",
    .what = "AF_UNIX datagrams, system defaults",
    .create = create_untuned,
    .destroy = destroy,
    .open_reader = open_reader,
    .open_writer = open_writer,
    .put = put,
    .get = get,
    .close = close_end,
};

const struct peer peer_unix_tuned = {
    .name = "unix-tuned",
    .what = "AF_UNIX datagrams, buffers of 64 MiB and a queue of " TUNED_LENGTH " messages",
    .create = create_tuned,
    .destroy = destroy,
    .open_reader = open_reader,
    .open_writer = open_writer,
    .put = put,
    .get = get,
    .close = close_end,
};
