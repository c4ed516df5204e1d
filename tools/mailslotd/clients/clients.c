/* Accepts connections, reads their requests and closes those that break a rule.
 *
 * Limits against crowding out: max-connections-per-user for each user, CLIENTS_RESERVE places that
 * only users with few connections get, CLIENTS_ROOT for root, and eviction of idle connections. */
#include "clients.h"
#include "base/log.h"
#include "error.h"
#include "requests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    DESCRIPTORS_SPARE = 64 + CLIENTS_ROOT, /* for everything but clients */
    SWEEP_MS = 1000,
};

/* ---- One client ---- */

/* uv_close() is asynchronous: libuv uses the handle, which is part of the client, until this
 * callback. */
static void free_client(uv_handle_t *handle) { free(handle->data); }

static void close_client(struct client *client) {
    struct clients *clients = client->clients;
    /* A reader leaves the table; writers that are attached to it keep its memory until they
     * close. */
    if (client->reader && client->role == CLIENT_READER)
        readers_remove(clients->services.readers, client->reader);
    else if (client->reader)
        reader_forget(client->reader);
    *client->self = client->next;
    if (client->next)
        client->next->self = client->self;
    users_leave(&clients->users, client->user);
    clients->services.counters->clients--;
    clients->services.counters->readers = clients->services.readers->count;
    uv_close((uv_handle_t *)&client->poll, free_client);
    close(client->fd);
}

/* Logs one line a minute at most: clients must not be able to fill the log. */
static void report_hostile(const struct client *client) {
    static uint64_t last;
    uint64_t now = uv_now(client->poll.loop);
    client->clients->services.counters->clients_hostile++;
    if (last && now - last < 60000)
        return;
    last = now ? now : 1;
    log_line(
        "disconnected process %ld of user %u: protocol error (further ones within a minute are "
        "only counted)",
        (long)client->peer.pid, (unsigned)client->peer.uid);
}

/* False if the client must be closed. recv() returns 0 at the end and for an empty packet, which is
 * a protocol error. */
static bool client_serve(struct client *client) {
    struct clients *clients = client->clients;
    ssize_t len = recv(client->fd, clients->buffer, sizeof clients->buffer, MSG_DONTWAIT);
    if (len <= 0)
        return len < 0 && (errno == EAGAIN || errno == EINTR);
    client->heard = uv_now(client->poll.loop);
    enum request_result result = requests_handle(client, clients->buffer, (size_t)len);
    if (result == REQUEST_HOSTILE)
        report_hostile(client);
    return result == REQUEST_DONE;
}

/* One packet per turn of the loop, so that a busy client cannot starve the others. */
static void on_client(uv_poll_t *poll, int status, int events) {
    struct client *client = poll->data;
    (void)events;
    if (status < 0 || !client_serve(client))
        close_client(client);
}

/* ---- Accepting ---- */

/* Root and users with few connections get in when others do not. */
static size_t clients_limit(const struct clients *clients, uid_t uid, size_t of_user) {
    size_t reserve = clients->max > 2 * CLIENTS_RESERVE ? CLIENTS_RESERVE : clients->max / 4;
    if (!uid)
        return clients->max + CLIENTS_ROOT;
    return of_user < CLIENTS_FEW ? clients->max : clients->max - reserve;
}

/* The number per user first: the user can do something about it. */
static const char *clients_refusal(struct clients *clients, uid_t uid) {
    const struct user *user = users_find(&clients->users, uid);
    size_t of_user = user ? user->connections : 0;
    if (of_user >= clients->max_user)
        return "mailslotd has no room for more connections of this user: close some, or raise "
               "max-connections-per-user in mailslot.conf";
    if (clients->services.counters->clients >= clients_limit(clients, uid, of_user))
        return "mailslotd has no room for more connections: close some, or raise max-connections "
               "in mailslot.conf";
    return NULL;
}

