#include "segment.h"

#include <test.h>

#include <stdlib.h>

enum { PORT = 137, BASE = 0x0a000001, BROADCAST = 0x0a00ffff, MS = 1000000 };

struct packet {
    unsigned uses; /* deliveries that wait */
    uint32_t from;
    size_t len;
    unsigned char bytes[];
};

struct event {
    uint64_t at;
    size_t host;
    struct packet *packet; /* NULL: the host's own time has come */
};

struct host {
    struct segment *segment;
    msi_node_config config;
    size_t names[MSI_NODE_NAMES]; /* as config.names */
    msi_node node;
    bool on, booting;
    unsigned part;
    uint64_t wake; /* the event of its own that waits */
};

struct name {
    size_t *hosts; /* that want it */
    size_t host_count;
    uint64_t conflicts;
    bool group;
};

struct segment {
    struct segment_options options;
    struct segment_counts counts;
    struct host *hosts;
    struct name *names;
    struct event *events; /* a heap */
    size_t event_count, event_room;
    uint64_t now, random;
};

static void *memory(void *old, size_t count, size_t size) {
    void *grown = realloc(old, (count ? count : 1) * size);
    check(grown);
    return grown;
}

uint32_t segment_random(struct segment *segment, uint32_t bound) {
    segment->random = segment->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((segment->random >> 32) * bound >> 32);
}

/* ---- Events ---- */

static void push(struct segment *segment, struct event event) {
    if (segment->event_count == segment->event_room) {
        segment->event_room = 2 * segment->event_room + 1024;
        segment->events = memory(segment->events, segment->event_room, sizeof event);
    }
    size_t i = segment->event_count++;
    for (; i && event.at < segment->events[(i - 1) / 2].at; i = (i - 1) / 2)
        segment->events[i] = segment->events[(i - 1) / 2];
    segment->events[i] = event;
}

static struct event pop(struct segment *segment) {
    struct event *heap = segment->events, first = heap[0], last = heap[--segment->event_count];
    size_t i = 0, below = 1;
    while (below < segment->event_count) {
        if (below + 1 < segment->event_count && heap[below + 1].at < heap[below].at)
            below++;
        if (heap[below].at >= last.at)
            break;
        heap[i] = heap[below];
        i = below;
        below = 2 * i + 1;
    }
    heap[i] = last;
    return first;
}

static void wake_when_due(struct segment *segment, size_t index) {
    struct host *host = &segment->hosts[index];
    uint64_t next = host->on ? msi_node_next(&host->node) : UINT64_MAX;
    if (next < segment->now)
        next = segment->now;
    if (next < host->wake) {
        host->wake = next;
        push(segment, (struct event){.at = next, .host = index});
    }
}

/* ---- The network ---- */

static bool wants(const struct host *host, size_t name) {
    for (size_t i = 0; i < host->config.name_count; i++)
        if (host->names[i] == name)
            return true;
    return false;
}

static void post(struct segment *segment, size_t to, struct packet *packet) {
    unsigned luck = segment_random(segment, 1000);
    unsigned copies = luck < segment->options.lost               ? 0
                      : luck >= 1000 - segment->options.repeated ? 2
                                                                 : 1;
    for (; copies; copies--) {
        uint64_t delay = segment_random(segment, segment->options.delay_ms * MS);
        packet->uses++;
        push(segment, (struct event){segment->now + delay, to, packet});
    }
}

static size_t name_in(const struct packet *packet) {
    msi_ns_packet ns;
    char digits[MSI_NBNAME_SIZE];
    check_int(MSI_WIRE_SOUND, msi_ns_decode(&ns, packet->bytes, packet->len));
    msi_nbname_computer(&ns.name, digits);
    return strtoul(digits, NULL, 10);
}

static void post_to_all(struct segment *segment, struct packet *packet) {
    size_t about = name_in(packet);
    const struct name *name = &segment->names[about];
    for (size_t i = 0; i < name->host_count; i++)
        post(segment, name->hosts[i], packet);
    unsigned strangers = segment->options.strangers;
    for (size_t i = segment_random(segment, strangers); i < segment->options.hosts; i += strangers)
        if (!wants(&segment->hosts[i], about))
            post(segment, i, packet);
}

static void send(void *ctx, int subnet, msi_udp_address to, const unsigned char *bytes,
                 size_t len) {
    struct host *host = ctx;
    struct segment *segment = host->segment;
    struct packet *packet = memory(NULL, 1, sizeof *packet + len);
    *packet = (struct packet){.uses = 1, .from = host->node.subnets[0].ip, .len = len};
    memcpy(packet->bytes, bytes, len);
    check_int(0, subnet);
    check_int(PORT, to.port);
    if (to.ip == BROADCAST) {
        segment->counts.broadcasts++;
        post_to_all(segment, packet);
    } else {
        segment->counts.unicasts++;
        check(to.ip >= BASE && to.ip - BASE < segment->options.hosts);
        post(segment, to.ip - BASE, packet);
    }
    if (!--packet->uses)
        free(packet);
}

static void deliver(struct segment *segment, size_t index, struct packet *packet) {
    struct host *host = &segment->hosts[index];
    if (host->on && segment->hosts[packet->from - BASE].part == host->part) {
        msi_udp_address from = {packet->from, PORT};
        check_int(MSI_WIRE_SOUND,
                  msi_node_receive(&host->node, 0, from, packet->bytes, packet->len, segment->now));
    }
    if (!--packet->uses)
        free(packet);
}

