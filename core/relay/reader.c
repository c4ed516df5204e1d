/* A reader's registration with mailslotd and the thread that takes its deliveries; see reader.h. */
#include "reader.h"
#include "connection.h"
#include "error.h"
#include "linux/process.h"
#include "linux/timespec.h"
#include "platform.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BATCH = 32,
    PACKET_SPACE = MSI_RELAY_PACKET_MAX + 1, /* one more, to recognise packets that are too long */
    LOOK_NS = 1000000000,
    LOOK_AGAIN_NS = 10000000, /* after a look that found the daemon busy, or no descriptor */
    WELCOME_MS = 100,
    RETRY_NS = 50000000,
};

/* IDLE --look--> GREETING --REPLY--> REGISTERED --> ENDED --look--> IDLE or GREETING. The thread
 * runs in GREETING and REGISTERED, and only it leaves those states. */
typedef enum { IDLE, GREETING, REGISTERED, ENDED } standing;

struct msi_relay_reader {
    msi_relay_slot slot;
    char key[MSI_PATH_MAX + 1];
    atomic_uint state; /* a futex: msi_relay_reader_new() waits on it */
    atomic_uint ending;
    _Atomic uint64_t last_look; /* ns of the coarse clock */
    /* Guarded by msi_fork_lock() while no thread runs, constant while one does. */
    int fd;
    pthread_t thread;
    mailslot_err refusal;   /* the daemon's answer to REGISTER */
    unsigned char *packets; /* BATCH of PACKET_SPACE bytes */
};

/* ---- The thread ---- */

static void reader_set_state(msi_relay_reader *reader, standing state) {
    atomic_store(&reader->state, state);
    msi_wake_one(&reader->state);
}

/* Publish the registration before the state: a program that waits for msi_relay_reader_new()
 * must find the slot registered. */
static bool reader_take_welcome(msi_relay_reader *reader, const msi_relay_message *message) {
    bool welcomed = message->type == MSI_RELAY_REPLY && !message->err;
    if (message->type == MSI_RELAY_REPLY)
        reader->refusal = message->err;
    if (welcomed) {
        reader->slot.registered(reader->slot.ctx, true, MAILSLOT_OK);
        reader_set_state(reader, REGISTERED);
    }
    return welcomed;
}

static bool reader_may_retry(mailslot_err err) {
    return err == MAILSLOT_ERR_FULL || err == MAILSLOT_ERR_NO_MEMORY || err == MAILSLOT_ERR_OS;
}

/* Retries while the slot has no room or the system no memory: the daemon has already given the
 * message away. Ends the thread if the slot is being closed. */
static bool reader_deliver(msi_relay_reader *reader, const msi_relay_message *message) {
    const msi_relay_slot *slot = &reader->slot;
    if (message->type != MSI_RELAY_DELIVER || message->data_len > slot->limit)
        return false;
    mailslot_err err = slot->deliver(slot->ctx, &message->envelope, message->data);
    while (reader_may_retry(err) && !atomic_load(&reader->ending)) {
        msi_sleep_on(&reader->ending, 0, RETRY_NS);
        err = slot->deliver(slot->ctx, &message->envelope, message->data);
    }
    return err != MAILSLOT_ERR_CLOSED;
}

/* False if the connection is to end: closed, or not our protocol. The end of the connection
 * arrives as an empty packet, which does not decode. */
static bool reader_take_packet(msi_relay_reader *reader, const unsigned char *packet, size_t len) {
    msi_relay_message message;
    if (len > MSI_RELAY_PACKET_MAX || !msi_relay_decode(&message, packet, len))
        return false;
    if (atomic_load(&reader->state) == GREETING)
        return reader_take_welcome(reader, &message);
    return reader_deliver(reader, &message);
}

static void reader_lay_out_packets(msi_relay_reader *reader, struct mmsghdr packets[BATCH],
                                   struct iovec spaces[BATCH]) {
    memset(packets, 0, BATCH * sizeof *packets);
    for (size_t i = 0; i < BATCH; i++) {
        spaces[i] = (struct iovec){reader->packets + i * PACKET_SPACE, PACKET_SPACE};
        packets[i].msg_hdr.msg_iov = &spaces[i];
        packets[i].msg_hdr.msg_iovlen = 1;
    }
}

/* Blocks until one packet is there (MSG_WAITFORONE) and takes up to BATCH, so that a burst costs
 * few system calls. False if the thread is to end. */
static bool reader_take_batch(msi_relay_reader *reader, struct mmsghdr packets[BATCH]) {
    int count = recvmmsg(reader->fd, packets, BATCH, MSG_WAITFORONE, NULL);
    if (count < 0) /* ECONNRESET once, before a refusal: see connection_receive_packet() */
        return errno == EINTR || errno == ECONNRESET;
    for (int i = 0; i < count; i++)
        if (atomic_load(&reader->ending) ||
            !reader_take_packet(reader, packets[i].msg_hdr.msg_iov->iov_base, packets[i].msg_len))
            return false;
    return true;
}

/* Ends when the connection ends, or on an interrupt, which shuts it down. The state comes last:
 * after ENDED another thread may join this one and close the descriptor. */
static void *reader_take_all(void *ctx) {
    msi_relay_reader *reader = ctx;
    struct mmsghdr packets[BATCH];
    struct iovec spaces[BATCH];
    reader_lay_out_packets(reader, packets, spaces);
    while (reader_take_batch(reader, packets)) {
    }
    reader->slot.registered(reader->slot.ctx, false, reader->refusal);
    shutdown(reader->fd, SHUT_RDWR); /* tells the daemon now; the descriptor stays open */
    reader_set_state(reader, ENDED);
    return NULL;
}

