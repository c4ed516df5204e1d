/* A socket of this computer that programs connect to, at a path of the file system. */
#ifndef MAILSLOTD_LISTENER_H
#define MAILSLOTD_LISTENER_H

#include "relay/protocol.h"

#include <sys/types.h>

struct listener {
    int fd; /* -1: closed */
    char path[MSI_RELAY_PATH_SIZE];
    dev_t device; /* of the socket's file, so that only that one is removed */
    ino_t inode;
};

/** Listens at a path, for everybody on this computer; a socket that a dead process left there is
 *  replaced. IN_USE: somebody listens there. DENIED, OS: what is there is no socket, or the
 *  system's words. */
mailslot_err listener_open(struct listener *listener, const char *path, int type);

/** Lets a user who is not root remove the socket later. */
void listener_give(const struct listener *listener, uid_t uid, gid_t gid);

/** Accepts without waiting; -1: nobody more for now. */
int listener_accept(const struct listener *listener);

/** Removes the socket, as far as the system lets us, and closes it. */
void listener_close(struct listener *listener);

#endif
