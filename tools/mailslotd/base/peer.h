/* The process and user at the other end of a connection. */
#ifndef MAILSLOTD_PEER_H
#define MAILSLOTD_PEER_H

#include <stdbool.h>
#include <sys/types.h>

struct peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/** Asks the kernel (SO_PEERCRED); false if that fails. */
bool peer_identify(struct peer *peer, int fd);

#endif
