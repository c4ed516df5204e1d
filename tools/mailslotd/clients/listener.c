/* Listening sockets: creating them safely in a directory of others, accepting, removing. */
#include "listener.h"
#include "base/log.h"
#include "error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    BACKLOG = 4096, /* the kernel cuts it to net.core.somaxconn */
    UMASK = 0111,   /* everybody may connect */
    PAUSE_MS = 100,
    REPORT_MS = 60000,
};

static struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    /* listener_open() has checked the length. */
    memcpy(address.sun_path, path, strlen(path) + 1);
    return address;
}

static int open_unix_socket(int type) {
    return socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* A socket file without a process that listens refuses connections: it was left by a daemon that
 * was killed. */
static bool socket_is_live(const char *path, int type) {
    struct sockaddr_un address = address_of(path);
    int fd = open_unix_socket(type);
    if (fd < 0)
        return true; /* cannot tell: assume that it is alive */
    int status = connect(fd, (struct sockaddr *)&address, sizeof address);
    bool dead = status && (errno == ECONNREFUSED || errno == ENOENT);
    close(fd);
    return !dead;
}

static mailslot_err remove_dead_socket(const char *path, int type) {
    struct stat status;
    if (lstat(path, &status))
        return errno == ENOENT ? MAILSLOT_OK : msi_fail_errno(MAILSLOT_ERR_OS, errno, "%s", path);
    /* Never removes a file of another kind: the directory may be the user's. */
    if (!S_ISSOCK(status.st_mode))
        return mailslot_fail(MAILSLOT_ERR_DENIED, "%s exists and is not a socket: remove it", path);
    if (socket_is_live(path, type))
        return mailslot_fail(MAILSLOT_ERR_IN_USE, "mailslotd is already running: it listens at %s",
                             path);
    if (unlink(path) && errno != ENOENT)
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot replace the old socket %s", path);
    return MAILSLOT_OK;
}

/* The umask gives the socket its mode at once: a chmod() by path could hit another file that the
 * owner of the directory has put there meanwhile. */
static int bind_for_everybody(const struct listener *listener) {
    struct sockaddr_un address = address_of(listener->path);
    mode_t before = umask(UMASK);
    int result = bind(listener->fd, (struct sockaddr *)&address, sizeof address);
    umask(before);
    return result;
}

static mailslot_err bind_and_listen(struct listener *listener) {
    struct stat status;
    if (bind_for_everybody(listener))
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot make the socket %s", listener->path);
    if (lstat(listener->path, &status) || listen(listener->fd, BACKLOG))
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot listen at %s", listener->path);
    /* Identifies our socket, in case another file takes its path; see give_file() and
     * listener_close(). */
    listener->device = status.st_dev;
    listener->inode = status.st_ino;
    return MAILSLOT_OK;
}

mailslot_err listener_open(struct listener *listener, const char *path, int type) {
    *listener = (struct listener){.fd = -1};
    if (strlen(path) >= sizeof listener->path)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "the path of a socket is too long: %s", path);
    memcpy(listener->path, path, strlen(path) + 1);
    mailslot_err err = remove_dead_socket(path, type);
    if (err)
        return err;
    listener->fd = open_unix_socket(type);
    if (listener->fd < 0)
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot make a socket");
    err = bind_and_listen(listener);
    if (err) {
        close(listener->fd);
        listener->fd = -1;
    }
    return err;
}

/* By descriptor, after a look at what it is: the owner of the directory could have put another file
 * there, which root must not give away. */
static void give_file(const struct listener *listener, uid_t uid, gid_t gid) {
    struct stat status;
    int fd = open(listener->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    if (!fstat(fd, &status) && status.st_dev == listener->device &&
        status.st_ino == listener->inode)
        (void)!fchownat(fd, "", uid, gid, AT_EMPTY_PATH);
    close(fd);
}

void listener_give(const struct listener *listener, uid_t uid, gid_t gid) {
    if (listener->fd >= 0)
        give_file(listener, uid, gid);
}

/* ---- Accepting ---- */

void listener_start(struct listener *listener, uv_loop_t *loop, uv_poll_cb callback, void *data) {
    listener->callback = callback;
    listener->poll.data = data;
    listener->pause.data = listener;
    uv_timer_init(loop, &listener->pause);
    uv_poll_init(loop, &listener->poll, listener->fd);
    uv_poll_start(&listener->poll, UV_READABLE, callback);
}

static void on_pause_over(uv_timer_t *timer) {
    struct listener *listener = timer->data;
    uv_poll_start(&listener->poll, UV_READABLE, listener->callback);
}

/* The waiting connections would make the poll fire again at once, so polling pauses. */
static void listener_pause(struct listener *listener, int error) {
    uint64_t now = uv_now(listener->poll.loop);
    if (!listener->reported || now - listener->reported >= REPORT_MS) {
        log_line("cannot accept connections at %s: %s; retrying", listener->path, strerror(error));
        listener->reported = now ? now : 1;
    }
    uv_poll_stop(&listener->poll);
    uv_timer_start(&listener->pause, on_pause_over, PAUSE_MS, 0);
}

int listener_accept(struct listener *listener) {
    int fd;
    do
        fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    /* ECONNABORTED: the client ended before it was accepted; the next one may wait. */
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd < 0 && errno != EAGAIN)
        listener_pause(listener, errno);
    return fd;
}

/* ---- The end ---- */

void listener_close(struct listener *listener) {
    struct stat status;
    if (listener->fd < 0)
        return;
    /* Set by listener_start(): before it, the handles are not initialized. */
    if (listener->callback) {
        uv_close((uv_handle_t *)&listener->poll, NULL);
        uv_close((uv_handle_t *)&listener->pause, NULL);
    }
    if (!lstat(listener->path, &status) && status.st_dev == listener->device &&
        status.st_ino == listener->inode)
        unlink(listener->path);
    close(listener->fd);
    listener->fd = -1;
}
