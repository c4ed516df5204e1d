/*
 * The transport to another user's slot on this computer: mailslotd carries the messages. It comes
 * after the local transport, for names that the local transport cannot attach.
 *
 * A put sends a request and waits for the answer, one at a time. The connection is the attachment:
 * when it ends, the slot is GONE for this writer.
 */
#include "writer.h"
#include "connection.h"
#include "error.h"
#include "platform.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    OPEN_PATIENCE_MS = 1000,
    PUT_PATIENCE_MS = 1000, /* as long as the queue waits for a writer that holds its lock */
    FIRST_PAUSE_NS = 500000,
    LONGEST_PAUSE_NS = 50000000,
};

struct msi_endpoint {
    msi_endpoint *next; /* in `opening` */
    int fd;
    atomic_uint interrupted; /* a futex: puts wait on it between tries */
    pthread_mutex_t mutex;   /* one request at a time */
    bool gone;               /* under the mutex */
};

static bool writer_serves(const msi_name *name) { return name->scope == MSI_SCOPE_LOCAL; }

/* ---- Opening and closing ---- */

static mailslot_err writer_fail_open(const msi_relay_message *answer) {
    switch (answer->err) {
    case MAILSLOT_ERR_NOT_FOUND:
        return msi_relay_refuse(answer->err, answer, "no such mailslot");
    case MAILSLOT_ERR_DENIED:
        return msi_relay_refuse(answer->err, answer, "the mailslot belongs to another user");
    default:
        return msi_relay_refuse(MAILSLOT_ERR_OS, answer, "mailslotd refused to open the mailslot");
    }
}

static mailslot_err writer_open_slot(int fd, const char *key, size_t *limit, uint64_t deadline) {
    msi_relay_message question = {.type = MSI_RELAY_OPEN, .version = MSI_RELAY_VERSION}, answer;
    unsigned char packet[MSI_RELAY_ANSWER_MAX];
    memcpy(question.key, key, sizeof question.key);
    mailslot_err err = msi_relay_ask(fd, &question, packet, &answer, deadline);
    if (err) /* the daemon ended: as if there were none */
        return err == MAILSLOT_ERR_GONE ? MAILSLOT_ERR_NOT_FOUND : err;
    if (answer.type != MSI_RELAY_OPENED)
        return writer_fail_open(&answer);
    *limit = answer.limit < MSI_RELAY_DATA_MAX ? answer.limit : MSI_RELAY_DATA_MAX;
    return MAILSLOT_OK;
}

/* Close without shutdown(): in a forked child the connection is the parent's. */
static void writer_release(msi_endpoint *endpoint) {
    close(endpoint->fd);
    endpoint->fd = -1;
}

/* Endpoints that are being opened and that no slot has yet: a forked child closes their
 * descriptors. Under msi_fork_lock(). */
static msi_endpoint *opening;

static void writer_release_in_child(void) {
    for (; opening; opening = opening->next)
        writer_release(opening);
}

static void writer_list(msi_endpoint *endpoint) {
    endpoint->next = opening;
    opening = endpoint;
    msi_on_fork(writer_release_in_child);
}

static void writer_unlist(const msi_endpoint *endpoint) {
    msi_endpoint **at = &opening;
    while (*at != endpoint)
        at = &(*at)->next;
    *at = endpoint->next;
}

/* Release msi_fork_lock() while waiting for the daemon: a slow one must not block every fork()
 * and open. */
static mailslot_err writer_open_unlocked(msi_endpoint *endpoint, const char *key, size_t *limit,
                                         uint64_t deadline) {
    writer_list(endpoint);
    msi_fork_unlock();
    mailslot_err err = writer_open_slot(endpoint->fd, key, limit, deadline);
    msi_fork_lock();
    writer_unlist(endpoint);
    return err;
}

static mailslot_err writer_open_writer(msi_endpoint **endpoint, const msi_name *name,
                                       const mailslot_options *options, size_t *limit) {
    (void)options;
    *endpoint = calloc(1, sizeof **endpoint);
    if (!*endpoint)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for a mailslot");
    uint64_t deadline = msi_deadline(OPEN_PATIENCE_MS);
    mailslot_err err = msi_relay_connect(&(*endpoint)->fd, deadline, NULL);
    if (!err)
        err = writer_open_unlocked(*endpoint, name->key, limit, deadline);
    if (err) {
        writer_release(*endpoint);
        free(*endpoint);
        return err;
    }
    pthread_mutex_init(&(*endpoint)->mutex, NULL);
    return MAILSLOT_OK;
}

