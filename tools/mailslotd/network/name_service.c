/* Gives the node its packets and time, sends what it wants sent, and logs its state. */
#include "name_service.h"
#include "base/hash.h"
#include "base/log.h"
#include "platform.h"

#include <string.h>

_Static_assert((int)MSI_NBNAME_TEXT <= (int)sizeof((mailslot_daemon_name){0}.name), "a name fits");
_Static_assert((int)MSI_NODE_NAMES == (int)MAILSLOT_DAEMON_NAMES_MAX, "all names fit");

enum { TTL = 3 * 24 * 3600 /* seconds, as nmbd */ };

#define FORGERY_LOG_NS ((uint64_t)60000 * MSI_NS_PER_MS)

/* ---- Callbacks of the node ---- */

/* What the node sends while it takes in a packet is the answer to it (node.h). A failure is
 * ignored: the protocol repeats requests, and who lost an answer asks again. */
static void send_packet(void *ctx, int subnet, msi_udp_address to, const unsigned char *bytes,
                        size_t len) {
    const struct name_service *service = ctx;
    const msi_interface *from = subnet >= 0 ? &service->interfaces->list[subnet] : NULL;
    if (service->asked.ip)
        from = &service->asked;
    (void)msi_udp_send(service->socket, from, to, bytes, len);
}

static void report_conflict(const char *name, uint32_t by) {
    char ip[MSI_IP_TEXT];
    msi_ip_text(by, ip);
    log_line(
        "name conflict: %s claims the name %s; mailslotd will claim it again. If both computers "
        "need a name, give this one another with 'name' in the configuration file",
        by ? ip : "another computer", name);
}

/* Logs a conflict once, however often the name is claimed in vain. */
static void on_state(void *ctx, size_t name, msi_name_state state, uint32_t by) {
    struct name_service *service = ctx;
    char text[MSI_NBNAME_TEXT];
    msi_nbname_text(&service->node.config.names[name].name, text);
    if (state == MSI_NAME_HELD)
        log_line("registered the name %s", text);
    if (state == MSI_NAME_CONFLICT && !service->lost[name])
        report_conflict(text, by);
    if (state == MSI_NAME_HELD || state == MSI_NAME_CONFLICT)
        service->lost[name] = state == MSI_NAME_CONFLICT;
}

/* One line a minute at most, however often it happens. */
static void on_forged(void *ctx, size_t name, uint32_t by) {
    struct name_service *service = ctx;
    char text[MSI_NBNAME_TEXT], ip[MSI_IP_TEXT];
    uint64_t now = msi_now();
    service->counters->names_forged++;
    if (service->forgery_logged && now - service->forgery_logged < FORGERY_LOG_NS)
        return;
    service->forgery_logged = now;
    msi_nbname_text(&service->node.config.names[name].name, text);
    msi_ip_text(by, ip);
    log_line("ignored responses for the name %s that guess its transaction id, the last from %s: a "
             "host on this network tries to take the name away",
             text, ip);
}

static uint64_t count_held(const struct name_service *service) {
    uint64_t held = 0;
    for (size_t i = 0; i < service->node.config.name_count; i++)
        held += msi_node_name_state(&service->node, i) == MSI_NAME_HELD;
    return held;
}

/* ---- Timer ---- */

static void on_timer(uv_timer_t *timer);

/* Call after anything that may have changed when the node is due. */
void name_service_settle(struct name_service *service) {
    service->counters->names_held = count_held(service);
    uint64_t next = msi_node_next(&service->node), now = msi_now();
    if (next == UINT64_MAX) {
        uv_timer_stop(&service->timer);
        return;
    }
    /* Rounded up: a timer that fires early would find nothing due and start again at once. */
    uint64_t ms = next > now ? (next - now + MSI_NS_PER_MS - 1) / MSI_NS_PER_MS : 0;
    /* The loop caches its time at the start of a turn; the timer counts from that. */
    uv_update_time(service->timer.loop);
    uv_timer_start(&service->timer, on_timer, ms, 0);
}

static void on_timer(uv_timer_t *timer) {
    struct name_service *service = timer->data;
    msi_node_tick(&service->node, msi_now());
    name_service_settle(service);
}

/* ---- The names ---- */

static void config_add_name(msi_node_config *config, const msi_config *host, const char *text,
                            uint8_t suffix, bool group) {
    msi_node_name *name = &config->names[config->name_count++];
    msi_nbname_set(&name->name, text, suffix);
    msi_nbname_set_scope(&name->name, host->scope);
    name->group = group;
}