/* The oldest idle connection of a user: one without a role rather than one that asked something. */
static struct client *find_idle(const struct clients *clients, const struct user *user) {
    /* The list is newest first, so the last match is the oldest. Readers and writers are never
     * evicted: they would lose messages. */
    struct client *fresh = NULL, *asking = NULL;
    for (struct client *client = clients->first; client; client = client->next) {
        if (client->user != user)
            continue;
        fresh = client->role == CLIENT_NEW ? client : fresh;
        asking = client->role == CLIENT_ASKING ? client : asking;
    }
    return fresh ? fresh : asking;
}

/* Closes an idle connection of the user with most connections, unless that is who wants one. The
 * library connects again when it needs to. */
static bool clients_make_room(struct clients *clients, uid_t uid) {
    const struct user *most = clients->users.first;
    for (const struct user *user = most; user; user = user->next)
        if (user->connections > most->connections)
            most = user;
    struct client *idle = most && most->uid != uid ? find_idle(clients, most) : NULL;
    if (!idle)
        return false;
    clients->services.counters->clients_evicted++;
    close_client(idle);
    return true;
}

/* One line a minute at most. */
static void report_refusal(const struct clients *clients, uid_t uid, const char *why) {
    static uint64_t last;
    uint64_t now = uv_now(clients->listener.poll.loop);
    if (last && now - last < 60000)
        return;
    last = now ? now : 1;
    log_line("refused a connection of user %u: %s (%zu connections, at most %zu, %zu of a user)",
             (unsigned)uid, why, (size_t)clients->services.counters->clients, clients->max,
             clients->max_user);
}

/* Stops when no connection is without a role, so that an idle daemon does not wake up. */
static void on_silence(uv_timer_t *timer) {
    struct clients *clients = timer->data;
    bool waiting = false;
    for (struct client *client = clients->first, *next; client; client = next) {
        next = client->next;
        if (client->role != CLIENT_NEW)
            continue;
        if (uv_now(timer->loop) - client->heard >= CLIENTS_SILENT_MS) {
            clients->services.counters->clients_silent++;
            close_client(client);
        } else {
            waiting = true;
        }
    }
    if (!waiting)
        uv_timer_stop(timer);
}

static bool add_client(struct clients *clients, int fd, const struct peer *peer) {
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        return false;
    client->clients = clients;
    client->services = &clients->services;
    client->fd = fd;
    client->peer = *peer;
    client->poll.data = client;
    if (uv_poll_init(clients->listener.poll.loop, &client->poll, fd)) {
        free(client);
        return false;
    }
    client->user = users_enter(&clients->users, peer->uid);
    /* The loop knows the handle by now: only its close callback may free it. */
    if (!client->user) {
        uv_close((uv_handle_t *)&client->poll, free_client);
        return false;
    }
    client->next = clients->first;
    client->self = &clients->first;
    if (client->next)
        client->next->self = &client->next;
    clients->first = client;
    client->heard = uv_now(clients->listener.poll.loop);
    if (!uv_is_active((uv_handle_t *)&clients->timer))
        uv_timer_start(&clients->timer, on_silence, SWEEP_MS, SWEEP_MS);
    clients->services.counters->clients++;
    uv_poll_start(&client->poll, UV_READABLE, on_client);
    return true;
}

static void clients_welcome(struct clients *clients, int fd) {
    struct peer peer;
    if (!peer_identify(&peer, fd)) {
        close(fd);
        return;
    }
    const char *why = clients_refusal(clients, peer.uid);
    const struct user *user = users_find(&clients->users, peer.uid);
    /* Only for users with few connections: one with many must not push others out. */
    if (why && (!user || user->connections < CLIENTS_FEW) && clients_make_room(clients, peer.uid))
        why = NULL;
    if (!why && add_client(clients, fd, &peer))
        return;
    clients->services.counters->clients_refused++;
    report_refusal(clients, peer.uid, why ? why : "no memory");
    /* The library reports these words to its caller. A failure to send is of no interest: the
     * connection is closed anyway. */
    requests_reply(fd, MAILSLOT_ERR_FULL, why ? why : "mailslotd has no memory for a connection");
    close(fd);
}

