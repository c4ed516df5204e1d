/* A minimal HTTP server for Prometheus on a Unix socket. One request per connection. */
#include "metrics.h"
#include "base/peer.h"
#include "base/status_format.h"
#include "error.h"
#include "linux/send_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct metrics_connection {
    struct metrics *metrics;
    uv_poll_t poll;
    int fd;
    struct peer peer;
    size_t used;
    char request[METRICS_REQUEST + 1];
};

/* ---- One connection ---- */

/* uv_close() is asynchronous: the handle must live until this callback. */
static void free_connection(uv_handle_t *handle) { free(handle->data); }

static void close_connection(struct metrics_connection *connection) {
    struct metrics *metrics = connection->metrics;
    size_t i = 0;
    while (metrics->connections[i] != connection)
        i++;
    metrics->count--;
    /* Keeps the order, oldest first, for metrics_make_room(). */
    memmove(&metrics->connections[i], &metrics->connections[i + 1],
            (metrics->count - i) * sizeof metrics->connections[0]);
    uv_close((uv_handle_t *)&connection->poll, free_connection);
    close(connection->fd);
}

/* Fits into the socket's buffer, which is empty on a connection with one request. */
static void metrics_respond(const struct metrics_connection *connection, const char *status,
                            const struct text *body) {
    char head[256];
    int len = snprintf(head, sizeof head,
                       "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4\r\n"
                       "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                       status, body->len);
    msi_send_parts(connection->fd, head, (size_t)len, body->bytes, body->len);
}

static void metrics_answer(const struct metrics_connection *connection) {
    /* Static: too large for the stack, and used by one request at a time. */
    static char bytes[METRICS_SIZE];
    struct text body = {bytes, sizeof bytes, 0};
    const char *request = connection->request;
    if (strncmp(request, "GET /metrics ", 13) == 0 || strncmp(request, "GET / ", 6) == 0) {
        mailslot_daemon_status state = MAILSLOT_DAEMON_STATUS_INIT;
        connection->metrics->status(connection->metrics->ctx, &state);
        status_format_prometheus(&state, &body);
        metrics_respond(connection, "200 OK", &body);
    } else if (strncmp(request, "GET ", 4) == 0) {
        text_add(&body, "There is only /metrics.\n");
        metrics_respond(connection, "404 Not Found", &body);
    } else {
        text_add(&body, "This is for an HTTP GET of /metrics.\n");
        metrics_respond(connection, "400 Bad Request", &body);
    }
}

/* A request ends with an empty line, or at METRICS_REQUEST bytes. */
static void on_request(uv_poll_t *poll, int status, int events) {
    struct metrics_connection *connection = poll->data;
    (void)status;
    (void)events;
    size_t room = METRICS_REQUEST - connection->used;
    ssize_t len = recv(connection->fd, connection->request + connection->used, room, MSG_DONTWAIT);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len > 0) {
        connection->used += (size_t)len;
        /* The array has a byte more than METRICS_REQUEST. */
        connection->request[connection->used] = 0;
        bool complete = memmem(connection->request, connection->used, "\r\n\r\n", 4) != NULL;
        if (!complete && connection->used < METRICS_REQUEST)
            return;
        metrics_answer(connection);
    }
    close_connection(connection);
}

/* ---- All of them ---- */

static bool add_connection(struct metrics *metrics, int fd) {
    struct metrics_connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return false;
    *connection = (struct metrics_connection){.metrics = metrics, .fd = fd};
    connection->poll.data = connection;
    if (!peer_identify(&connection->peer, fd) ||
        uv_poll_init(metrics->listener.poll.loop, &connection->poll, fd)) {
        free(connection);
        return false;
    }
    metrics->connections[metrics->count++] = connection;
    uv_poll_start(&connection->poll, UV_READABLE, on_request);
    return true;
}

/* Quadratic, but METRICS_CONNECTIONS is small. */
static size_t metrics_count_of(const struct metrics *metrics, uid_t uid) {
    size_t count = 0;
    for (size_t i = 0; i < metrics->count; i++)
        count += metrics->connections[i]->peer.uid == uid;
    return count;
}

/* Closes the oldest connection of the user with most connections. */
static void metrics_make_room(const struct metrics *metrics) {
    struct metrics_connection *found = metrics->connections[0];
    size_t most = 0;
    for (size_t i = 0; i < metrics->count; i++) {
        size_t count = metrics_count_of(metrics, metrics->connections[i]->peer.uid);
        if (count > most)
            found = metrics->connections[i];
        most = count > most ? count : most;
    }
    close_connection(found);
}

static void on_connection(uv_poll_t *poll, int status, int events) {
    struct metrics *metrics = poll->data;
    (void)status;
    (void)events;
    int fd = listener_accept(&metrics->listener);
    if (fd < 0)
        return;
    /* Evicts rather than refuses: idle connections must not lock out Prometheus. */
    if (metrics->count == METRICS_CONNECTIONS)
        metrics_make_room(metrics);
    if (!add_connection(metrics, fd))
        close(fd);
}

mailslot_err metrics_open(struct metrics *metrics, const char *beside) {
    char path[MSI_RELAY_PATH_SIZE + 16];
    const char *slash = strrchr(beside, '/');
    int directory = slash ? (int)(slash - beside) + 1 : 0;
    snprintf(path, sizeof path, "%.*smetrics", directory, beside);
    return listener_open(&metrics->listener, path, SOCK_STREAM);
}

void metrics_start(struct metrics *metrics, uv_loop_t *loop) {
    listener_start(&metrics->listener, loop, on_connection, metrics);
}

void metrics_close(struct metrics *metrics) {
    while (metrics->count)
        close_connection(metrics->connections[0]);
    listener_close(&metrics->listener);
}
