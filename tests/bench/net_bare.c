/* The bare relay and the bare pair, by recvmmsg() and sendmmsg(). */
#include "net_bare.h"
#include "die_with_parent.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define QUEUE_BYTES (1 << 19)

void bare_lay_out(struct bare_batch *batch) {
    memset(batch->messages, 0, sizeof batch->messages);
    for (size_t i = 0; i < BARE_BATCH; i++) {
        batch->parts[i] = (struct iovec){batch->bytes[i], sizeof batch->bytes[i]};
        batch->messages[i].msg_hdr.msg_iov = &batch->parts[i];
        batch->messages[i].msg_hdr.msg_iovlen = 1;
    }
}

static void pass_on(int to, struct bare_batch *batch, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        batch->parts[i].iov_len = batch->messages[i].msg_len;
    for (unsigned at = 0; at < count;) {
        int sent = sendmmsg(to, batch->messages + at, count - at, 0);
        if (sent < 0)
            net_give_up("sendmmsg", errno);
        at += (unsigned)sent;
    }
    for (unsigned i = 0; i < count; i++)
        batch->parts[i].iov_len = sizeof batch->bytes[i];
}

static unsigned take(int from, struct bare_batch *batch, int flags) {
    int count;
    do
        count = recvmmsg(from, batch->messages, BARE_BATCH, flags, NULL);
    while (count < 0 && (errno == EINTR || errno == EAGAIN));
    if (count < 0)
        net_give_up("recvmmsg", errno);
    return (unsigned)count;
}

_Noreturn static void be_relay(int from, int to) {
    static struct bare_batch batch;
    bare_lay_out(&batch);
    for (;;)
        pass_on(to, &batch, take(from, &batch, MSG_WAITFORONE));
}

/* Has all datagrams of a window before it stops, and sends them once it is continued. */
_Noreturn static void be_sender(int from, int to, unsigned window) {
    struct bare_batch *batches = calloc(window, sizeof *batches);
    unsigned *counts = calloc(window, sizeof *counts);
    if (batches == NULL || counts == NULL)
        net_give_up("no memory for datagrams", 0);
    for (unsigned i = 0; i < window; i++)
        bare_lay_out(&batches[i]);
    for (;;) {
        unsigned used = 0;
        for (unsigned got = 0; got < window; got += counts[used++])
            counts[used] = take(from, &batches[used], 0); /* full ones */
        raise(SIGSTOP);
        for (unsigned i = 0; i < used; i++)
            pass_on(to, &batches[i], counts[i]);
    }
}

void bare_socket_pair(int ends[2]) {
    const int size = QUEUE_BYTES;
    const struct timeval patience = {.tv_sec = NET_SILENCE_S};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0 ||
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0 ||
        setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        net_give_up("no pair of sockets", errno);
}

void bare_start(struct bare *bare, const struct machine *machine, unsigned window) {
    uint16_t port;
    int ends[2];
    int from = net_udp_socket(&port);
    net_enlarge_queue(from);
    bare_socket_pair(ends);
    pid_t parent = getpid();
    bare->pid = fork();
    if (bare->pid < 0)
        net_give_up("fork", errno);
    if (bare->pid == 0) {
        die_with_parent(parent);
        net_run_on_first(machine);
        if (window != 0)
            be_sender(from, ends[0], window);
        be_relay(from, ends[0]);
    }
    close(from);
    close(ends[0]);
    bare->to = net_udp_connect(port);
    bare->from = ends[1];
}
