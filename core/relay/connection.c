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
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Between two tries to connect to a daemon whose queue of connections is full. */
enum { BUSY_PAUSE_NS = 2000000 };

bool msi_relay_path(char path[MSI_RELAY_PATH_SIZE]) {
    const char *dir = msi_environment("MAILSLOT_DIR");
    int len = dir ? snprintf(path, MSI_RELAY_PATH_SIZE, "%s/mailslotd", dir)
                  : snprintf(path, MSI_RELAY_PATH_SIZE, "/run/mailslotd/socket");
    return len < MSI_RELAY_PATH_SIZE;
}

/* ---- The listener's identity ---- */

/* The kernel's stand-in for every user that this user namespace does not know
 * (user_namespaces(7)): alone it identifies no user. */
enum { OVERFLOW_UID = 65534 };

/* Only the owner of such a directory, or root, can have put a socket there. Every path has a
 * '/': see msi_relay_path(). */
static bool connection_is_owner(const char *path, uid_t uid) {
    char dir[MSI_RELAY_PATH_SIZE];
    struct stat status;
    memcpy(dir, path, strlen(path) + 1);
    *strrchr(dir, '/') = 0;
    return !stat(*dir ? dir : "/", &status) && status.st_uid == uid &&
           !(status.st_mode & (S_IWGRP | S_IWOTH));
}

static bool connection_trusts(const char *path, uid_t uid) {
    if (!uid || (uid == geteuid() && uid != OVERFLOW_UID))
        return true;
    return connection_is_owner(path, uid);
}

static mailslot_err connection_fail_no_daemon(void) {
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "no mailslotd runs here");
}

/* In a directory that others can write any user can bind the daemon's path first. The kernel
 * records which user called listen(), so a daemon that gave up root afterwards still counts as
 * root's. */
static mailslot_err connection_check_listener(int fd, const char *path) {
    struct ucred listener;
    socklen_t len = sizeof listener;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &listener, &len))
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot identify mailslotd");
    if (connection_trusts(path, listener.uid))
        return MAILSLOT_OK;
    return mailslot_fail(MAILSLOT_ERR_NOT_FOUND,
                         "not mailslotd: user %u listens at %s, and is not root, this user, or the "
                         "owner of a directory that only its owner can write",
                         (unsigned)listener.uid, path);
}

/* ---- Connecting ---- */

/* AF_UNIX reports a full queue of connections as EAGAIN (connect(2)). Other errors, such as
 * ENOENT, or ECONNREFUSED from the socket of a dead daemon, mean that no daemon listens. */
static mailslot_err connection_fail_connect(int error, const char *path) {
    switch (error) {
    case EAGAIN:
        return mailslot_fail(MAILSLOT_ERR_OS, "mailslotd has too many connections waiting");
    case EACCES:
        return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "no permission to connect to mailslotd at %s",
                             path);
    default:
        return connection_fail_no_daemon();
    }
}

/* Only connect() must not block; later calls say MSG_DONTWAIT themselves. */
static mailslot_err connection_open(int fd, const char *path, bool *busy) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
        *busy = errno == EAGAIN;
        return connection_fail_connect(errno, path);
    }
    if (fcntl(fd, F_SETFL, 0))
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot use the socket to mailslotd");
    return connection_check_listener(fd, path);
}

static mailslot_err connection_try(int *fd, bool *busy) {
    char path[MSI_RELAY_PATH_SIZE];
    *fd = -1;
    *busy = false;
    if (!msi_relay_path(path))
        return connection_fail_no_daemon();
    *fd = msi_clear_of_stdio(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (*fd < 0)
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot make a socket");
    mailslot_err err = connection_open(*fd, path, busy);
    if (err) {
        close(*fd);
        *fd = -1;
    }
    return err;
}

static void connection_pause(void) {
    static atomic_uint never;
    msi_fork_unlock();
    msi_sleep_on(&never, 0, BUSY_PAUSE_NS);
    msi_fork_lock();
}

/* Each try makes a new socket, so that none is open while the lock is free: a child forked then
 * has no copy. The queue is full for moments only, so pauses are short. */
mailslot_err msi_relay_connect(int *fd, uint64_t deadline, const bool *interrupted) {
    bool busy;
    mailslot_err err = connection_try(fd, &busy);
    while (busy && msi_now() < deadline) {
        connection_pause();
        if (interrupted && *interrupted)
            return msi_fail_plain(MAILSLOT_ERR_CLOSED);
        err = connection_try(fd, &busy);
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

/* Returns whether something can be received before the deadline. The end of the connection
 * counts, too. Time is rounded up to ms, so that the last one is not spent in a busy loop. */
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

/* A daemon that refuses a connection replies and closes it with our request unread: the kernel
 * then reports ECONNRESET once, before the reply. MSG_TRUNC returns the length of the whole
 * packet, so that one longer than cap is recognised. */
static ssize_t connection_receive_packet(int fd, unsigned char *packet, size_t cap) {
    ssize_t len = recv(fd, packet, cap, MSG_DONTWAIT | MSG_TRUNC);
    if (len < 0 && errno == ECONNRESET)
        len = recv(fd, packet, cap, MSG_DONTWAIT | MSG_TRUNC);
    return len;
}

/* recv() returns 0 for an empty packet as well as at the end; neither is a message. */
mailslot_err msi_relay_receive(int fd, unsigned char *packet, size_t cap,
                               msi_relay_message *message, uint64_t deadline) {
    ssize_t len;
    do {
        if (!connection_await(fd, deadline))
            return connection_fail_silent();
        len = connection_receive_packet(fd, packet, cap);
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
                           msi_relay_message *answer, uint64_t deadline) {
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
    /* msi_relay_decode() has checked that it is at most MSI_RELAY_WORDS_MAX. */
    memcpy(words, reply->data, reply->data_len);
    words[reply->data_len] = 0;
    msi_relay_make_printable(words, reply->data_len);
    return mailslot_fail(err, "%s", words);
}
