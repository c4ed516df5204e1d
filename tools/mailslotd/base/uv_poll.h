/* Polls whose callback reads. */
#ifndef MAILSLOTD_UV_POLL_H
#define MAILSLOTD_UV_POLL_H

#include <uv.h>

/** To begin the callback with: libuv has stopped a poll whose descriptor has an error, though the
 *  read that follows takes that away. */
static inline void poll_rearm(uv_poll_t *poll, int status, uv_poll_cb callback) {
    if (status < 0)
        uv_poll_start(poll, UV_READABLE, callback);
}

#endif
