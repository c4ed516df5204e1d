/* Sends one datagram to the socket in $NOTIFY_SOCKET. */
#include "sd_notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The protocol of sd_notify(3): a datagram of VARIABLE=VALUE lines to the AF_UNIX socket that
 * $NOTIFY_SOCKET names; a leading '@' stands for the NUL of an abstract name. Without the variable
 * there is no service manager. Failures are ignored: the daemon runs as well without it. */
void sd_notify_send(const char *assignments) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = path ? strlen(path) : 0;
    if (!len || len >= sizeof address.sun_path || (*path != '/' && *path != '@'))
        return;
    memcpy(address.sun_path, path, len);
    if (*path == '@')
        address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    /* The length excludes a final NUL, which would be part of an abstract name. */
    (void)!sendto(fd, assignments, strlen(assignments), MSG_NOSIGNAL, (struct sockaddr *)&address,
                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
    close(fd);
}
