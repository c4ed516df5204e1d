/*
 * From the datagram at the port to the reader's get. Three ways take turns: mailslotd; a relay that
 * only receives from UDP and sends over AF_UNIX, many at once; and a pair that has no UDP at all.
 *
 * A turn: while the relay is stopped, a window of datagrams is sent, as many as surely fit in the
 * sockets before and after it. It is continued, and what is timed is from there until the reader
 * has got the last. So the sender's work is in no figure, and nothing need be lost.
 */
#include "clock.h"
#include "message.h"
#include "net_bare.h"
#include "net_daemon.h"

#include <mailslot/mailslot.h>

#include <errno.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH         "bench"
#define WINDOW_MAX   2000
#define ENVELOPE_MAX 64 /* more bytes than mailslotd adds to a message */
#define PLANTED      5  /* the sequence number that a planted fault hits */
#define WAYS         3

struct way {
    pid_t relay;
    bool stops_itself;
    int to_relay;
    int from_relay; /* -1: by mailslot */
    uint64_t sent, arrived;
    struct histogram times; /* of turns, in ns a thousand messages */
    struct tally tally;
};

struct run {
    const struct net_cell *cell;
    const struct net_settings *settings;
    unsigned window;
    size_t datagram_len;
    struct bare_batch batch;
    struct way ways[WAYS];
    struct net_daemon daemon;
    mailslot *slot;
};

/* ---- The three ---------------------------------------------------------------------------- */

static void start_bare(struct run *run, struct way *way, bool without_udp) {
    struct bare bare;
    bare_start(&bare, run->settings->machine, without_udp ? run->window : 0);
    way->relay = bare.pid;
    way->to_relay = bare.to;
    way->from_relay = bare.from;
    way->stops_itself = without_udp;
}

static void start_mailslotd(struct run *run, struct way *way) {
    net_daemon_start(&run->daemon, run->settings);
    way->relay = run->daemon.pid;
    way->to_relay = net_udp_connect(run->daemon.port);
    way->from_relay = -1;
}

/* After every fork: the reader has a thread of its own. */
static void open_reader(struct run *run) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    uint64_t begin = clock_ns();
    if (mailslot_open(&run->slot, PATH, &options) != MAILSLOT_OK)
        net_give_up(mailslot_detail(), 0);
    while (net_daemon_count("readers") == 0) {
        bool empty;
        if (mailslot_empty(run->slot, &empty) != MAILSLOT_OK)
            net_give_up(mailslot_detail(), 0);
        net_wait(begin, "mailslotd does not know the reader");
    }
}

/* ---- A turn ------------------------------------------------------------------------------ */

static void make_message(const struct run *run, union message *message, uint64_t sequence) {
    enum net_plant plant = run->settings->plant;
    bool skips = plant == NET_PLANT_LOST && sequence >= PLANTED;
    bool repeats = plant == NET_PLANT_REPEATED && sequence == PLANTED;
    message->head = (struct message_head){.sequence = sequence + skips - repeats};
    message_fill(message, run->cell->size);
    if (plant == NET_PLANT_TORN && sequence == PLANTED)
        message->bytes[run->cell->size - 1] ^= 1;
}

static void send_window(struct run *run, struct way *way) {
    for (unsigned i = 0; i < run->window; i++, way->sent++) {
        union message message;
        unsigned char datagram[MSI_DATAGRAM_MAX];
        make_message(run, &message, way->sent);
        size_t len = net_datagram(datagram, PATH, &message, run->cell->size, way->sent);
        if (send(way->to_relay, datagram, len, 0) != (ssize_t)len)
            net_give_up("send", errno);
    }
}

static void check(struct run *run, struct way *way, const void *data, size_t len) {
    union message message;
    memcpy(&message, data, len < sizeof message ? len : sizeof message);
    (void)tally_take(&way->tally, &message, len, run->cell->size, 1);
}

static unsigned get_from_mailslot(struct run *run, struct way *way) {
    for (unsigned got = 0; got < run->window; got++) {
        union message message;
        size_t len = 0;
        mailslot_err err =
            mailslot_get_bytes(run->slot, &message, sizeof message, &len, NET_SILENCE_S * 1000);
        if (err == MAILSLOT_ERR_EMPTY)
            return got;
        if (err != MAILSLOT_OK)
            net_give_up(mailslot_detail(), 0);
        check(run, way, &message, len);
    }
    return run->window;
}