/* ---- Looking for a daemon ---- */

/* REGISTER; the daemon answers with REPLY. */
static mailslot_err reader_greet(const msi_relay_reader *reader) {
    msi_relay_message message = {
        .type = MSI_RELAY_REGISTER,
        .version = MSI_RELAY_VERSION,
        .access = reader->slot.access,
        .local_only = reader->slot.local_only,
        .limit = reader->slot.limit,
    };
    memcpy(message.key, reader->key, sizeof message.key);
    return msi_relay_send(reader->fd, &message);
}

/* shutdown() too: a child forked meanwhile may hold a copy of the descriptor. */
static void reader_hang_up(msi_relay_reader *reader) {
    shutdown(reader->fd, SHUT_RDWR);
    msi_relay_reader_release(reader);
    free(reader->packets);
    reader->packets = NULL;
    atomic_store(&reader->state, IDLE);
}

/* If the daemon has hung up already, its refusal may wait to be received. The state is set before
 * the thread starts, since the thread reads it; after a failure the caller hangs up, which resets
 * it. */
static bool reader_register(msi_relay_reader *reader) {
    reader->packets = malloc((size_t)BATCH * PACKET_SPACE);
    if (!reader->packets || !reader->slot.prepare(reader->slot.ctx))
        return false;
    mailslot_err err = reader_greet(reader);
    if (err && err != MAILSLOT_ERR_GONE)
        return false;
    reader->refusal = MAILSLOT_OK;
    atomic_store(&reader->state, GREETING);
    return !msi_start_thread(&reader->thread, reader_take_all, reader);
}

/* Sooner than usual if there is a daemon, but its queue of connections is full. Waiting for it here
 * would block every fork() and open meanwhile. */
static void reader_schedule_look(msi_relay_reader *reader, mailslot_err err) {
    if (err == MAILSLOT_ERR_OS)
        atomic_fetch_sub(&reader->last_look, LOOK_NS - LOOK_AGAIN_NS);
}

/* With msi_fork_lock() held. A missing daemon is not an error of the caller's call. */
static void reader_look(msi_relay_reader *reader) {
    standing state = (standing)atomic_load(&reader->state);
    if (state == GREETING || state == REGISTERED)
        return;
    atomic_store(&reader->last_look, msi_clock_read(CLOCK_MONOTONIC_COARSE));
    if (state == ENDED) {
        pthread_join(reader->thread, NULL);
        reader_hang_up(reader);
    }
    msi_fail_silently();
    mailslot_err err = msi_relay_connect(&reader->fd, 0, NULL);
    reader_schedule_look(reader, err);
    if (err == MAILSLOT_ERR_NOT_FOUND)
        reader->slot.registered(reader->slot.ctx, false, MAILSLOT_OK);
    if (!err && !reader_register(reader))
        reader_hang_up(reader);
    msi_fail_aloud();
}

/* The coarse clock, and trylock: this is called by every get, so it must be cheap and never
 * wait. */
void msi_relay_reader_look(msi_relay_reader *reader) {
    unsigned state = atomic_load_explicit(&reader->state, memory_order_relaxed);
    if (state == GREETING || state == REGISTERED ||
        msi_clock_read(CLOCK_MONOTONIC_COARSE) -
                atomic_load_explicit(&reader->last_look, memory_order_relaxed) <
            LOOK_NS ||
        !msi_fork_trylock())
        return;
    reader_look(reader);
    msi_fork_unlock();
}

/* ---- From beginning to end ---- */

/* Sleeps on the state until the thread changes it, for WELCOME_MS at most. */
static void reader_await_welcome(msi_relay_reader *reader) {
    uint64_t deadline = msi_deadline(WELCOME_MS);
    for (uint64_t now = msi_now(); now < deadline && atomic_load(&reader->state) == GREETING;
         now = msi_now())
        msi_sleep_on(&reader->state, GREETING, deadline - now);
}

mailslot_err msi_relay_reader_new(msi_relay_reader **reader, const msi_relay_slot *slot) {
    *reader = calloc(1, sizeof **reader);
    if (!*reader)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a mailslot");
    (*reader)->slot = *slot;
    (*reader)->slot.key = (*reader)->key;
    (*reader)->fd = -1;
    memcpy((*reader)->key, slot->key, strlen(slot->key) + 1);
    reader_look(*reader);
    reader_await_welcome(*reader);
    return MAILSLOT_OK;
}

void msi_relay_reader_release(msi_relay_reader *reader) {
    if (reader->fd >= 0)
        close(reader->fd);
    reader->fd = -1;
}

void msi_relay_reader_abandon(msi_relay_reader *reader) {
    free(reader->packets);
    free(reader);
}

/* Outside IDLE there is a thread to join, also one that has ENDED. The shutdown wakes it from
 * recvmmsg(), `ending` from its sleep between two deliveries. */
void msi_relay_reader_stop(msi_relay_reader *reader) {
    atomic_store(&reader->ending, 1);
    msi_wake_one(&reader->ending);
    if (atomic_load(&reader->state) == IDLE)
        return;
    shutdown(reader->fd, SHUT_RDWR);
    pthread_join(reader->thread, NULL);
}

void msi_relay_reader_free(msi_relay_reader *reader) {
    msi_relay_reader_release(reader);
    msi_relay_reader_abandon(reader);
}
