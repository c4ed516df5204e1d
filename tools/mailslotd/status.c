/* What mailslotd tells of itself. */
#include "status.h"
#include "parts.h"

#include <unistd.h>

static void add_ports(const struct daemon *daemon, struct text *text) {
    const msi_config *host = &daemon->settings.host;
    if (daemon->nmbd.running)
        text_add(text, "nmbd %s %s\n", daemon->nmbd.subscribed ? "connected" : "waiting",
                 daemon->nmbd.path);
    else
        text_add(text, "ports %u %u\n", host->name_port, host->datagram_port);
}

static void add_interfaces(const struct interfaces *interfaces, struct text *text) {
    for (size_t i = 0; i < interfaces->count; i++) {
        char ip[MSI_IP_TEXT], broadcast[MSI_IP_TEXT];
        msi_ip_text(interfaces->list[i].ip, ip);
        msi_ip_text(interfaces->list[i].broadcast, broadcast);
        text_add(text, "interface %s %s %s\n", interfaces->list[i].name, ip, broadcast);
    }
}

static void refresh_counters(struct daemon *daemon) {
    daemon->counters.kernel_drops = sockets_drops(&daemon->sockets);
}

void status_text(void *ctx, struct text *text) {
    struct daemon *daemon = ctx;
    const msi_config *host = &daemon->settings.host;
    refresh_counters(daemon);
    text_add(text, "version " MAILSLOTD_VERSION "\npid %ld\n", (long)getpid());
    text_add(text, "computer %s\nworkgroup %s\n", host->computer, host->workgroup);
    if (*host->scope)
        text_add(text, "scope %s\n", host->scope);
    add_ports(daemon, text);
    add_interfaces(&daemon->interfaces, text);
    name_service_lines(&daemon->name_service, text);
    counters_lines(&daemon->counters, text);
}

void status_metrics(void *ctx, struct text *text) {
    struct daemon *daemon = ctx;
    refresh_counters(daemon);
    counters_prometheus(&daemon->counters, text);
}
