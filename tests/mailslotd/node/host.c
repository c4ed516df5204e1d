#include "host.h"

#include <test.h>

const msi_subnet first_subnet = {OURS, IP(10, 0, 0, 255), NETMASK};
const msi_subnet second_subnet = {IP(192, 168, 7, 20), IP(192, 168, 7, 255), NETMASK};

/* ---- The host ---- */

static uint64_t ms_of(const struct host *host) { return host->now / 1000000; }

static void keep_sent(void *ctx, int subnet, msi_udp_address to, const unsigned char *bytes,
                      size_t len) {
    struct host *host = ctx;
    check(len && len <= MSI_NS_MAX);
    check(host->sent_count < HOST_SENT);
    struct sent *sent = &host->sent[host->sent_count++];
    *sent = (struct sent){.ms = ms_of(host), .subnet = subnet, .to = to, .bytes.len = len};
    memcpy(sent->bytes.at, bytes, len);
}

static void keep_told(void *ctx, size_t name, msi_name_state state, uint32_t by) {
    struct host *host = ctx;
    check(host->told_count < HOST_TOLD);
    check_int(state, msi_node_name_state(&host->node, name));
    host->told[host->told_count++] = (struct told){ms_of(host), name, state, by};
}

static void count_forgery(void *ctx, size_t name, uint32_t by) {
    struct host *host = ctx;
    check(name < host->node.config.name_count && by);
    host->forgeries++;
}

msi_node_config no_names(void) { return (msi_node_config){.port = PORT, .ttl = TTL, .seed = 4711}; }

void add_name(msi_node_config *config, const char *name, uint8_t suffix, bool group) {
    msi_node_name *added = &config->names[config->name_count++];
    msi_nbname_set(&added->name, name, suffix);
    added->group = group;
}

void host_init(struct host *host, const msi_node_config *config) {
    msi_node_owner owner = {
        .send = keep_sent, .state = keep_told, .forged = count_forgery, .ctx = host};
    *host = (struct host){.now = 0};
    msi_node_init(&host->node, config, &owner);
}

void host_run(struct host *host, uint64_t ms) {
    uint64_t until = host->now + ms * 1000000;
    int at_once = 0;
    while (msi_node_next(&host->node) <= until) {
        uint64_t next = msi_node_next(&host->node);
        at_once = next > host->now ? 0 : at_once + 1;
        check(at_once < 10);
        host->now = next > host->now ? next : host->now;
        msi_node_tick(&host->node, host->now);
    }
    host->now = until;
}

void host_on(struct host *host, const msi_subnet *subnets, size_t count) {
    size_t before = host->sent_count;
    msi_node_set_subnets(&host->node, subnets, count, host->now);
    check(host->sent_count == before);
    host_run(host, 0);
}

void host_claiming(struct host *host) {
    msi_node_config config = no_names();
    add_name(&config, "HOST", 0x20, false);
    host_init(host, &config);
    host_on(host, &first_subnet, 1);
}

void host_holding(struct host *host) {
    host_claiming(host);
    host_run(host, 3 * MSI_NODE_RETRY_MS + MSI_NODE_REFUSABLE_MS);
    check_int(MSI_NAME_HELD, host_state(host));
    host_forget(host);
}

bool host_hears(struct host *host, int subnet, uint32_t ip, uint16_t port,
                const struct bytes *packet) {
    size_t before = host->sent_count;
    msi_udp_address from = {ip, port};
    check_int(MSI_WIRE_SOUND,
              msi_node_receive(&host->node, subnet, from, packet->at, packet->len, host->now));
    if (host->sent_count == before)
        return false;
    const struct sent *sent = last_sent(host);
    check_int((int64_t)before + 1, (int64_t)host->sent_count);
    check_int(ip, sent->to.ip);
    check_int(port, sent->to.port);
    check_int(subnet < 0 ? -1 : subnet, sent->subnet);
    check(!(packet->at[2] & 0x80) && sent->bytes.at[2] & 0x80);
    return true;
}

void host_forget(struct host *host) { host->sent_count = host->told_count = 0; }

