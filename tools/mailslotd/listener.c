#include "listener.h"
#include "error.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 512, UMASK = 0111 /* everybody may connect */ };

static struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    return address;
}

static int open_socket(int type) { return socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

static bool listens(const char *path, int type) {
    struct sockaddr_un address = address_of(path);
    int fd = open_socket(type);
    if (fd < 0)
        return true; /* not known to be dead */
    int status = connect(fd, (struct sockaddr *)&address, sizeof address);
    bool dead = status && (errno == ECONNREFUSED || errno == ENOENT);
    close(fd);
    return !dead;
}

static mailslot_err remove_dead(const char *path, int type) {
    struct stat status;
    if (lstat(path, &status))
        return errno == ENOENT ? MAILSLOT_OK : msi_fail_errno(MAILSLOT_ERR_OS, errno, "%s", path);
    if (!S_ISSOCK(status.st_mode))
        return mailslot_fail(MAILSLOT_ERR_DENIED, "%s is no socket: left alone", path);
    if (listens(path, type))
        return mailslot_fail(MAILSLOT_ERR_IN_USE, "mailslotd already runs: it listens at %s", path);
    if (unlink(path) && errno != ENOENT)
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot replace the old socket %s", path);
    return MAILSLOT_OK;
}

/* With its mode from the beginning: by its path, chmod() could hit what somebody whose directory it
 * is has put there since. */
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
    listener->device = status.st_dev;
    listener->inode = status.st_ino;
    return MAILSLOT_OK;
}

mailslot_err listener_open(struct listener *listener, const char *path, int type) {
    *listener = (struct listener){.fd = -1};
    if (strlen(path) >= sizeof listener->path)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "the path of a socket is too long: %s", path);
    memcpy(listener->path, path, strlen(path) + 1);
    mailslot_err err = remove_dead(path, type);
    if (err)
        return err;
    listener->fd = open_socket(type);
    if (listener->fd < 0)
        return msi_fail_errno(MAILSLOT_ERR_OS, errno, "cannot make a socket");
    err = bind_and_listen(listener);
    if (err) {
        close(listener->fd);
        listener->fd = -1;
    }
    return err;
}

void listener_give(const struct listener *listener, uid_t uid, gid_t gid) {
    if (listener->fd >= 0)
        (void)!lchown(listener->path, uid, gid);
}

int listener_accept(const struct listener *listener) {
    int fd;
    do
        fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    return fd;
}

void listener_close(struct listener *listener) {
    struct stat status;
    if (listener->fd < 0)
        return;
    if (!lstat(listener->path, &status) && status.st_dev == listener->device &&
        status.st_ino == listener->inode)
        unlink(listener->path);
    close(listener->fd);
    listener->fd = -1;
}
