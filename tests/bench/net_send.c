/*
 * What sending one message to another computer costs, whose name is known: beside a sendto of the
 * same bytes, which are those that were received from mailslot_put() before. They go to a socket of
 * this process, which takes them in and checks them while no time is taken.
 */
#include "clock.h"
#include "die_with_parent.h"
#include "message.h"
#include "net.h"

#include <mailslot/mailslot.h>
#include <netbios/nameservice.h>
#include <netbios/udp.h>

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define BATCH   64
#define LEAST   2 /* batches */
#define PLANTED 5 /* the sequence number that a planted fault hits */
#define PATH    "bench"

struct packet {
    unsigned char bytes[MSI_DATAGRAM_MAX];
    size_t len;
};

struct run {
    const struct net_cell *cell;
    const struct net_settings *settings;
    int sink;
    int plain; /* of sendto() */
    struct sockaddr_in to;
    mailslot *slot;
    union message messages[BATCH];
    struct packet sent[BATCH];     /* by mailslot_put() */
    struct packet received[BATCH]; /* since */
    uint64_t sequence, batches, wrong;
    struct tally tally;
    struct histogram times[SEND_DECODE + 1]; /* of batches */
};

/* ---- Who knows the name ------------------------------------------------------------------ */

/* The answer that a WINS server gives. */
static size_t answer(unsigned char *packet, size_t len, size_t cap, uint32_t ip) {
    msi_ns_packet question;
    if (msi_ns_decode(&question, packet, len) != MSI_WIRE_SOUND ||
        (question.flags & MSI_NS_RESPONSE) != 0 || !question.has_question)
        return 0;
    unsigned char address[MSI_NS_ADDRESS];
    msi_ns_address_put(address, (msi_ns_address){0, ip});
    const msi_ns_packet found = {.id = question.id,
                                 .flags = MSI_NS_RESPONSE | MSI_NS_AUTHORITATIVE,
                                 .opcode = MSI_NS_QUERY,
                                 .has_record = true,
                                 .name = question.name,
                                 .record_type = MSI_NS_TYPE_NB,
                                 .ttl = 3600,
                                 .rdata = address,
                                 .rdata_len = sizeof address};
    return msi_ns_encode(&found, packet, cap);
}

_Noreturn static void be_name_server(int fd, uint32_t ip) {
    for (;;) {
        unsigned char packet[MSI_NS_MAX];
        struct sockaddr_in from;
        socklen_t from_len = sizeof from;
        ssize_t len = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &from_len);
        size_t answer_len = len > 0 ? answer(packet, (size_t)len, sizeof packet, ip) : 0;
        if (answer_len != 0)
            (void)!sendto(fd, packet, answer_len, 0, (struct sockaddr *)&from, from_len);
    }
}

static uint16_t start_name_server(const struct net_settings *settings, uint32_t ip) {
    uint16_t port;
    int fd = net_udp_socket(&port);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        net_give_up("fork", errno);
    if (pid == 0) {
        die_with_parent(parent);
        net_run_on_first(settings->machine);
        be_name_server(fd, ip);
    }
    close(fd);
    return port;
}

static void configure(const struct net_settings *settings, uint16_t names, uint16_t datagrams) {
    char path[100];
    snprintf(path, sizeof path, "%s/conf", settings->dir);
    FILE *file = fopen(path, "we");
    if (file == NULL ||
        fprintf(
            file,
            "name = SENDER\ninterface = lo\nwins = 127.0.0.1\nname-port = %u\ndatagram-port = %u\n",
            (unsigned)names, (unsigned)datagrams) < 0 ||
        fclose(file) != 0 || setenv("MAILSLOT_CONFIG", path, 1) != 0)
        net_give_up("cannot write a configuration file", errno);
}

/* An address of this computer: what is sent there takes the loopback, whose own addresses no name
 * server may give. Host byte order; 0: it has none. */
static uint32_t own_address(void) {
    msi_config host;
    msi_interface interface;
    msi_config_defaults(&host);
    size_t count = 0;
    return !msi_udp_list_interfaces(&interface, 1, &host, &count) && count ? interface.ip : 0;
}

/* The sink: at a port of that address. */
static void open_sockets(struct run *run, uint32_t ip) {
    const struct timeval patience = {.tv_sec = 10};
    socklen_t len = sizeof run->to;
    run->to = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(ip)};
    run->plain = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    run->sink = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (run->plain < 0 || run->sink < 0 ||
        setsockopt(run->sink, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        bind(run->sink, (struct sockaddr *)&run->to, len) != 0 ||
        getsockname(run->sink, (struct sockaddr *)&run->to, &len) != 0)
        net_give_up("no UDP sockets", errno);
    net_enlarge_queue(run->sink);
}

static void open_all(struct run *run, uint32_t ip) {
    open_sockets(run, ip);
    configure(run->settings, start_name_server(run->settings, ip), ntohs(run->to.sin_port));
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    if (mailslot_open(&run->slot, "\\\\" NET_TARGET "\\mailslot\\" PATH, &options) != MAILSLOT_OK)
        net_give_up(mailslot_detail(), 0);
}

/* ---- The four -----------------------------------------------------------------------------*/

static void make_messages(struct run *run) {
    enum net_plant plant = run->settings->plant;
    for (unsigned i = 0; i < BATCH; i++, run->sequence++) {
        bool skips = plant == NET_PLANT_LOST && run->sequence >= PLANTED;
        bool repeats = plant == NET_PLANT_REPEATED && run->sequence == PLANTED;
        union message *message = &run->messages[i];
        message->head = (struct message_head){.sequence = run->sequence + skips - repeats};
        message_fill(message, run->cell->size);
        if (plant == NET_PLANT_TORN && run->sequence == PLANTED)
            message->bytes[run->cell->size - 1] ^= 1;
    }
}

