/* mailslotd's status as JSON. */
#include "host_status.h"
#include "json/text.h"

#include <stdio.h>

const char *host_status_name_state(mailslot_daemon_name_state state) {
    static const char *const states[] = {[MAILSLOT_DAEMON_NAME_CLAIMING] = "claiming",
                                         [MAILSLOT_DAEMON_NAME_HELD] = "held",
                                         [MAILSLOT_DAEMON_NAME_CONFLICT] = "conflict",
                                         [MAILSLOT_DAEMON_NAME_RELEASED] = "released"};
    /* A newer mailslotd may report a state that this tool does not know. */
    return (size_t)state < sizeof states / sizeof *states ? states[state] : "unknown";
}

static struct json_object *host_status_number(uint64_t number) {
    return json_made(json_object_new_uint64(number));
}

/* With nmbd, which then owns the ports, mailslotd has none of its own. */
static void host_status_add_ports(struct json_object *json, const mailslot_daemon_status *status) {
    char words[sizeof status->nmbd_socket + 16];
    if (status->nmbd == MAILSLOT_DAEMON_NMBD_UNUSED) {
        snprintf(words, sizeof words, "%u %u", status->name_port, status->datagram_port);
        json_add(json, "ports", json_words(words));
        return;
    }
    snprintf(words, sizeof words, "%s %s",
             status->nmbd == MAILSLOT_DAEMON_NMBD_CONNECTED ? "connected" : "waiting",
             status->nmbd_socket);
    json_add(json, "nmbd", json_words(words));
}

static struct json_object *host_status_interfaces(const mailslot_daemon_status *status) {
    struct json_object *list = json_made(json_object_new_array());
    for (size_t i = 0; i < status->interface_count; i++) {
        struct json_object *interface = json_made(json_object_new_object());
        json_add(interface, "name", json_words(status->interfaces[i].name));
        json_add(interface, "address", json_words(status->interfaces[i].address));
        json_add(interface, "broadcast", json_words(status->interfaces[i].broadcast));
        json_append(list, interface);
    }
    return list;
}

static struct json_object *host_status_names(const mailslot_daemon_status *status) {
    struct json_object *list = json_made(json_object_new_array());
    for (size_t i = 0; i < status->name_count; i++) {
        struct json_object *name = json_made(json_object_new_object());
        json_add(name, "name", json_words(status->names[i].name));
        json_add(name, "state", json_words(host_status_name_state(status->names[i].state)));
        json_append(list, name);
    }
    return list;
}

static struct json_object *host_status_users(const mailslot_daemon_status *status) {
    struct json_object *list = json_made(json_object_new_array());
    for (size_t i = 0; i < status->user_count; i++) {
        struct json_object *user = json_made(json_object_new_object());
        json_add(user, "uid", host_status_number(status->users[i].uid));
        json_add(user, "connections", host_status_number(status->users[i].connections));
        json_add(user, "readers", host_status_number(status->users[i].readers));
        json_add(user, "queued", host_status_number(status->users[i].queued));
        json_append(list, user);
    }
    return list;
}

static struct json_object *host_status_counters(const mailslot_daemon_status *status) {
    struct json_object *json = json_made(json_object_new_object());
/* The lists are X macros of mailslot/network.h: a new counter appears here by itself. */
#define COUNTER(name, help) json_add(json, #name, host_status_number(status->counters.name));
#define GAUGE(name, help)   json_add(json, #name, host_status_number(status->gauges.name));
    MAILSLOT_DAEMON_COUNTERS(COUNTER)
    MAILSLOT_DAEMON_GAUGES(GAUGE)
#undef COUNTER
#undef GAUGE
    for (size_t i = 0; i < status->malformed_count; i++) {
        /* Kinds are named by mailslotd, so that those of a newer one are shown too. */
        char key[sizeof status->malformed[i].kind + 16];
        snprintf(key, sizeof key, "malformed_%s", status->malformed[i].kind);
        json_add(json, key, host_status_number(status->malformed[i].count));
    }
    return json;
}

struct json_object *host_status_to_json(const mailslot_daemon_status *status) {
    struct json_object *json = json_made(json_object_new_object());
    json_add(json, "version", json_words(status->version));
    json_add(json, "pid", host_status_number(status->pid));
    json_add(json, "computer", json_words(status->computer));
    json_add(json, "workgroup", json_words(status->workgroup));
    /* Most networks have no NetBIOS scope (RFC 1001 section 9). */
    if (*status->scope)
        json_add(json, "scope", json_words(status->scope));
    host_status_add_ports(json, status);
    json_add(json, "interfaces", host_status_interfaces(status));
    json_add(json, "names", host_status_names(status));
    json_add(json, "users", host_status_users(status));
    json_add(json, "counters", host_status_counters(status));
    return json;
}

mailslot_err host_status_get(struct json_object **json) {
    mailslot_daemon_status status = MAILSLOT_DAEMON_STATUS_INIT;
    mailslot_err err = mailslot_daemon_status_get(&status);
    *json = err ? NULL : host_status_to_json(&status);
    return err;
}