msi_name_state host_state(const struct host *host) { return msi_node_name_state(&host->node, 0); }

const struct sent *last_sent(const struct host *host) {
    check(host->sent_count > 0);
    return &host->sent[host->sent_count - 1];
}

uint16_t id_of(const struct sent *sent) { return msi_get_be16(sent->bytes.at); }

uint16_t flags_of(const struct sent *sent) { return msi_get_be16(sent->bytes.at + 2); }

void check_sent(const struct sent *sent, int subnet, uint32_t ip, uint16_t port,
                const struct bytes *bytes) {
    check_int(subnet, sent->subnet);
    check_int(ip, sent->to.ip);
    check_int(port, sent->to.port);
    check_int((int64_t)bytes->len, (int64_t)sent->bytes.len);
    for (size_t i = 0; i < bytes->len; i++)
        if (bytes->at[i] != sent->bytes.at[i])
            fail_msg("byte %zu is %02x, expected %02x", i, sent->bytes.at[i], bytes->at[i]);
}

/* ---- Packets ---- */

static void put16(struct bytes *out, unsigned value) {
    out->at[out->len++] = (unsigned char)(value >> 8);
    out->at[out->len++] = (unsigned char)value;
}

static void put32(struct bytes *out, uint32_t value) {
    put16(out, value >> 16);
    put16(out, value & 0xffff);
}

static void put_name(struct bytes *out, const char *name, uint8_t suffix) {
    size_t len = strlen(name);
    char pad = strcmp(name, "*") ? ' ' : '\0';
    out->at[out->len++] = 32;
    for (size_t i = 0; i < 16; i++) {
        unsigned char c = i == 15 ? suffix : i < len ? (unsigned char)name[i] : (unsigned char)pad;
        out->at[out->len++] = (unsigned char)('A' + c / 16);
        out->at[out->len++] = (unsigned char)('A' + c % 16);
    }
    out->at[out->len++] = 0;
}

static struct bytes header(uint16_t id, uint16_t flags, unsigned questions, unsigned answers,
                           unsigned additionals) {
    struct bytes out = {.len = 0};
    put16(&out, id);
    put16(&out, flags);
    put16(&out, questions);
    put16(&out, answers);
    put16(&out, 0);
    put16(&out, additionals);
    return out;
}

struct bytes question(uint16_t id, uint16_t flags, const char *name, uint8_t suffix,
                      uint16_t type) {
    struct bytes out = header(id, flags, 1, 0, 0);
    put_name(&out, name, suffix);
    put16(&out, type);
    put16(&out, 1);
    return out;
}

struct bytes claim(uint16_t id, uint16_t flags, const char *name, uint8_t suffix, uint32_t ttl,
                   uint16_t nb_flags, uint32_t ip) {
    struct bytes out = question(id, flags, name, suffix, 0x20);
    out.at[11] = 1; /* additional records */
    put16(&out, 0xc00c);
    put16(&out, 0x20);
    put16(&out, 1);
    put32(&out, ttl);
    put16(&out, 6);
    put16(&out, nb_flags);
    put32(&out, ip);
    return out;
}

struct bytes answer(uint16_t id, uint16_t flags, const char *name, uint8_t suffix, uint16_t type,
                    uint32_t ttl, const void *data, size_t len) {
    struct bytes out = header(id, flags, 0, 1, 0);
    put_name(&out, name, suffix);
    put16(&out, type);
    put16(&out, 1);
    put32(&out, ttl);
    put16(&out, (unsigned)len);
    if (len)
        memcpy(out.at + out.len, data, len);
    out.len += len;
    return out;
}

struct bytes address_answer(uint16_t id, uint16_t flags, const char *name, uint8_t suffix,
                            uint32_t ttl, uint16_t nb_flags, uint32_t ip) {
    struct bytes data = {.len = 0};
    put16(&data, nb_flags);
    put32(&data, ip);
    return answer(id, flags, name, suffix, 0x20, ttl, data.at, data.len);
}

struct bytes refusal(uint16_t id) {
    return address_answer(id, 0xad86, "HOST", 0x20, 0, 0, OURS);
}