static void receive(struct run *run, struct packet packets[BATCH]) {
    for (unsigned i = 0; i < BATCH; i++) {
        ssize_t len = recv(run->sink, packets[i].bytes, sizeof packets[i].bytes, MSG_TRUNC);
        if (len < 0)
            net_give_up("a datagram did not arrive", errno);
        packets[i].len = (size_t)len;
    }
}

static void put_batch(struct run *run) {
    make_messages(run);
    uint64_t begin = clock_ns();
    for (unsigned i = 0; i < BATCH; i++)
        if (mailslot_put_bytes(run->slot, &run->messages[i], run->cell->size) != MAILSLOT_OK)
            net_give_up(mailslot_detail(), 0);
    histogram_add(&run->times[SEND_PUT], clock_ns() - begin);
    receive(run, run->sent);
}

static void sendto_batch(struct run *run) {
    uint64_t begin = clock_ns();
    for (unsigned i = 0; i < BATCH; i++)
        if (sendto(run->plain, run->sent[i].bytes, run->sent[i].len, MSG_NOSIGNAL,
                   (const struct sockaddr *)&run->to, sizeof run->to) < 0)
            net_give_up("sendto", errno);
    histogram_add(&run->times[SEND_SENDTO], clock_ns() - begin);
    receive(run, run->received);
    for (unsigned i = 0; i < BATCH; i++)
        run->wrong += run->received[i].len != run->sent[i].len ||
                      memcmp(run->received[i].bytes, run->sent[i].bytes, run->sent[i].len) != 0;
}

/* The messages that mailslot_put() has sent. */
static void decode_batch(struct run *run) {
    msi_datagram datagram;
    msi_smb_mailslot write;
    struct {
        const unsigned char *data;
        size_t len;
    } found[BATCH] = {0};
    uint64_t begin = clock_ns();
    for (unsigned i = 0; i < BATCH; i++)
        if (msi_datagram_decode(&datagram, run->sent[i].bytes, run->sent[i].len) ==
                MSI_WIRE_SOUND &&
            msi_smb_mailslot_decode(&write, datagram.data, datagram.len) == MSI_WIRE_SOUND) {
            found[i].data = write.data;
            found[i].len = write.len;
        }
    histogram_add(&run->times[SEND_DECODE], clock_ns() - begin);
    for (unsigned i = 0; i < BATCH; i++) {
        union message message = {0};
        if (found[i].len <= sizeof message && found[i].len != 0)
            memcpy(&message, found[i].data, found[i].len);
        (void)tally_take(&run->tally, &message, found[i].len, run->cell->size, 1);
    }
}

/* Must make what mailslot_put() has sent, with the same fields. */
static void encode_batch(struct run *run) {
    static struct packet made[BATCH];
    unsigned char body[MSI_DATAGRAM_DATA_MAX];
    msi_datagram datagram;
    msi_smb_mailslot write;
    if (msi_datagram_decode(&datagram, run->sent[0].bytes, run->sent[0].len) != MSI_WIRE_SOUND ||
        msi_smb_mailslot_decode(&write, datagram.data, datagram.len) != MSI_WIRE_SOUND)
        net_give_up("mailslot_put() has not sent a datagram", 0);
    datagram.data = body;
    uint64_t begin = clock_ns();
    for (unsigned i = 0; i < BATCH; i++, datagram.id++) {
        write.data = run->messages[i].bytes;
        datagram.len = msi_smb_mailslot_encode(&write, body, sizeof body);
        made[i].len = msi_datagram_encode(&datagram, made[i].bytes, sizeof made[i].bytes);
    }
    histogram_add(&run->times[SEND_ENCODE], clock_ns() - begin);
    for (unsigned i = 0; i < BATCH; i++)
        run->wrong += made[i].len != run->sent[i].len ||
                      memcmp(made[i].bytes, run->sent[i].bytes, made[i].len) != 0;
}

/* ---- The whole cell ---------------------------------------------------------------------- */

/* They take turns in going first. What comes before the first turn finds out who has the name. */
static void run_all(struct run *run) {
    put_batch(run);
    decode_batch(run);
    memset(run->times, 0, sizeof run->times);
    uint64_t end = clock_ns() + (uint64_t)(run->settings->seconds * 1e9);
    for (; run->batches < LEAST || clock_ns() < end; run->batches++) {
        if (run->batches % 2 != 0)
            sendto_batch(run);
        put_batch(run);
        if (run->batches % 2 == 0)
            sendto_batch(run);
        decode_batch(run);
        encode_batch(run);
    }
}

void net_send(const struct net_cell *cell, const struct net_settings *settings,
              struct net_outcome *outcome) {
    static struct run run;
    run.cell = cell;
    run.settings = settings;
    uint32_t ip = own_address();
    if (ip == 0)
        net_cannot("this computer has no address but the loopback's");
    open_all(&run, ip);
    run_all(&run);
    mailslot_close(run.slot);
    for (unsigned i = 0; i <= SEND_DECODE; i++)
        outcome->values[i] = histogram_percentile(&run.times[i], 0.5) / BATCH;
    outcome->messages = run.sequence + run.batches * BATCH;
    outcome->wrong = run.wrong + tally_wrong(&run.tally, run.sequence);
}
