/* Connections to mailslotd, and requests over them; see connection.h. */
#include "connection.h"
#include "error.h"
#include "linux/process.h"
#include "linux/send_parts.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool msi_relay_path(char path[MSI_RELAY_PATH_SIZE]) {
    const char *dir = msi_environment("MAILSLOT_DIR");
    int len = dir ? snprintf(path, MSI_RELAY_PATH_SIZE, "%s/mailslotd", dir)
                  : snprintf(path, MSI_RELAY_PATH_SIZE, "/run/mailslotd/socket");
    return len < MSI_RELAY_PATH_SIZE;
}

/* ---- Connecting ---- */

static mailslot_err connection_fail_no_daemon(void) {
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "no mailslotd runs here");
}

/* Any other failure means that there is no daemon of ours at that path. */
static mailslot_err connection_fail_connect(int error) {
    if (error == EAGAIN)
        return mailslot_fail(MAILSLOT_ERR_OS, "mailslotd has too many connections waiting");
    return connection_fail_no_daemon();
}

/* Only connect() must not block; later calls say MSG_DONTWAIT themselves. */
static mailslot_err connection_open(int fd, const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    if (connect(fd, (struct sockaddr *)&address, sizeof address))
        return connection_fail_connect(errno);
    if (fcntl(fd, F_SETFL, 0))
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot use the socket to mailslotd");
    return MAILSLOT_OK;
}

mailslot_err msi_relay_connect(int *fd) {
    char path[MSI_RELAY_PATH_SIZE];
    *fd = -1;
    if (!msi_relay_path(path))
        return connection_fail_no_daemon();
    *fd = msi_clear_of_stdio(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (*fd < 0)
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot make a socket");
    mailslot_err err = connection_open(*fd, path);
    if (err) {
        close(*fd);
        *fd = -1;
    }
    return err;
}

/* ---- Messages ---- */

static mailslot_err connection_fail_ended(void) {
    return mailslot_fail(MAILSLOT_ERR_GONE, "connection to mailslotd lost");
}

static mailslot_err connection_fail_silent(void) {
    return mailslot_fail(MAILSLOT_ERR_OS, "mailslotd does not answer");
}

/* EAGAIN means that the daemon hangs: it reads each message before it answers, so a live one has
 * room. */
static mailslot_err connection_fail_send(int error) {
    switch (error) {
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
        return connection_fail_ended();
    case EAGAIN:
        return connection_fail_silent();
    default:
        return msi_fail_errno(MAILSLOT_ERR_OS, error, "cannot send to mailslotd");
    }
}

mailslot_err msi_relay_send(int fd, const msi_relay_message *message) {
    unsigned char head[MSI_RELAY_HEAD_MAX];
    size_t head_len = msi_relay_encode_head(message, head);
    int error = msi_send_parts(fd, head, head_len, message->data, message->data_len);
    return error ? connection_fail_send(error) : MAILSLOT_OK;
}

/* Returns whether something can be received before the deadline. */
static bool connection_await(int fd, uint64_t deadline) {
    struct pollfd socket_end = {.fd = fd, .events = POLLIN};
    for (;;) {
        uint64_t now = msi_now();
        if (now >= deadline)
            return false;
        uint64_t ms = (deadline - now + MSI_NS_PER_MS - 1) / MSI_NS_PER_MS;
        if (poll(&socket_end, 1, ms < INT32_MAX ? (int)ms : INT32_MAX) > 0)
            return true;
    }
}

/* recv() returns 0 for an empty packet as well as at the end; neither is a message. */
mailslot_err msi_relay_receive(int fd, unsigned char *packet, size_t cap,
                               msi_relay_message *message, uint64_t deadline) {
    ssize_t len;
    do {
        if (!connection_await(fd, deadline))
            return connection_fail_silent();
        len = recv(fd, packet, cap, MSG_DONTWAIT | MSG_TRUNC);
    } while (len < 0 && (errno == EINTR || errno == EAGAIN));
    if (len <= 0)
        return connection_fail_ended();
    if ((size_t)len > cap || !msi_relay_decode(message, packet, (size_t)len))
        return mailslot_fail(MAILSLOT_ERR_OS, "mailslotd sent a malformed answer");
    return MAILSLOT_OK;
}

/* After GONE still read: a daemon that accepts no more connections sends its refusal before it
 * hangs up. */
mailslot_err msi_relay_ask(int fd, const msi_relay_message *question,
                           unsigned char answer_packet[MSI_RELAY_ANSWER_MAX],
                           msi_relay_message *answer, int patience_ms) {
    uint64_t deadline = msi_deadline(patience_ms);
    mailslot_err err = msi_relay_send(fd, question);
    if (err && err != MAILSLOT_ERR_GONE)
        return err;
    return msi_relay_receive(fd, answer_packet, MSI_RELAY_ANSWER_MAX, answer, deadline);
}

/* ---- Explanations ---- */

void msi_relay_make_printable(char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            text[i] = '?';
}

mailslot_err msi_relay_refuse(mailslot_err err, const msi_relay_message *reply,
                              const char *otherwise) {
    char words[MSI_RELAY_WORDS_MAX + 1];
    if (reply->type != MSI_RELAY_REPLY || !reply->data_len)
        return mailslot_fail(err, "%s", otherwise);
    memcpy(words, reply->data, reply->data_len);
    words[reply->data_len] = 0;
    msi_relay_make_printable(words, reply->data_len);
    return mailslot_fail(err, "%s", words);
}
