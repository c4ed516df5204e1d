/* Connects to nmbd's socket, subscribes to datagrams and reconnects with a growing delay. */
#include "nmbd.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/uv_poll.h"
#include "error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* struct nb_packet_query and struct nb_packet_client_header of Samba's source3/libsmb/unexpected.c,
 * as compiled on LP64 systems: both sides run on one computer, so the byte order is its own. */
enum {
    QUERY_SIZE = 24,
    QUERY_TYPE = 0,         /* i32 */
    QUERY_TRANSACTION = 16, /* i32; in between, u64: length of a slot's name, 0: every slot */
    HEADER_SIZE = 32,
    HEADER_LENGTH = 0, /* u64 */
    HEADER_TYPE = 8,   /* i32 */
    HEADER_IP = 24,    /* in network byte order */
    TYPE_DATAGRAM = 1,
};

enum { BACKOFF_MS = 100, BACKOFF_MOST_MS = 5000 };

/* ---- Connecting ---- */

static int connect_to_nmbd(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || !connect(fd, (struct sockaddr *)&address, sizeof address))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

mailslot_err nmbd_look(const char *path) {
    int fd = connect_to_nmbd(path);
    if (fd < 0 && errno != EAGAIN) /* EAGAIN: its backlog is full, so it is there */
        return msi_fail_errno(MAILSLOT_ERR_NOT_FOUND, errno, "nmbd does not answer at %s", path);
    if (fd >= 0)
        close(fd);
    return MAILSLOT_OK;
}

