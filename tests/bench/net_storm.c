/*
 * A storm: datagrams at full speed for many readers, a tenth of them damaged. What mailslotd then
 * has of memory counts; and that each datagram is accounted for: delivered whole and once to the
 * right reader, or counted as what kept it from that.
 */
#include "clock.h"
#include "message.h"
#include "net_daemon.h"

#include <mailslot/mailslot.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOPBACK_DROPS "/sys/class/net/lo/statistics/rx_dropped"
#define QUIET_NS       500000000
#define QUIET_ANSWERS  50

struct run {
    const struct net_cell *cell;
    const struct net_settings *settings;
    struct net_daemon daemon;
    mailslot **slots;
    unsigned char *damaged; /* by number, whether it is */
    unsigned char *seen;    /* and whether it came whole */
    uint64_t got, wrong;
    uint64_t random;
};

/* ---- Datagrams --------------------------------------------------------------------------- */

/* xorshift: the same storm in every run. */
static uint32_t chance(struct run *run, uint32_t below) {
    run->random ^= run->random << 13;
    run->random ^= run->random >> 7;
    run->random ^= run->random << 17;
    return (uint32_t)(run->random >> 32) % below;
}

static void flip(struct run *run, unsigned char *datagram, size_t len) {
    for (uint32_t i = chance(run, 8) + 1; i > 0; i--)
        datagram[chance(run, (uint32_t)len)] ^= (unsigned char)(1u << chance(run, 8));
}

/* With bytes that a parser may stumble on. */
static void overwrite(struct run *run, unsigned char *datagram, size_t len) {
    static const unsigned char stumbles[] = {0xff, 0, 0x20, 0xc0, 0x80};
    size_t at = chance(run, (uint32_t)len);
    size_t room = len - at;
    memset(datagram + at, stumbles[chance(run, sizeof stumbles)],
           chance(run, room < 8 ? (uint32_t)room : 8) + 1);
}

static size_t damage(struct run *run, unsigned char *datagram, size_t len) {
    switch (chance(run, 4)) {
    case 0:
        return chance(run, (uint32_t)len);
    case 1:
        overwrite(run, datagram, len);
        return len;
    default:
        flip(run, datagram, len);
        return len;
    }
}

static size_t make(struct run *run, unsigned number, unsigned char datagram[MSI_DATAGRAM_MAX]) {
    union message message = {.head = {.sequence = number}};
    char path[32];
    message_fill(&message, run->cell->size);
    snprintf(path, sizeof path, "storm%u", number % run->settings->storm_readers);
    size_t len = net_datagram(datagram, path, &message, run->cell->size, number);
    run->damaged[number] = chance(run, 10) == 0;
    return run->damaged[number] ? damage(run, datagram, len) : len;
}

static void send_all(struct run *run) {
    int fd = net_udp_connect(run->daemon.port);
    for (unsigned i = 0; i < run->settings->storm; i++) {
        unsigned char datagram[MSI_DATAGRAM_MAX];
        size_t len = make(run, i, datagram);
        if (send(fd, datagram, len, 0) != (ssize_t)len)
            net_give_up("send", errno);
    }
    close(fd);
}

/* ---- Readers ----------------------------------------------------------------------------- */

static void open_readers(struct run *run) {
    unsigned count = run->settings->storm_readers;
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    uint64_t begin = clock_ns();
    for (unsigned i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "storm%u", i);
        if (mailslot_open(&run->slots[i], name, &options) != MAILSLOT_OK)
            net_give_up(mailslot_detail(), 0);
    }
    while (net_daemon_count("readers") < count) {
        bool empty;
        for (unsigned i = 0; i < count; i++)
            if (mailslot_empty(run->slots[i], &empty) != MAILSLOT_OK)
                net_give_up(mailslot_detail(), 0);
        net_wait(begin, "mailslotd does not know all readers");
    }
}

/* What was damaged may come all the same, or to another reader; but only that. */
static void check(struct run *run, unsigned reader, const union message *message, size_t len) {
    uint64_t number = message->head.sequence;
    run->got++;
    if (len != run->cell->size || !message_intact(message, len) || number >= run->settings->storm)
        return;
    run->wrong += run->seen[number] != 0;
    run->wrong += number % run->settings->storm_readers != reader && !run->damaged[number];
    run->seen[number] = 1;
}