/* Do not destroy the mutex: a thread of the parent may have held it at the fork. */
static void writer_abandon(msi_endpoint *endpoint) { free(endpoint); }

static void writer_hang_up(const msi_endpoint *endpoint) { shutdown(endpoint->fd, SHUT_RDWR); }

static void writer_close(msi_endpoint *endpoint) {
    writer_hang_up(endpoint);
    writer_release(endpoint);
    pthread_mutex_destroy(&endpoint->mutex);
    writer_abandon(endpoint);
}

/* shutdown() wakes the thread that waits for an answer. */
static void writer_interrupt(msi_endpoint *endpoint) {
    atomic_store(&endpoint->interrupted, 1);
    writer_hang_up(endpoint);
    msi_wake_one(&endpoint->interrupted);
}

/* ---- Messages ---- */

static mailslot_err writer_fail_gone(void) {
    return mailslot_fail(MAILSLOT_ERR_GONE, "connection to mailslotd lost");
}

static mailslot_err writer_result(const msi_relay_message *answer) {
    if (answer->type != MSI_RELAY_REPLY)
        return mailslot_fail(MAILSLOT_ERR_OS, "mailslotd sent an unexpected answer");
    switch (answer->err) {
    case MAILSLOT_OK:
        return MAILSLOT_OK;
    case MAILSLOT_ERR_FULL:
    case MAILSLOT_ERR_GONE:
        return msi_relay_refuse(answer->err, answer, mailslot_strerror(answer->err));
    default:
        return msi_relay_refuse(MAILSLOT_ERR_OS, answer, "mailslotd refused the message");
    }
}

/* With the mutex held. After a timeout or a malformed answer the connection must end: a late
 * answer would be taken for that of the next request. */
static mailslot_err writer_ask(msi_endpoint *endpoint, const msi_relay_message *question) {
    unsigned char packet[MSI_RELAY_ANSWER_MAX];
    msi_relay_message answer;
    mailslot_err err =
        msi_relay_ask(endpoint->fd, question, packet, &answer, msi_deadline(PUT_PATIENCE_MS));
    bool asked = !err && answer.type == MSI_RELAY_REPLY;
    if (!err)
        err = writer_result(&answer);
    endpoint->gone = !asked || err == MAILSLOT_ERR_GONE;
    if (endpoint->gone)
        writer_hang_up(endpoint);
    return err;
}

/* After an interrupt every failure is the closing's: report CLOSED. */
static mailslot_err writer_put_once(msi_endpoint *endpoint, const msi_relay_message *question) {
    pthread_mutex_lock(&endpoint->mutex);
    mailslot_err err = endpoint->gone ? writer_fail_gone() : writer_ask(endpoint, question);
    pthread_mutex_unlock(&endpoint->mutex);
    if (err && atomic_load(&endpoint->interrupted))
        return msi_fail_plain(MAILSLOT_ERR_CLOSED);
    return err;
}

/* Doubles the pause between two tries, up to 50 ms: the daemon does not tell when there is room
 * again. False if the deadline has passed. */
static bool writer_pause_before_next_try(msi_endpoint *endpoint, uint64_t *pause,
                                         msi_timeout *timeout) {
    uint64_t deadline = msi_timeout_deadline(timeout);
    uint64_t now = deadline ? msi_now() : 0;
    if (now >= deadline)
        return false;
    msi_sleep_on(&endpoint->interrupted, 0, *pause < deadline - now ? *pause : deadline - now);
    *pause = *pause * 2 < LONGEST_PAUSE_NS ? *pause * 2 : LONGEST_PAUSE_NS;
    return true;
}

/* The mutex is free between tries, so that other threads can put. */
static mailslot_err writer_put(msi_endpoint *endpoint, const void *data, size_t len,
                               int timeout_ms) {
    msi_timeout timeout = {timeout_ms, 0};
    const msi_relay_message question = {.type = MSI_RELAY_PUT, .data = data, .data_len = len};
    uint64_t pause = FIRST_PAUSE_NS;
    mailslot_err err = writer_put_once(endpoint, &question);
    while (err == MAILSLOT_ERR_FULL && writer_pause_before_next_try(endpoint, &pause, &timeout))
        err = writer_put_once(endpoint, &question);
    return err;
}

const msi_transport msi_relay_transport = {
    .serves = writer_serves,
    .open_writer = writer_open_writer,
    .close = writer_close,
    .release = writer_release,
    .abandon = writer_abandon,
    .interrupt = writer_interrupt,
    .put = writer_put,
};