static bool nmbd_subscribe(int fd) {
    unsigned char query[QUERY_SIZE] = {0};
    /* -1: packets of any transaction. */
    const int32_t type = TYPE_DATAGRAM, transaction = -1;
    memcpy(query + QUERY_TYPE, &type, sizeof type);
    memcpy(query + QUERY_TRANSACTION, &transaction, sizeof transaction);
    return send(fd, query, sizeof query, MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof query;
}

static void free_poll(uv_handle_t *handle) { free(handle); }

/* nmbd->poll is allocated for each connection, since libuv uses a handle until its close
 * callback. */
static void nmbd_disconnect(struct nmbd *nmbd) {
    if (nmbd->poll)
        uv_close((uv_handle_t *)nmbd->poll, free_poll);
    nmbd->poll = NULL;
    if (nmbd->fd >= 0)
        close(nmbd->fd);
    nmbd->fd = -1;
    nmbd->subscribed = false;
    nmbd->used = 0;
}

static void on_timer(uv_timer_t *timer);

static void nmbd_retry_later(struct nmbd *nmbd, const char *why) {
    /* One line until the connection is back, however often it is tried. */
    if (!nmbd->lost)
        log_line("not connected to nmbd at %s: %s; retrying", nmbd->path, why);
    nmbd->lost = true;
    nmbd_disconnect(nmbd);
    uv_timer_start(&nmbd->timer, on_timer, nmbd->backoff_ms, 0);
    nmbd->backoff_ms =
        nmbd->backoff_ms * 2 < BACKOFF_MOST_MS ? nmbd->backoff_ms * 2 : BACKOFF_MOST_MS;
}

static void on_bytes(uv_poll_t *poll, int status, int events);

static void nmbd_connect(struct nmbd *nmbd) {
    nmbd->fd = connect_to_nmbd(nmbd->path);
    if (nmbd->fd < 0 || !nmbd_subscribe(nmbd->fd)) {
        nmbd_retry_later(nmbd, strerror(errno));
        return;
    }
    nmbd->poll = calloc(1, sizeof *nmbd->poll);
    if (!nmbd->poll || uv_poll_init(nmbd->loop, nmbd->poll, nmbd->fd)) {
        free(nmbd->poll);
        nmbd->poll = NULL;
        nmbd_retry_later(nmbd, "no memory");
        return;
    }
    nmbd->poll->data = nmbd;
    uv_poll_start(nmbd->poll, UV_READABLE, on_bytes);
}

static void on_timer(uv_timer_t *timer) { nmbd_connect(timer->data); }

/* ---- Receiving ---- */

static void nmbd_take_acknowledgement(struct nmbd *nmbd) {
    nmbd->subscribed = true;
    nmbd->lost = false;
    nmbd->backoff_ms = BACKOFF_MS;
    nmbd->dispatch->counters->nmbd_connections++;
    log_line("nmbd owns the NetBIOS ports: receiving datagrams from it at %s", nmbd->path);
}

static void nmbd_take_packet(struct nmbd *nmbd, const unsigned char *packet, size_t len,
                             const struct arrival *arrival) {
    int32_t type;
    memcpy(&type, packet + HEADER_TYPE, sizeof type);
    if (type == TYPE_DATAGRAM)
        dispatch_network(nmbd->dispatch, packet + HEADER_SIZE, len - HEADER_SIZE,
                         msi_get_be32(packet + HEADER_IP), false, arrival);
}

/* The size of the packet at p with its header; 0: incomplete; SIZE_MAX: malformed. */
static size_t packet_size(const struct nmbd *nmbd, const unsigned char *p, size_t left) {
    uint64_t len;
    if (left < HEADER_SIZE)
        return 0;
    memcpy(&len, p + HEADER_LENGTH, sizeof len);
    /* It would never fit the buffer, which would then stay full for ever. */
    if (len > sizeof nmbd->bytes - HEADER_SIZE)
        return SIZE_MAX;
    return left >= HEADER_SIZE + len ? HEADER_SIZE + (size_t)len : 0;
}

/* False on a protocol error. */
static bool nmbd_take_bytes(struct nmbd *nmbd) {
    const struct arrival arrival = clock_arrival();
    size_t at = 0, size;
    if (!nmbd->subscribed) {
        /* nmbd acknowledges a query with one zero byte. */
        if (nmbd->bytes[at++] != 0)
            return false;
        nmbd_take_acknowledgement(nmbd);
    }
    while ((size = packet_size(nmbd, nmbd->bytes + at, nmbd->used - at)) && size != SIZE_MAX) {
        nmbd_take_packet(nmbd, nmbd->bytes + at, size, &arrival);
        at += size;
    }
    deliver_flush(nmbd->dispatch->deliver);
    nmbd->used -= at;
    /* An incomplete packet moves to the front, so that the buffer has room for the rest of it. */
    memmove(nmbd->bytes, nmbd->bytes + at, nmbd->used);
    return size != SIZE_MAX;
}

static void on_bytes(uv_poll_t *poll, int status, int events) {
    struct nmbd *nmbd = poll->data;
    (void)events;
    poll_rearm(poll, status, on_bytes);
    ssize_t len =
        recv(nmbd->fd, nmbd->bytes + nmbd->used, sizeof nmbd->bytes - nmbd->used, MSG_DONTWAIT);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len <= 0) {
        nmbd_retry_later(nmbd, len ? strerror(errno) : "connection closed");
        return;
    }
    nmbd->used += (size_t)len;
    if (!nmbd_take_bytes(nmbd))
        nmbd_retry_later(nmbd, "it does not speak the protocol of nmbd 4.17");
}

/* ---- Life ---- */

void nmbd_start(struct nmbd *nmbd, uv_loop_t *loop, const char *path) {
    nmbd->loop = loop;
    nmbd->fd = -1;
    nmbd->backoff_ms = BACKOFF_MS;
    nmbd->running = true;
    snprintf(nmbd->path, sizeof nmbd->path, "%s", path);
    uv_timer_init(loop, &nmbd->timer);
    nmbd->timer.data = nmbd;
    nmbd_connect(nmbd);
}

void nmbd_move(struct nmbd *nmbd, const char *path) {
    if (!nmbd->running || strcmp(path, nmbd->path) == 0)
        return;
    snprintf(nmbd->path, sizeof nmbd->path, "%s", path);
    uv_timer_stop(&nmbd->timer);
    nmbd_disconnect(nmbd);
    nmbd->lost = false;
    nmbd->backoff_ms = BACKOFF_MS;
    nmbd_connect(nmbd);
}

void nmbd_stop(struct nmbd *nmbd) {
    if (!nmbd->running)
        return;
    nmbd->running = false;
    nmbd_disconnect(nmbd);
    uv_close((uv_handle_t *)&nmbd->timer, NULL);
}
