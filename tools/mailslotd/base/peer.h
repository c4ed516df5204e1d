/* Who is at the other end of a connection. */
#ifndef MAILSLOTD_PEER_H
#define MAILSLOTD_PEER_H

#include <stdbool.h>
#include <sys/types.h>

struct peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/** As the kernel says; false if it does not. */
bool peer_identify(struct peer *peer, int fd);

#endif