/* ---- Hosts ---- */

static void told(void *ctx, size_t index, msi_name_state state, uint32_t by) {
    struct host *host = ctx;
    struct segment *segment = host->segment;
    size_t number = host->names[index];
    (void)by;
    if (state == MSI_NAME_CONFLICT)
        segment->names[number].conflicts++;
    if (state == MSI_NAME_HELD && !segment->names[number].group &&
        segment_holding(segment, number, host->part) > 1)
        segment->counts.overlaps++;
}

static void boot(struct segment *segment, size_t index) {
    struct host *host = &segment->hosts[index];
    msi_node_owner owner = {.send = send, .state = told, .ctx = host};
    msi_subnet subnet = {BASE + (uint32_t)index, BROADCAST, 0xffff0000};
    host->config.seed = segment_random(segment, UINT32_MAX);
    msi_node_init(&host->node, &host->config, &owner);
    host->on = true;
    host->booting = false;
    msi_node_set_subnets(&host->node, &subnet, 1, segment->now);
}

void segment_boot(struct segment *segment, size_t host, uint64_t in_ms) {
    uint64_t at = segment->now + in_ms * MS;
    segment->hosts[host].booting = true;
    segment->hosts[host].wake = at;
    push(segment, (struct event){.at = at, .host = host});
}

void segment_switch_off(struct segment *segment, size_t index, bool politely) {
    struct host *host = &segment->hosts[index];
    if (politely)
        msi_node_release(&host->node, segment->now);
    host->on = false;
}

void segment_want(struct segment *segment, size_t index, size_t number, bool group) {
    struct host *host = &segment->hosts[index];
    struct name *name = &segment->names[number];
    size_t at = host->config.name_count++;
    char text[MSI_NBNAME_SIZE];
    snprintf(text, sizeof text, "%07zu", number);
    msi_nbname_set(&host->config.names[at].name, text, MSI_SUFFIX_SERVER);
    host->config.names[at].group = name->group = group;
    host->names[at] = number;
    name->hosts = memory(name->hosts, name->host_count + 1, sizeof *name->hosts);
    name->hosts[name->host_count++] = index;
}

void segment_move(struct segment *segment, size_t host, unsigned part) {
    segment->hosts[host].part = part;
}

void segment_lose(struct segment *segment, unsigned lost) { segment->options.lost = lost; }

/* ---- The whole ---- */

struct segment *segment_new(const struct segment_options *options) {
    struct segment *segment = calloc(1, sizeof *segment);
    check(segment);
    segment->options = *options;
    segment->random = options->seed;
    segment->hosts = calloc(options->hosts, sizeof *segment->hosts);
    segment->names = calloc(options->names, sizeof *segment->names);
    check(segment->hosts && segment->names);
    for (size_t i = 0; i < options->hosts; i++) {
        segment->hosts[i].segment = segment;
        segment->hosts[i].config = (msi_node_config){.port = PORT, .ttl = 300000};
        segment->hosts[i].wake = UINT64_MAX;
    }
    return segment;
}

void segment_free(struct segment *segment) {
    while (segment->event_count) {
        struct packet *packet = pop(segment).packet;
        if (packet && !--packet->uses)
            free(packet);
    }
    for (size_t i = 0; i < segment->options.names; i++)
        free(segment->names[i].hosts);
    free(segment->names);
    free(segment->hosts);
    free(segment->events);
    free(segment);
}

static void wake(struct segment *segment, size_t index) {
    struct host *host = &segment->hosts[index];
    if (host->wake > segment->now)
        return; /* it woke for something else meanwhile */
    host->wake = UINT64_MAX;
    if (host->booting)
        boot(segment, index);
    else if (host->on)
        msi_node_tick(&host->node, segment->now);
}

void segment_run(struct segment *segment, uint64_t ms) {
    uint64_t until = segment->now + ms * MS;
    while (segment->event_count && segment->events[0].at <= until) {
        struct event event = pop(segment);
        segment->now = event.at;
        if (event.packet)
            deliver(segment, event.host, event.packet);
        else
            wake(segment, event.host);
        wake_when_due(segment, event.host);
    }
    segment->now = until;
}

/* ---- Looking ---- */

static size_t count(const struct segment *segment, size_t number, unsigned part, bool holding,
                    size_t *one) {
    const struct name *name = &segment->names[number];
    size_t found = 0;
    for (size_t i = 0; i < name->host_count; i++) {
        const struct host *host = &segment->hosts[name->hosts[i]];
        if (!host->on || host->part != part)
            continue;
        size_t at = 0;
        while (host->names[at] != number)
            at++;
        if (holding && msi_node_name_state(&host->node, at) != MSI_NAME_HELD)
            continue;
        *one = name->hosts[i];
        found++;
    }
    return found;
}

size_t segment_wanting(const struct segment *segment, size_t name, unsigned part) {
    size_t one;
    return count(segment, name, part, false, &one);
}

size_t segment_holding(const struct segment *segment, size_t name, unsigned part) {
    size_t one;
    return count(segment, name, part, true, &one);
}

size_t segment_holder(const struct segment *segment, size_t name, unsigned part) {
    size_t one = SIZE_MAX;
    count(segment, name, part, true, &one);
    return one;
}

uint64_t segment_conflicts(const struct segment *segment, size_t name) {
    return segment->names[name].conflicts;
}

struct segment_counts segment_counts(const struct segment *segment) {
    return segment->counts;
}
