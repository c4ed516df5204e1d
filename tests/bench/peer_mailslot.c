/* The library under test, through its public API: with every option at its default, where a full
 * slot refuses at once (put_timeout_ms is 0) and the harness does the waiting; and with a put that
 * may wait, whose cost while there is room must be the same. */
#include "peer.h"

#include <mailslot/mailslot.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct channel {
    char name[64];
};

static enum peer_status create(const struct peer_place *place, void **channel) {
    struct channel *made = malloc(sizeof *made);
    if (made == NULL) {
        peer_fail("malloc", errno);
        return PEER_ERROR;
    }
    snprintf(made->name, sizeof made->name, "bench\\%s", place->id);
    *channel = made;
    return PEER_OK;
}

#define WAIT_MS 1000

static void *open_end(const struct channel *channel, mailslot_direction direction,
                      int put_timeout_ms) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = direction;
    options.put_timeout_ms = put_timeout_ms;
    mailslot *slot = NULL;
    if (mailslot_open(&slot, channel->name, &options) != MAILSLOT_OK)
        peer_fail(mailslot_detail(), 0);
    return slot;
}

static void *open_reader(void *channel) { return open_end(channel, MAILSLOT_READ, 0); }

static void *open_writer(void *channel, bool wait) {
    (void)wait;
    return open_end(channel, MAILSLOT_WRITE, 0);
}

static void *open_patient_writer(void *channel, bool wait) {
    (void)wait;
    return open_end(channel, MAILSLOT_WRITE, WAIT_MS);
}

static enum peer_status put(void *end, const void *data, size_t len) {
    mailslot_err err = mailslot_put_bytes(end, data, len);
    if (err == MAILSLOT_OK)
        return PEER_OK;
    if (err == MAILSLOT_ERR_FULL)
        return PEER_FULL;
    peer_fail(mailslot_detail(), 0);
    return PEER_ERROR;
}

static long get(void *end, void *buf, size_t cap) {
    size_t len = 0;
    if (mailslot_get_bytes(end, buf, cap, &len, MAILSLOT_FOREVER) != MAILSLOT_OK) {
        peer_fail(mailslot_detail(), 0);
        return -1;
    }
    return (long)len;
}

static void close_end(void *end) { mailslot_close(end); }

const struct peer peer_mailslot = {
    .name = "mailslot",
    .what = "mailslot_put_bytes and mailslot_get_bytes, default options",
    .create = create,
    .destroy = free,
    .open_reader = open_reader,
    .open_writer = open_writer,
    .put = put,
    .get = get,
    .close = close_end,
};

const struct peer peer_mailslot_wait = {
    .name = "mailslot-w",
    .what = "the same with put_timeout_ms = 1000: puts that find room must cost the same",
    .create = create,
    .destroy = free,
    .open_reader = open_reader,
    .open_writer = open_patient_writer,
    .put = put,
    .get = get,
    .close = close_end,
};