static void on_connection(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    struct clients *clients = poll->data;
    /* Bounded, so that a flood of connections does not starve those that are open. */
    for (int i = 0; i < CLIENTS_WELCOMED; i++) {
        int fd = listener_accept(&clients->listener);
        if (fd < 0)
            return;
        clients_welcome(clients, fd);
    }
}

/* ---- Status ---- */

/* Keeps the entries sorted by connections; what falls off the end is left out. */
static void report_user(struct user *user, mailslot_daemon_status *status) {
    size_t at = status->user_count;
    while (at && status->users[at - 1].connections < user->connections)
        at--;
    if (at == MAILSLOT_DAEMON_USERS_MAX)
        return;
    if (status->user_count < MAILSLOT_DAEMON_USERS_MAX)
        status->user_count++;
    memmove(&status->users[at + 1], &status->users[at],
            (status->user_count - 1 - at) * sizeof status->users[0]);
    status->users[at] = (mailslot_daemon_user){(uint32_t)user->uid, user->connections, 0, 0};
}

static void find_entry(struct user *user, const mailslot_daemon_status *status) {
    /* -1: the user is not among those reported. */
    user->entry = -1;
    for (size_t i = 0; i < status->user_count; i++)
        if (status->users[i].uid == user->uid)
            user->entry = (int)i;
}

static void report_reader(const struct client *client, mailslot_daemon_status *status) {
    if (client->role != CLIENT_READER || client->user->entry < 0)
        return;
    mailslot_daemon_user *entry = &status->users[client->user->entry];
    entry->readers++;
    entry->queued += deliver_outstanding(client->reader);
}

void clients_report(const struct clients *clients, mailslot_daemon_status *status) {
    status->user_count = 0;
    for (struct user *user = clients->users.first; user; user = user->next)
        report_user(user, status);
    for (struct user *user = clients->users.first; user; user = user->next)
        find_entry(user, status);
    for (const struct client *client = clients->first; client; client = client->next)
        report_reader(client, status);
}

/* ---- All of them ---- */

/* Returns the connections that fit, which may be more than wanted. */
static size_t raise_descriptor_limit(size_t wanted) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return MSI_CONFIG_USER_CONNECTIONS;
    limit.rlim_cur = limit.rlim_max;
    if (limit.rlim_cur > wanted + DESCRIPTORS_SPARE)
        limit.rlim_cur = wanted + DESCRIPTORS_SPARE;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    /* What was granted counts; raising the limit may have been refused. */
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > DESCRIPTORS_SPARE ? limit.rlim_cur - DESCRIPTORS_SPARE : 1;
}

void clients_set_limits(struct clients *clients, const msi_config *host) {
    size_t possible = raise_descriptor_limit(host->max_connections);
    clients->max_user = host->max_user_connections;
    clients->max = possible < host->max_connections ? possible : host->max_connections;
    if (possible < host->max_connections)
        log_line("the limit of open files allows only %zu of max-connections = %u", possible,
                 (unsigned)host->max_connections);
}

mailslot_err clients_open(struct clients *clients) {
    char path[MSI_RELAY_PATH_SIZE];
    clients->listener.fd = -1;
    if (!msi_relay_path(path))
        return mailslot_fail(MAILSLOT_ERR_INVALID, "MAILSLOT_DIR is too long for a socket in it");
    return listener_open(&clients->listener, path, SOCK_SEQPACKET);
}

void clients_start(struct clients *clients, uv_loop_t *loop) {
    uv_timer_init(loop, &clients->timer);
    clients->timer.data = clients;
    listener_start(&clients->listener, loop, on_connection, clients);
}

void clients_close(struct clients *clients) {
    while (clients->first)
        close_client(clients->first);
    if (clients->timer.data)
        uv_close((uv_handle_t *)&clients->timer, NULL);
    listener_close(&clients->listener);
}
