/* Asks mailslotd for its status: mailslot_daemon_status_get() for Linux. */
#include "connection.h"
#include "error.h"
#include "platform.h"
#include "status_codec.h"

#include <mailslot/network.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 1000 };

/* A connection of its own: if mailslotd hangs, no other call waits for this one's answer. */
static mailslot_err status_connect(int *fd) {
    msi_fork_lock();
    mailslot_err err = msi_relay_connect(fd, msi_deadline(PATIENCE_MS), NULL);
    msi_fork_unlock();
    return err;
}

/* A daemon that does not know the question ends the connection. */
static mailslot_err status_failed(mailslot_err err) {
    if (err != MAILSLOT_ERR_GONE)
        return err;
    return mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                         "mailslotd closed the connection instead of reporting its status; it may "
                         "be older than this program");
}

static mailslot_err status_ask(int fd, unsigned char *packet, mailslot_daemon_status *status) {
    const msi_relay_message question = {.type = MSI_RELAY_STATUS_QUERY,
                                        .version = MSI_RELAY_VERSION};
    msi_relay_message answer;
    mailslot_err err = msi_relay_send(fd, &question);
    if (!err || err == MAILSLOT_ERR_GONE) /* a reply may have come before the end */
        err =
            msi_relay_receive(fd, packet, MSI_RELAY_PACKET_MAX, &answer, msi_deadline(PATIENCE_MS));
    if (err)
        return status_failed(err);
    if (answer.type != MSI_RELAY_STATUS_REPORT)
        return msi_relay_refuse(
            answer.type == MSI_RELAY_REPLY && answer.err ? answer.err : MAILSLOT_ERR_OS, &answer,
            "mailslotd answered the status query with another message");
    if (!msi_status_decode(status, answer.data, answer.data_len))
        return mailslot_fail(MAILSLOT_ERR_OS, "mailslotd sent a malformed status of %zu bytes",
                             answer.data_len);
    return MAILSLOT_OK;
}

/* On the heap: 64 KB are much for the stack of a caller's thread. */
static mailslot_err status_receive(int fd, mailslot_daemon_status *status) {
    unsigned char *packet = malloc(MSI_RELAY_PACKET_MAX);
    if (!packet)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for mailslotd's answer");
    mailslot_err err = status_ask(fd, packet, status);
    free(packet);
    return err;
}

/* As much as the caller's version of the struct has. */
static void status_copy(mailslot_daemon_status *to, const mailslot_daemon_status *from) {
    size_t size = to->size;
    memset(to, 0, size);
    memcpy(to, from, size < sizeof *from ? size : sizeof *from);
    to->size = size;
}

/* The shutdown ends the connection although a child forked meanwhile has a copy of it. */
mailslot_err mailslot_daemon_status_get(mailslot_daemon_status *status) {
    mailslot_daemon_status received;
    int fd;
    if (!status)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "status is NULL");
    if (status->size < offsetof(mailslot_daemon_status, counters))
        return mailslot_fail(MAILSLOT_ERR_INVALID,
                             "status has size %zu: start from MAILSLOT_DAEMON_STATUS_INIT",
                             status->size);
    mailslot_err err = status_connect(&fd);
    if (err)
        return err;
    err = status_receive(fd, &received);
    shutdown(fd, SHUT_RDWR);
    close(fd);
    if (!err)
        status_copy(status, &received);
    return err;
}
