/* A socket of this computer that programs connect to, at a path of the file system. */
#ifndef MAILSLOTD_LISTENER_H
#define MAILSLOTD_LISTENER_H

#include "relay/protocol.h"

#include <sys/types.h>
#include <uv.h>

struct listener {
    int fd; /* -1: closed */
    char path[MSI_RELAY_PATH_SIZE];
    dev_t device; /* of the socket's file, so that only that one is removed */
    ino_t inode;
    uv_poll_t poll;
    uv_poll_cb callback;
    uv_timer_t pause;  /* after the system had no room for a connection */
    uint64_t reported; /* when that was, on the loop's clock; 0: never */
};

/** Listens at a path, for everybody on this computer; a socket that a dead process left there is
 *  replaced. IN_USE: somebody listens there. DENIED, OS: what is there is no socket, or the
 *  system's words. */
mailslot_err listener_open(struct listener *listener, const char *path, int type);

/** Lets a user who is not root remove the socket later. */
void listener_give(const struct listener *listener, uid_t uid, gid_t gid);

/** From now on, has the callback called, with poll->data as given, when somebody connects. */
void listener_start(struct listener *listener, uv_loop_t *loop, uv_poll_cb callback, void *data);

/** Accepts without waiting; -1: nobody more for now. If the system has no room for a connection,
 *  who connects waits a while. */
int listener_accept(struct listener *listener);

/** Removes the socket, as far as the system lets us, and closes it. */
void listener_close(struct listener *listener);

#endif
