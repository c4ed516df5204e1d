#include "name_service.h"
#include "base/hash.h"
#include "base/log.h"
#include "platform.h"

#include <string.h>

enum { TTL = 3 * 24 * 3600 /* seconds; what nmbd says too */ };

/* ---- What the node wants ---- */

/* What cannot be sent now is sent again, or asked for again: such is the protocol. */
static void send_packet(void *ctx, int subnet, msi_udp_address to, const unsigned char *bytes,
                        size_t len) {
    const struct names *names = ctx;
    const msi_interface *from = subnet >= 0 ? &names->interfaces->list[subnet] : NULL;
    (void)msi_udp_send(names->socket, from, to, bytes, len);
}

static void report_conflict(const char *name, uint32_t by) {
    char ip[MSI_IP_TEXT];
    msi_ip_text(by, ip);
    log_line("the name %s belongs to %s, as that says: it will be claimed again; if both need one, "
             "give this computer another by 'name' in the configuration file",
             name, by ? ip : "another computer");
}

/* A conflict is said once, however often the name is claimed in vain. */
static void on_state(void *ctx, size_t name, msi_name_state state, uint32_t by) {
    struct names *names = ctx;
    char text[MSI_NBNAME_TEXT];
    msi_nbname_text(&names->node.config.names[name].name, text);
    if (state == MSI_NAME_HELD)
        log_line("holds the name %s", text);
    if (state == MSI_NAME_CONFLICT && !names->lost[name])
        report_conflict(text, by);
    if (state == MSI_NAME_HELD || state == MSI_NAME_CONFLICT)
        names->lost[name] = state == MSI_NAME_CONFLICT;
}

static uint64_t count_held(const struct names *names) {
    uint64_t held = 0;
    for (size_t i = 0; i < names->node.config.name_count; i++)
        held += msi_node_name_state(&names->node, i) == MSI_NAME_HELD;
    return held;
}

/* ---- Its time ---- */

static void on_timer(uv_timer_t *timer);

/* After whatever may have changed when the node is due. */
void names_settle(struct names *names) {
    names->counters->names_held = count_held(names);
    uint64_t next = msi_node_next(&names->node), now = msi_now();
    if (next == UINT64_MAX) {
        uv_timer_stop(&names->timer);
        return;
    }
    uint64_t ms = next > now ? (next - now + MSI_NS_PER_MS - 1) / MSI_NS_PER_MS : 0;
    uv_update_time(names->timer.loop);
    uv_timer_start(&names->timer, on_timer, ms, 0);
}

static void on_timer(uv_timer_t *timer) {
    struct names *names = timer->data;
    msi_node_tick(&names->node, msi_now());
    names_settle(names);
}

/* ---- The names ---- */

static void add(msi_node_config *config, const msi_config *host, const char *text, uint8_t suffix,
                bool group) {
    msi_node_name *name = &config->names[config->name_count++];
    msi_nbname_set(&name->name, text, suffix);
    msi_nbname_set_scope(&name->name, host->scope);
    name->group = group;
}

static msi_node_config configure(const msi_config *host) {
    msi_node_config config = {.port = host->name_port, .ttl = TTL, .seed = (uint32_t)hash_seed()};
    add(&config, host, host->computer, MSI_SUFFIX_WORKSTATION, false);
    add(&config, host, host->computer, MSI_SUFFIX_MESSENGER, false);
    add(&config, host, host->computer, MSI_SUFFIX_SERVER, false);
    add(&config, host, host->workgroup, MSI_SUFFIX_WORKSTATION, true);
    for (size_t i = 0; i < host->wins_count && i < MSI_NODE_SERVERS; i++)
        config.servers[config.server_count++] = host->wins[i];
    return config;
}

static void begin(struct names *names, const msi_config *host) {
    const msi_node_config config = configure(host);
    const msi_node_owner owner = {send_packet, on_state, names};
    memset(names->lost, 0, sizeof names->lost);
    msi_node_init(&names->node, &config, &owner);
    names_follow(names);
}

void names_start(struct names *names, uv_loop_t *loop, const msi_config *host) {
    uv_timer_init(loop, &names->timer);
    names->timer.data = names;
    names->running = true;
    begin(names, host);
}

void names_restart(struct names *names, const msi_config *host) {
    if (!names->running)
        return;
    msi_node_release(&names->node, msi_now());
    begin(names, host);
}

void names_follow(struct names *names) {
    if (!names->running)
        return;
    msi_subnet subnets[MSI_NODE_SUBNETS];
    const struct interfaces *interfaces = names->interfaces;
    for (size_t i = 0; i < interfaces->count; i++)
        subnets[i] = (msi_subnet){interfaces->list[i].ip, interfaces->list[i].broadcast};
    msi_node_set_subnets(&names->node, subnets, interfaces->count, msi_now());
    names_settle(names);
}

msi_wire_err names_receive(struct names *names, int subnet, msi_udp_address from,
                           const unsigned char *bytes, size_t len, uint64_t now) {
    return msi_node_receive(&names->node, subnet, from, bytes, len, now);
}

void names_stop(struct names *names) {
    if (!names->running)
        return;
    names->running = false;
    msi_node_release(&names->node, msi_now());
    uv_close((uv_handle_t *)&names->timer, NULL);
}

void names_lines(const struct names *names, struct text *text) {
    static const char *const states[] = {[MSI_NAME_CLAIMING] = "claiming",
                                         [MSI_NAME_HELD] = "held",
                                         [MSI_NAME_CONFLICT] = "conflict",
                                         [MSI_NAME_RELEASED] = "released"};
    for (size_t i = 0; names->running && i < names->node.config.name_count; i++) {
        char name[MSI_NBNAME_TEXT];
        msi_nbname_text(&names->node.config.names[i].name, name);
        text_add(text, "name %s %s\n", name, states[msi_node_name_state(&names->node, i)]);
    }
}
