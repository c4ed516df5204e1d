/* Requests of clients and their answers. */
#ifndef MAILSLOTD_REQUESTS_H
#define MAILSLOTD_REQUESTS_H

#include "client.h"

enum request_result {
    REQUEST_DONE,    /* the connection stays open */
    REQUEST_OVER,    /* answered; close the connection */
    REQUEST_HOSTILE, /* protocol error */
};

/** Handles one packet of a client. */
enum request_result requests_handle(struct client *client, const unsigned char *packet, size_t len);

/** Sends a REPLY; false if it cannot be sent now. */
bool requests_reply(int fd, mailslot_err err, const char *words);

#endif
