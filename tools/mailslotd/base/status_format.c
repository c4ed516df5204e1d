/* The status as lines of text and as metrics. */
#include "status_format.h"

#include <inttypes.h>

/* ---- Lines, which programs of version 0.1 parse: append only ---- */

static void add_port_lines(const mailslot_daemon_status *status, struct text *text) {
    if (status->nmbd == MAILSLOT_DAEMON_NMBD_UNUSED)
        text_add(text, "ports %u %u\n", status->name_port, status->datagram_port);
    else
        text_add(text, "nmbd %s %s\n",
                 status->nmbd == MAILSLOT_DAEMON_NMBD_CONNECTED ? "connected" : "waiting",
                 status->nmbd_socket);
}

static void add_name_line(const mailslot_daemon_name *name, struct text *text) {
    static const char *const states[] = {[MAILSLOT_DAEMON_NAME_CLAIMING] = "claiming",
                                         [MAILSLOT_DAEMON_NAME_HELD] = "held",
                                         [MAILSLOT_DAEMON_NAME_CONFLICT] = "conflict",
                                         [MAILSLOT_DAEMON_NAME_RELEASED] = "released"};
    text_add(text, "name %s %s\n", name->name, states[name->state]);
}

static void add_counter_lines(const mailslot_daemon_status *status, struct text *text) {
#define COUNTER(name, help) text_add(text, #name " %" PRIu64 "\n", status->counters.name);
#define GAUGE(name, help)   text_add(text, #name " %" PRIu64 "\n", status->gauges.name);
    MAILSLOT_DAEMON_COUNTERS(COUNTER)
    MAILSLOT_DAEMON_GAUGES(GAUGE)
#undef COUNTER
#undef GAUGE
    for (size_t i = 0; i < status->malformed_count; i++)
        text_add(text, "malformed_%s %" PRIu64 "\n", status->malformed[i].kind,
                 status->malformed[i].count);
}

void status_format_lines(const mailslot_daemon_status *status, struct text *text) {
    text_add(text, "version %s\npid %" PRIu32 "\n", status->version, status->pid);
    text_add(text, "computer %s\nworkgroup %s\n", status->computer, status->workgroup);
    if (*status->scope)
        text_add(text, "scope %s\n", status->scope);
    add_port_lines(status, text);
    for (size_t i = 0; i < status->interface_count; i++)
        text_add(text, "interface %s %s %s\n", status->interfaces[i].name,
                 status->interfaces[i].address, status->interfaces[i].broadcast);
    for (size_t i = 0; i < status->name_count; i++)
        add_name_line(&status->names[i], text);
    add_counter_lines(status, text);
}

/* ---- Metrics: the text format 0.0.4 of Prometheus ---- */

/* The format requires HELP and TYPE once, before the samples of a name. */
static void add_metric_head(struct text *text, const char *name, const char *help,
                            const char *type) {
    text_add(text, "# HELP mailslotd_%s %s\n# TYPE mailslotd_%s %s\n", name, help, name, type);
}

static void add_metric(struct text *text, const char *name, const char *help, const char *type,
                       uint64_t value) {
    add_metric_head(text, name, help, type);
    text_add(text, "mailslotd_%s %" PRIu64 "\n", name, value);
}

/* One metric with a label, so that a query can sum over the kinds. */
static void add_malformed_metric(const mailslot_daemon_status *status, struct text *text) {
    add_metric_head(text, "malformed_total", "Datagrams that were malformed, by kind.", "counter");
    for (size_t i = 0; i < status->malformed_count; i++)
        text_add(text, "mailslotd_malformed_total{kind=\"%s\"} %" PRIu64 "\n",
                 status->malformed[i].kind, status->malformed[i].count);
}

static void add_user_metrics(const mailslot_daemon_status *status, struct text *text) {
    add_metric_head(text, "user_connections", "Connections, by user.", "gauge");
    for (size_t i = 0; i < status->user_count; i++)
        text_add(text, "mailslotd_user_connections{uid=\"%" PRIu32 "\"} %" PRIu32 "\n",
                 status->users[i].uid, status->users[i].connections);
    add_metric_head(text, "user_queued_bytes", "Bytes of messages not taken yet, by user.",
                    "gauge");
    for (size_t i = 0; i < status->user_count; i++)
        text_add(text, "mailslotd_user_queued_bytes{uid=\"%" PRIu32 "\"} %" PRIu64 "\n",
                 status->users[i].uid, status->users[i].queued);
}

void status_format_prometheus(const mailslot_daemon_status *status, struct text *text) {
#define COUNTER(name, help)                                                                        \
    add_metric(text, #name "_total", help, "counter", status->counters.name);
    MAILSLOT_DAEMON_COUNTERS(COUNTER)
#undef COUNTER
    add_malformed_metric(status, text);
#define GAUGE(name, help) add_metric(text, #name, help, "gauge", status->gauges.name);
    MAILSLOT_DAEMON_GAUGES(GAUGE)
#undef GAUGE
    add_user_metrics(status, text);
}
