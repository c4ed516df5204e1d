/* uv_poll_t whose callback reads from the socket. */
#ifndef MAILSLOTD_UV_POLL_H
#define MAILSLOTD_UV_POLL_H

#include <uv.h>

/** Call first in the callback: libuv stops a poll whose descriptor has an error, but the read that
 *  follows clears the error. */
static inline void poll_rearm(uv_poll_t *poll, int status, uv_poll_cb callback) {
    if (status < 0)
        uv_poll_start(poll, UV_READABLE, callback);
}

#endif
