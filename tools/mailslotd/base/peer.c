/* SO_PEERCRED. */
#include "peer.h"

#include <sys/socket.h>

bool peer_identify(struct peer *peer, int fd) {
    /* The credentials of the process that called connect(), kept by the kernel (unix(7)); the
     * client cannot forge them. */
    struct ucred ucred;
    socklen_t len = sizeof ucred;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &ucred, &len))
        return false;
    *peer = (struct peer){ucred.pid, ucred.uid, ucred.gid};
    return true;
}
