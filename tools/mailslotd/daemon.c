/* Starts the parts of mailslotd, connects them, reloads the configuration and stops. */
#include "daemon.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/privileges.h"
#include "base/sd_notify.h"
#include "base/text.h"
#include "error.h"
#include "parts.h"
#include "status.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Parts and their references to each other ---- */

static void on_interfaces_changed(void *ctx) { name_service_follow(ctx); }

/* Sets references only; nothing is opened here. close_all() relies on it: a part that was never
 * opened has descriptors of -1. */
static void connect_parts(struct daemon *daemon) {
    struct counters *counters = &daemon->counters;
    readers_init(&daemon->readers, hash_seed());
    deliver_init(&daemon->deliver, counters);
    dispatch_init(&daemon->dispatch, counters, &daemon->readers, &daemon->deliver);
    daemon->interfaces.host = &daemon->settings.host;
    daemon->interfaces.netlink = -1;
    daemon->interfaces.changed = on_interfaces_changed;
    daemon->interfaces.ctx = &daemon->name_service;
    daemon->name_service.interfaces = &daemon->interfaces;
    daemon->name_service.socket = &daemon->sockets.name;
    daemon->name_service.counters = counters;
    daemon->sockets.name = daemon->sockets.datagram = MSI_UDP_NONE;
    daemon->sockets.interfaces = &daemon->interfaces;
    daemon->sockets.name_service = &daemon->name_service;
    daemon->sockets.dispatch = &daemon->dispatch;
    daemon->sockets.counters = counters;
    daemon->nmbd.dispatch = &daemon->dispatch;
    daemon->clients.listener.fd = daemon->metrics.listener.fd = -1;
    daemon->clients.services = (struct client_services){&daemon->readers, &daemon->dispatch,
                                                        counters, status_fill, daemon};
    daemon->metrics.status = status_fill;
    daemon->metrics.ctx = daemon;
}

/* ---- Beginning ---- */

/* If another program has the ports, it must be nmbd, which forwards the datagrams. */
static mailslot_err open_network(struct daemon *daemon) {
    const msi_config *host = &daemon->settings.host;
    mailslot_err err = sockets_bind(&daemon->sockets, host);
    if (!err)
        return interfaces_open(&daemon->interfaces);
    if (err != MAILSLOT_ERR_IN_USE)
        return err;
    char taken[256];
    struct text text = {taken, sizeof taken, 0};
    text_add(&text, "%s", mailslot_detail());
    /* Without nmbd, no datagram would ever arrive: fail at the start rather than run in vain. */
    if (nmbd_look(host->nmbd_socket))
        return mailslot_fail(MAILSLOT_ERR_IN_USE,
                             "%s, and %s: end that program, or name nmbd's socket by "
                             "'nmbd-socket'",
                             taken, mailslot_detail());
    return MAILSLOT_OK;
}

/* systemd makes the directory of the sockets (RuntimeDirectory=). When root starts mailslotd by
 * hand it is made here and given to the user that mailslotd becomes, which can then remove the
 * sockets. */
static void make_directory(const struct identity *identity) {
    char path[MSI_RELAY_PATH_SIZE];
    if (!identity->change || msi_environment("MAILSLOT_DIR") || !msi_relay_path(path))
        return;
    /* The last slash separates the directory from the name of the socket. */
    *strrchr(path, '/') = 0;
    (void)!mkdir(path, 0755);
    (void)!lchown(path, identity->uid, identity->gid);
}

static void daemon_set_limits(struct daemon *daemon) {
    clients_set_limits(&daemon->clients, &daemon->settings.host);
    daemon->readers.max_same = daemon->settings.host.max_name_readers;
}

static mailslot_err open_local(struct daemon *daemon, const struct identity *identity) {
    make_directory(identity);
    daemon_set_limits(daemon);
    mailslot_err err = clients_open(&daemon->clients);
    if (!err)
        err = metrics_open(&daemon->metrics, daemon->clients.listener.path);
    if (!err && identity->change) {
        listener_give(&daemon->clients.listener, identity->uid, identity->gid);
        listener_give(&daemon->metrics.listener, identity->uid, identity->gid);
    }
    return err;
}

/* Opens everything that needs rights, then gives all rights up. */
static mailslot_err open_all(struct daemon *daemon) {
    struct identity identity;
    mailslot_err err = privileges_find(&identity, daemon->settings.host.user);
    if (!err) /* first: most often it is another mailslotd that has the ports, and this tells so */
        err = open_local(daemon, &identity);
    if (!err)
        err = open_network(daemon);
    return err ? err : privileges_drop(&identity);
}

static void start_network(struct daemon *daemon) {
    const msi_config *host = &daemon->settings.host;
    dispatch_set_host(&daemon->dispatch, host);
    /* nmbd has the ports, and with them the names: neither is ours to serve. */
    if (!sockets_own_ports(&daemon->sockets)) {
        nmbd_start(&daemon->nmbd, &daemon->loop, host->nmbd_socket);
        return;
    }
    interfaces_start(&daemon->interfaces, &daemon->loop);
    name_service_start(&daemon->name_service, &daemon->loop, host);
    sockets_start(&daemon->sockets, &daemon->loop);
}

/* ---- Reloading the configuration ---- */

/* Settings that the name service registers; only a change of these makes it release and claim its
 * names anew. */
