/* A listening Unix socket. */
#ifndef MAILSLOTD_LISTENER_H
#define MAILSLOTD_LISTENER_H

#include "relay/protocol.h"

#include <sys/types.h>
#include <uv.h>

struct listener {
    int fd; /* -1: closed */
    char path[MSI_RELAY_PATH_SIZE];
    dev_t device; /* of the socket's file: another file at the path is not removed */
    ino_t inode;
    uv_poll_t poll;
    uv_poll_cb callback;
    uv_timer_t pause;  /* after accept() failed, such as for want of descriptors */
    uint64_t reported; /* when that was, on the loop's clock; 0: never */
};

/** Listens at a path, for all users of this computer. Replaces the socket of a process that has
 *  ended. IN_USE (a process listens there), DENIED (the path is not a socket), OS. */
mailslot_err listener_open(struct listener *listener, const char *path, int type);

/** Lets an unprivileged user remove the socket later. */
void listener_give(const struct listener *listener, uid_t uid, gid_t gid);

/** From now on, calls the callback, with poll->data as given, when a program connects. */
void listener_start(struct listener *listener, uv_loop_t *loop, uv_poll_cb callback, void *data);

/** Accepts without waiting; -1: no connection waits, or the system cannot accept one now, in which
 *  case polling pauses for a while. */
int listener_accept(struct listener *listener);

/** Removes the socket, if it is permitted, and closes it. */
void listener_close(struct listener *listener);

#endif