static void get_all(struct run *run) {
    for (unsigned i = 0; i < run->settings->storm_readers; i++) {
        union {
            union message message;
            unsigned char bytes[MSI_DATAGRAM_DATA_MAX];
        } got;
        size_t len = 0;
        mailslot_err err;
        while (!(err = mailslot_get_bytes(run->slots[i], &got, sizeof got, &len, MAILSLOT_NO_WAIT)))
            check(run, i, &got.message, len);
        if (err != MAILSLOT_ERR_EMPTY)
            net_give_up(mailslot_detail(), 0);
    }
}

/* ---- The sum ----------------------------------------------------------------------------- */

static uint64_t loopback_drops(void) {
    unsigned long long drops = 0;
    FILE *file = fopen(LOOPBACK_DROPS, "re");
    if (file != NULL) {
        if (fscanf(file, "%llu", &drops) != 1)
            drops = 0;
        fclose(file);
    }
    return drops;
}

/* Until mailslotd has had all that it will get, and the readers all that it delivered. A time
 * without news that we slept through ourselves tells nothing: so many answers are the same. */
static void settle(struct run *run) {
    uint64_t received = 0, since = clock_ns();
    for (int same = 0; same < QUIET_ANSWERS || clock_ns() - since < QUIET_NS; same++) {
        uint64_t now = net_daemon_count("received");
        if (now != received) {
            since = clock_ns();
            same = 0;
        }
        received = now;
        get_all(run);
        usleep(1000);
    }
    uint64_t begin = clock_ns();
    for (get_all(run); run->got < net_daemon_count("delivered"); get_all(run))
        net_wait(begin, "readers did not get all that mailslotd delivered");
}

static uint64_t count_missing(const struct run *run) {
    uint64_t missing = 0;
    for (unsigned i = 0; i < run->settings->storm; i++)
        missing += !run->seen[i] && !run->damaged[i];
    return missing;
}

/* Adds what is not accounted for to what is wrong. */
static void account(struct run *run, uint64_t drops_before, struct net_outcome *outcome) {
    uint64_t received = net_daemon_count("received");
    uint64_t delivered = net_daemon_count("delivered");
    uint64_t full = net_daemon_count("full");
    uint64_t others = net_daemon_count("not_for_us") + net_daemon_count("duplicates") +
                      net_daemon_count("no_reader") + net_daemon_count("too_big");
    uint64_t dropped = run->settings->storm - received;
    uint64_t known = net_daemon_count("kernel_drops") + loopback_drops() - drops_before;
    run->wrong += dropped > known ? dropped - known : 0;
    run->wrong += received != net_daemon_malformed() + others + full + delivered;
    run->wrong += run->got != delivered;
    run->wrong += count_missing(run) > dropped + full;
    outcome->messages = run->got;
    outcome->lost = dropped + full;
    outcome->wrong = run->wrong;
    outcome->values[STORM_DELIVERED] = (double)delivered;
    outcome->values[STORM_MALFORMED] = (double)net_daemon_malformed();
    outcome->values[STORM_DROPPED] = (double)dropped;
    outcome->values[STORM_FULL] = (double)full;
}

/* In MB. */
static double memory_of(pid_t pid, const char *what) {
    char path[32];
    char line[128];
    unsigned long long kib = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, what, strlen(what)) == 0)
            kib = strtoull(line + strlen(what), NULL, 10);
    if (file != NULL)
        fclose(file);
    if (kib == 0)
        net_give_up("cannot tell how much memory mailslotd has", 0);
    return (double)kib * 1024 / 1e6;
}

void net_storm(const struct net_cell *cell, const struct net_settings *settings,
               struct net_outcome *outcome) {
    struct run run = {.cell = cell, .settings = settings, .random = 0x9e3779b97f4a7c15u};
    run.slots = calloc(settings->storm_readers, sizeof *run.slots);
    run.damaged = calloc(settings->storm, 1);
    run.seen = calloc(settings->storm, 1);
    if (run.slots == NULL || run.damaged == NULL || run.seen == NULL)
        net_give_up("no memory for the storm", 0);
    net_daemon_start(&run.daemon, settings);
    open_readers(&run);
    uint64_t drops = loopback_drops();
    send_all(&run);
    settle(&run);
    account(&run, drops, outcome);
    outcome->values[STORM_RESIDENT] = memory_of(run.daemon.pid, "VmRSS:");
    outcome->values[STORM_PEAK] = memory_of(run.daemon.pid, "VmHWM:");
}