static bool same_names(const msi_config *a, const msi_config *b) {
    return strcmp(a->computer, b->computer) == 0 && strcmp(a->workgroup, b->workgroup) == 0 &&
           strcmp(a->scope, b->scope) == 0 && a->wins_count == b->wins_count &&
           memcmp(a->wins, b->wins, a->wins_count * sizeof a->wins[0]) == 0;
}

/* Sockets stay bound, and a user without rights cannot become another. */
static void keep_fixed_settings(struct settings *settings, const msi_config *old) {
    msi_config *host = &settings->host;
    if (host->name_port != old->name_port || host->datagram_port != old->datagram_port ||
        strcmp(host->user, old->user) != 0)
        log_line(
            "name-port, datagram-port and user keep their values until mailslotd is restarted");
    host->name_port = old->name_port;
    host->datagram_port = old->datagram_port;
    memcpy(host->user, old->user, sizeof host->user);
}

static void daemon_apply_settings(struct daemon *daemon, const struct settings *settings) {
    bool same = same_names(&daemon->settings.host, &settings->host);
    daemon->settings = *settings;
    daemon_set_limits(daemon);
    dispatch_set_host(&daemon->dispatch, &daemon->settings.host);
    nmbd_move(&daemon->nmbd, daemon->settings.host.nmbd_socket);
    if (!same)
        name_service_restart(&daemon->name_service, &daemon->settings.host);
    if (daemon->name_service.running)
        interfaces_look(&daemon->interfaces);
    log_line("configuration reloaded");
}

/* A configuration with an error is not applied at all, so that a typing error does not take a
 * running daemon off the network. */
static void daemon_reload(struct daemon *daemon) {
    struct settings settings;
    mailslot_err err = settings_parse(&settings, daemon->argc, daemon->argv);
    if (!err)
        err = settings_complete(&settings);
    if (err) {
        log_failure("keeping the old configuration");
        return;
    }
    keep_fixed_settings(&settings, &daemon->settings.host);
    /* sd_notify(3): the service manager waits for READY=1 after this. */
    sd_notify_send("RELOADING=1");
    daemon_apply_settings(daemon, &settings);
    sd_notify_send("READY=1");
}

/* ---- Running and ending ---- */

static void on_signal(uv_signal_t *handle, int number) {
    if (number == SIGHUP)
        daemon_reload(handle->data);
    else
        /* uv_run() returns after this turn; close_all() then runs in the main function, not within
         * a callback. */
        uv_stop(handle->loop);
}

static void watch_signals(struct daemon *daemon) {
    static const int numbers[3] = {SIGHUP, SIGTERM, SIGINT};
    for (size_t i = 0; i < 3; i++) {
        uv_signal_init(&daemon->loop, &daemon->signals[i]);
        daemon->signals[i].data = daemon;
        uv_signal_start(&daemon->signals[i], on_signal, numbers[i]);
    }
    /* Clients may end at any time; writes then fail with EPIPE. */
    signal(SIGPIPE, SIG_IGN);
}

static void report_ready(const struct daemon *daemon) {
    const msi_config *host = &daemon->settings.host;
    char bytes[256];
    struct text text = {bytes, sizeof bytes, 0};
    log_line("ready as %s in %s at %s", host->computer, host->workgroup,
             daemon->clients.listener.path);
    text_add(&text, "READY=1\nSTATUS=%s in %s%s", host->computer, host->workgroup,
             daemon->nmbd.running ? ", beside nmbd" : "");
    sd_notify_send(bytes);
}

static void daemon_loop(struct daemon *daemon) {
    start_network(daemon);
    clients_start(&daemon->clients, &daemon->loop);
    metrics_start(&daemon->metrics, &daemon->loop);
    report_ready(daemon);
    uv_run(&daemon->loop, UV_RUN_DEFAULT);
    sd_notify_send("STOPPING=1");
    log_line("stopped");
}

/* The name service first: it sends the releases of its names by the sockets. */
static void close_all(struct daemon *daemon) {
    name_service_stop(&daemon->name_service);
    sockets_close(&daemon->sockets);
    interfaces_close(&daemon->interfaces);
    nmbd_stop(&daemon->nmbd);
    clients_close(&daemon->clients);
    metrics_close(&daemon->metrics);
    for (size_t i = 0; i < 3; i++)
        uv_close((uv_handle_t *)&daemon->signals[i], NULL);
    uv_run(&daemon->loop, UV_RUN_DEFAULT);
    /* The run before calls the close callbacks, which free the handles. */
    uv_loop_close(&daemon->loop);
}

mailslot_err daemon_run(const struct settings *settings, int argc, char **argv) {
    /* Static: the buffers of a batch of packets are too large for the stack. */
    static struct daemon parts;
    struct daemon *daemon = &parts;
    daemon->settings = *settings;
    daemon->argc = argc;
    daemon->argv = argv;
    int error = uv_loop_init(&daemon->loop);
    if (error)
        return mailslot_fail(MAILSLOT_ERR_OS, "cannot make an event loop: %s", uv_strerror(error));
    connect_parts(daemon);
    watch_signals(daemon);
    mailslot_err err = open_all(daemon);
    if (!err)
        daemon_loop(daemon);
    close_all(daemon);
    return err;
}
