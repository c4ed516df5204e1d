/* A POSIX message queue, as deep as this user is allowed, up to the burst of the benchmark. Root's
 * limit on depth is raised while the queue is made; what is left is the limit on bytes. */
#include "peer.h"
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>

#define DEEPEST      10000
#define DEEPEST_TEXT "10000"
#define DEPTH_LIMIT  "/proc/sys/fs/mqueue/msg_max"

struct channel {
    char name[64];
};

struct end {
    mqd_t queue;
};

/* The largest depth that the limits on depth and on a user's bytes grant, nearly. */
static mqd_t try_depths(const char *name, long message_size) {
    for (long depth = DEEPEST; depth > 0; depth -= depth / 20 + 1) {
        struct mq_attr attr = {.mq_maxmsg = depth, .mq_msgsize = message_size};
        mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
        if (queue != (mqd_t)-1 || (errno != EINVAL && errno != EMFILE && errno != ENOMEM))
            return queue;
    }
    return (mqd_t)-1;
}

static mqd_t make_queue(const char *name, long message_size) {
    struct sysctl limit;
    bool raised = sysctl_raise(&limit, DEPTH_LIMIT, DEEPEST_TEXT);
    mqd_t queue = try_depths(name, message_size);
    if (raised)
        sysctl_restore(&limit);
    return queue;
}

static enum peer_status create(const struct peer_place *place, void **channel) {
    struct channel *made = malloc(sizeof *made);
    if (made == NULL) {
        peer_fail("malloc", errno);
        return PEER_ERROR;
    }
    snprintf(made->name, sizeof made->name, "/mailslot-bench-%s", place->id);
    mqd_t queue = make_queue(made->name, (long)place->max_message);
    if (queue == (mqd_t)-1) {
        bool absent = errno == ENOSYS || errno == EACCES;
        peer_fail("mq_open", errno);
        free(made);
        return absent ? PEER_ABSENT : PEER_ERROR;
    }
    mq_close(queue);
    *channel = made;
    return PEER_OK;
}

static void destroy(void *channel) {
    mq_unlink(((struct channel *)channel)->name);
    free(channel);
}

static void *open_end(const struct channel *channel, int flags) {
    struct end *end = malloc(sizeof *end);
    if (end == NULL) {
        peer_fail("malloc", errno);
        return NULL;
    }
    end->queue = mq_open(channel->name, flags);
    if (end->queue == (mqd_t)-1) {
        peer_fail("mq_open", errno);
        free(end);
        return NULL;
    }
    return end;
}

static void *open_reader(void *channel) { return open_end(channel, O_RDONLY); }

static void *open_writer(void *channel, bool wait) {
    return open_end(channel, O_WRONLY | (wait ? 0 : O_NONBLOCK));
}

static enum peer_status put(void *end, const void *data, size_t len) {
    if (mq_send(((struct end *)end)->queue, data, len, 0) == 0)
        return PEER_OK;
    if (errno == EAGAIN)
        return PEER_FULL;
    peer_fail("mq_send", errno);
    return PEER_ERROR;
}

static long get(void *end, void *buf, size_t cap) {
    ssize_t len = mq_receive(((struct end *)end)->queue, buf, cap, NULL);
    if (len < 0)
        peer_fail("mq_receive", errno);
    return (long)len;
}

static void close_end(void *end) {
    mq_close(((struct end *)end)->queue);
    free(end);
}

const struct peer peer_mq = {
    .name = "mq",
    .what = "POSIX message queue, as deep as this user may make it, at most 10,000",
    .create = create,
    .destroy = destroy,
    .open_reader = open_reader,
    .open_writer = open_writer,
    .put = put,
    .get = get,
    .close = close_end,
};