static msi_node_config make_node_config(const msi_config *host) {
    msi_node_config config = {.port = host->name_port, .ttl = TTL, .seed = (uint32_t)hash_seed()};
    config_add_name(&config, host, host->computer, MSI_SUFFIX_WORKSTATION, false);
    config_add_name(&config, host, host->computer, MSI_SUFFIX_MESSENGER, false);
    config_add_name(&config, host, host->computer, MSI_SUFFIX_SERVER, false);
    /* A group: many computers hold it, and none refuses it to another. */
    config_add_name(&config, host, host->workgroup, MSI_SUFFIX_WORKSTATION, true);
    for (size_t i = 0; i < host->wins_count && i < MSI_NODE_SERVERS; i++)
        config.servers[config.server_count++] = host->wins[i];
    return config;
}

static void name_service_begin(struct name_service *service, const msi_config *host) {
    const msi_node_config config = make_node_config(host);
    const msi_node_owner owner = {
        .send = send_packet, .state = on_state, .forged = on_forged, .ctx = service};
    /* New names, new reports. */
    memset(service->lost, 0, sizeof service->lost);
    msi_node_init(&service->node, &config, &owner);
    name_service_follow(service);
}

void name_service_start(struct name_service *service, uv_loop_t *loop, const msi_config *host) {
    uv_timer_init(loop, &service->timer);
    service->timer.data = service;
    service->running = true;
    name_service_begin(service, host);
}

void name_service_restart(struct name_service *service, const msi_config *host) {
    if (!service->running)
        return;
    msi_node_release(&service->node, msi_now());
    name_service_begin(service, host);
}

void name_service_follow(struct name_service *service) {
    if (!service->running)
        return;
    msi_subnet subnets[MSI_NODE_SUBNETS];
    const struct interfaces *interfaces = service->interfaces;
    for (size_t i = 0; i < interfaces->count; i++)
        subnets[i] = (msi_subnet){interfaces->list[i].ip, interfaces->list[i].broadcast,
                                  interfaces->list[i].netmask};
    msi_node_set_subnets(&service->node, subnets, interfaces->count, msi_now());
    name_service_settle(service);
}

/* From the address that was asked, which need not be the interface's first; through the interface
 * only if the sender is on its network: the way back to others may be another. */
static msi_interface name_service_asked(const struct name_service *service, int subnet,
                                        const struct batch_packet *packet) {
    msi_interface asked = {.ip = packet->to};
    const msi_interface *on = subnet >= 0 ? &service->interfaces->list[subnet] : NULL;
    if (on && !((on->ip ^ packet->from.ip) & on->netmask))
        asked.index = on->index;
    return asked;
}

msi_wire_err name_service_receive(struct name_service *service, int subnet,
                                  const struct batch_packet *packet, uint64_t now) {
    service->asked = name_service_asked(service, subnet, packet);
    msi_wire_err err =
        msi_node_receive(&service->node, subnet, packet->from, packet->bytes, packet->len, now);
    service->asked.ip = 0;
    return err;
}

void name_service_stop(struct name_service *service) {
    if (!service->running)
        return;
    service->running = false;
    msi_node_release(&service->node, msi_now());
    uv_close((uv_handle_t *)&service->timer, NULL);
}

static mailslot_daemon_name_state public_state(msi_name_state state) {
    static const mailslot_daemon_name_state states[] = {
        [MSI_NAME_CLAIMING] = MAILSLOT_DAEMON_NAME_CLAIMING,
        [MSI_NAME_HELD] = MAILSLOT_DAEMON_NAME_HELD,
        [MSI_NAME_CONFLICT] = MAILSLOT_DAEMON_NAME_CONFLICT,
        [MSI_NAME_RELEASED] = MAILSLOT_DAEMON_NAME_RELEASED};
    return states[state];
}

void name_service_report(const struct name_service *service, mailslot_daemon_status *status) {
    status->name_count = service->running ? service->node.config.name_count : 0;
    for (size_t i = 0; i < status->name_count; i++) {
        char name[MSI_NBNAME_TEXT];
        msi_nbname_text(&service->node.config.names[i].name, name);
        memcpy(status->names[i].name, name, sizeof name);
        status->names[i].state = public_state(msi_node_name_state(&service->node, i));
    }
}
