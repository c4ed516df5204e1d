/* Implements send_parts.h: one packet from a header and a payload, without copying them
 * together. */
#include "send_parts.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* sendmsg() only reads what an iovec points to, although its pointer is not const. */
static struct iovec send_part(const void *data, size_t len) {
    return (struct iovec){(void *)(uintptr_t)data, len};
}

/* MSG_NOSIGNAL: a peer that has closed must give EPIPE, not end the program by SIGPIPE. */
int msi_send_parts(int fd, const void *head, size_t head_len, const void *data, size_t data_len) {
    struct iovec parts[2] = {send_part(head, head_len), send_part(data, data_len)};
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = data_len ? 2 : 1};
    while (sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            return errno;
    return 0;
}
