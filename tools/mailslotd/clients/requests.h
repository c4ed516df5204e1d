/* What clients ask for, and what they get. */
#ifndef MAILSLOTD_REQUESTS_H
#define MAILSLOTD_REQUESTS_H

#include "client.h"

enum request_result {
    REQUEST_DONE,    /* and the client may go on */
    REQUEST_OVER,    /* answered; there is nothing more to say */
    REQUEST_HOSTILE, /* not what a library says */
};

/** Handles one packet of a client. */
enum request_result requests_handle(struct client *client, const unsigned char *packet, size_t len);

/** Sends a REPLY; false if the other end does not take it. */
bool requests_reply(int fd, mailslot_err err, const char *words);

#endif
