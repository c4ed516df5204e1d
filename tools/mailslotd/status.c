/* The status of mailslotd, from all of its parts. */
#include "status.h"
#include "parts.h"

#include <string.h>
#include <unistd.h>

_Static_assert((int)MSI_NODE_SUBNETS == (int)MAILSLOT_DAEMON_INTERFACES_MAX, "all networks fit");

/* Cuts what is too long, and clears the rest: the status goes to other processes. */
static void copy_text(char *to, size_t size, const char *from) {
    size_t len = strnlen(from, size - 1);
    memcpy(to, from, len);
    memset(to + len, 0, size - len);
}

static void fill_host(const struct daemon *daemon, mailslot_daemon_status *status) {
    const msi_config *host = &daemon->settings.host;
    copy_text(status->version, sizeof status->version, MAILSLOTD_VERSION);
    copy_text(status->computer, sizeof status->computer, host->computer);
    copy_text(status->workgroup, sizeof status->workgroup, host->workgroup);
    copy_text(status->scope, sizeof status->scope, host->scope);
    status->pid = (uint32_t)getpid();
}

static void fill_ports(const struct daemon *daemon, mailslot_daemon_status *status) {
    const struct nmbd *nmbd = &daemon->nmbd;
    /* With nmbd, the ports are those of nmbd and left 0. */
    if (!nmbd->running) {
        status->name_port = daemon->settings.host.name_port;
        status->datagram_port = daemon->settings.host.datagram_port;
        return;
    }
    status->nmbd = nmbd->subscribed ? MAILSLOT_DAEMON_NMBD_CONNECTED : MAILSLOT_DAEMON_NMBD_WAITING;
    copy_text(status->nmbd_socket, sizeof status->nmbd_socket, nmbd->path);
}

static void fill_interfaces(const struct interfaces *interfaces, mailslot_daemon_status *status) {
    status->interface_count = interfaces->count;
    for (size_t i = 0; i < interfaces->count; i++) {
        mailslot_daemon_interface *entry = &status->interfaces[i];
        copy_text(entry->name, sizeof entry->name, interfaces->list[i].name);
        msi_ip_text(interfaces->list[i].ip, entry->address);
        if (interfaces->list[i].broadcast) /* else "" */
            msi_ip_text(interfaces->list[i].broadcast, entry->broadcast);
    }
}

void status_fill(void *ctx, mailslot_daemon_status *status) {
    struct daemon *daemon = ctx;
    *status = (mailslot_daemon_status)MAILSLOT_DAEMON_STATUS_INIT;
    /* The kernel keeps this counter; it is read when asked for. */
    daemon->counters.kernel_drops = sockets_drops(&daemon->sockets);
    fill_host(daemon, status);
    fill_ports(daemon, status);
    fill_interfaces(&daemon->interfaces, status);
    name_service_report(&daemon->name_service, status);
    clients_report(&daemon->clients, status);
    counters_report(&daemon->counters, status);
}
