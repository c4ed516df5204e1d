/* A pipe with a length before each message. Each write is one message and at most PIPE_BUF, so
 * several writers do not mix; the reader takes what there is and cuts it up. */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct channel {
    int fds[2];
};

struct reader {
    int fd;
    size_t begin, end; /* what of bytes has been read and not yet handed out */
    unsigned char bytes[64 << 10];
};

struct writer {
    int fd;
    unsigned char frame[PIPE_BUF];
};

static enum peer_status create(const struct peer_place *place, void **channel) {
    struct channel *made = malloc(sizeof *made);
    if (place->max_message + sizeof(uint32_t) > PIPE_BUF || made == NULL ||
        pipe2(made->fds, O_CLOEXEC) != 0) {
        peer_fail("pipe", errno);
        free(made);
        return PEER_ERROR;
    }
    *channel = made;
    return PEER_OK;
}

static void destroy(void *channel) {
    struct channel *old = channel;
    close(old->fds[0]);
    close(old->fds[1]);
    free(old);
}

static void *open_reader(void *channel) {
    struct reader *reader = malloc(sizeof *reader);
    if (reader == NULL) {
        peer_fail("malloc", errno);
        return NULL;
    }
    reader->begin = reader->end = 0;
    reader->fd = dup(((struct channel *)channel)->fds[0]);
    return reader;
}

static void *open_writer(void *channel, bool wait) {
    struct writer *writer = malloc(sizeof *writer);
    if (writer == NULL) {
        peer_fail("malloc", errno);
        return NULL;
    }
    writer->fd = dup(((struct channel *)channel)->fds[1]);
    if (!wait && fcntl(writer->fd, F_SETFL, O_NONBLOCK) != 0) {
        peer_fail("fcntl", errno);
        close(writer->fd);
        free(writer);
        return NULL;
    }
    return writer;
}

static enum peer_status put(void *end, const void *data, size_t len) {
    struct writer *writer = end;
    uint32_t prefix = (uint32_t)len;
    memcpy(writer->frame, &prefix, sizeof prefix);
    memcpy(writer->frame + sizeof prefix, data, len);
    if (write(writer->fd, writer->frame, sizeof prefix + len) == (ssize_t)(sizeof prefix + len))
        return PEER_OK;
    if (errno == EAGAIN)
        return PEER_FULL;
    peer_fail("write", errno);
    return PEER_ERROR;
}

/* Makes sure that at least need bytes are at hand. */
static bool fill(struct reader *reader, size_t need) {
    while (reader->end - reader->begin < need) {
        if (reader->begin != 0) {
            memmove(reader->bytes, reader->bytes + reader->begin, reader->end - reader->begin);
            reader->end -= reader->begin;
            reader->begin = 0;
        }
        ssize_t got =
            read(reader->fd, reader->bytes + reader->end, sizeof reader->bytes - reader->end);
        if (got <= 0) {
            peer_fail("read", got == 0 ? EPIPE : errno);
            return false;
        }
        reader->end += (size_t)got;
    }
    return true;
}

static long get(void *end, void *buf, size_t cap) {
    struct reader *reader = end;
    uint32_t len = 0;
    if (!fill(reader, sizeof len))
        return -1;
    memcpy(&len, reader->bytes + reader->begin, sizeof len);
    if (len > cap || len > PIPE_BUF) {
        peer_fail("frame longer than the buffer", 0);
        return -1;
    }
    if (!fill(reader, sizeof len + len))
        return -1;
    memcpy(buf, reader->bytes + reader->begin + sizeof len, len);
    reader->begin += sizeof len + len;
    return (long)len;
}

/* Either end begins with its descriptor. */
static void close_end(void *end) {
    close(*(int *)end);
    free(end);
}

const struct peer peer_pipe = {
    .name = "pipe",
    .what = "a pipe, each message with its length in front",
    .create = create,
    .destroy = destroy,
    .open_reader = open_reader,
    .open_writer = open_writer,
    .put = put,
    .get = get,
    .close = close_end,
};