/* What the bare ones pass on are whole datagrams, the message at the end. */
static unsigned get_from_socket(struct run *run, struct way *way) {
    size_t head = run->datagram_len - run->cell->size;
    unsigned got = 0;
    while (got < run->window) {
        int count =
            recvmmsg(way->from_relay, run->batch.messages, BARE_BATCH, MSG_WAITFORONE, NULL);
        if (count < 0 && errno == EAGAIN)
            return got;
        if (count <= 0)
            net_give_up("the bare relay is gone", count < 0 ? errno : 0);
        for (int i = 0; i < count; i++) {
            size_t len = run->batch.messages[i].msg_len;
            check(run, way, run->batch.bytes[i] + head, len > head ? len - head : 0);
        }
        got += (unsigned)count;
    }
    return got;
}

static void wait_for_stop(pid_t relay) {
    int status;
    if (waitpid(relay, &status, WUNTRACED) != relay || !WIFSTOPPED(status))
        net_give_up("the bare pair's sender ended early", 0);
}

static void take_turn(struct run *run, struct way *way) {
    if (!way->stops_itself)
        net_stop(way->relay);
    send_window(run, way);
    if (way->stops_itself)
        wait_for_stop(way->relay);
    uint64_t begin = clock_ns();
    net_continue(way->relay);
    unsigned got = way->from_relay < 0 ? get_from_mailslot(run, way) : get_from_socket(run, way);
    uint64_t ns = clock_ns() - begin;
    ns -= got < run->window ? NET_SILENCE_S * UINT64_C(1000000000) : 0;
    if (got != 0)
        histogram_add(&way->times, ns * 1000 / got);
    way->arrived += got;
}

/* ---- The whole cell ---------------------------------------------------------------------- */

/* What a datagram takes of a socket's queue is more than its bytes. */
static unsigned room_at_port(struct run *run) {
    unsigned char datagram[MSI_DATAGRAM_MAX];
    union message message = {0};
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t info_len = sizeof info;
    uint16_t port;
    int to = net_udp_socket(&port);
    int from = net_udp_connect(port);
    net_enlarge_queue(to);
    run->datagram_len = net_datagram(datagram, PATH, &message, run->cell->size, 0);
    if (send(from, datagram, run->datagram_len, 0) < 0 ||
        recv(to, datagram, sizeof datagram, MSG_PEEK) < 0 ||
        getsockopt(to, SOL_SOCKET, SO_MEMINFO, info, &info_len) != 0 ||
        info[SK_MEMINFO_RMEM_ALLOC] == 0)
        net_give_up("cannot tell how many datagrams a socket holds", errno);
    close(from);
    close(to);
    return info[SK_MEMINFO_RCVBUF] / info[SK_MEMINFO_RMEM_ALLOC];
}

/* mailslotd drops what does not fit in there. */
static unsigned room_for_reader(const struct run *run) {
    unsigned char packet[MESSAGE_MAX + ENVELOPE_MAX] = {0};
    int ends[2];
    unsigned room = 0;
    bare_socket_pair(ends);
    while (send(ends[0], packet, run->cell->size + ENVELOPE_MAX, MSG_DONTWAIT) > 0)
        room++;
    close(ends[0]);
    close(ends[1]);
    return room;
}

static unsigned least_of(unsigned a, unsigned b) { return a < b ? a : b; }

static void choose_window(struct run *run) {
    unsigned room = least_of(room_at_port(run), room_for_reader(run));
    run->window = least_of(room / 4 * 3, WINDOW_MAX) / BARE_BATCH * BARE_BATCH;
    if (run->window == 0)
        net_give_up("sockets hold too few datagrams", 0);
}

static void report(const struct run *run, struct net_outcome *outcome) {
    uint64_t dropped = net_daemon_count("full") + net_daemon_count("kernel_drops");
    outcome->lost = dropped;
    for (unsigned i = 0; i < WAYS; i++) {
        const struct way *way = &run->ways[i];
        uint64_t wrong = tally_wrong(&way->tally, way->sent);
        uint64_t excused = i == THROUGH_MAILSLOTD ? dropped : 0;
        outcome->wrong += wrong > excused ? wrong - excused : 0;
        outcome->messages += way->arrived;
        outcome->values[i] = 1e12 / histogram_percentile(&way->times, 0.5);
    }
}

void net_through(const struct net_cell *cell, const struct net_settings *settings,
                 struct net_outcome *outcome) {
    static struct run run;
    run.cell = cell;
    run.settings = settings;
    bare_lay_out(&run.batch);
    choose_window(&run);
    start_bare(&run, &run.ways[THROUGH_RELAY], false);
    start_bare(&run, &run.ways[THROUGH_PAIR], true);
    start_mailslotd(&run, &run.ways[THROUGH_MAILSLOTD]);
    open_reader(&run);
    uint64_t end = clock_ns() + (uint64_t)(settings->seconds * 1e9);
    for (unsigned turn = 0; turn < WAYS || clock_ns() < end; turn++)
        take_turn(&run, &run.ways[turn % WAYS]);
    report(&run, outcome);
    mailslot_close(run.slot);
}
