/* What mailslotd tells of itself. */
#include "error.h"
#include "platform.h"
#include "relay/connection.h"

#include <mailslot/network.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 1000 };

/* A connection of its own, so that one that hangs hinders nobody else. */
static mailslot_err connect_alone(int *fd) {
    msi_fork_lock();
    mailslot_err err = msi_relay_connect(fd);
    msi_fork_unlock();
    return err;
}

static mailslot_err ask(int fd, unsigned char *packet, msi_relay_message *answer) {
    const msi_relay_message question = {.type = MSI_RELAY_STATUS, .version = MSI_RELAY_VERSION};
    uint64_t deadline = msi_deadline(PATIENCE_MS);
    mailslot_err err = msi_relay_send(fd, &question);
    if (!err)
        err = msi_relay_receive(fd, packet, MSI_RELAY_PACKET_MAX, answer, deadline);
    if (!err && answer->type != MSI_RELAY_STATUS_TEXT)
        err = msi_relay_refuse(MAILSLOT_ERR_OS, answer, "mailslotd answers with another message");
    return err == MAILSLOT_ERR_GONE ? MAILSLOT_ERR_OS : err;
}

/* Takes the text apart where it lies; there is room for a NUL after it. */
static mailslot_err hand_over(char *text, size_t len,
                              mailslot_err (*each)(void *ctx, const char *line), void *ctx) {
    mailslot_err err = MAILSLOT_OK;
    text[len] = 0;
    for (char *line = text, *end = text + len; !err && line < end;) {
        char *next = memchr(line, '\n', (size_t)(end - line));
        size_t line_len = (size_t)((next ? next : end) - line);
        msi_relay_make_printable(line, line_len);
        line[line_len] = 0;
        err = each(ctx, line);
        line += line_len + 1;
    }
    return err;
}

static mailslot_err ask_and_tell(int fd, mailslot_err (*each)(void *ctx, const char *line),
                                 void *ctx) {
    unsigned char *packet = malloc(MSI_RELAY_PACKET_MAX + 1);
    if (!packet)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "no memory for mailslotd's answer");
    msi_relay_message answer;
    mailslot_err err = ask(fd, packet, &answer);
    if (!err && answer.data_len)
        err = hand_over((char *)packet + ((const unsigned char *)answer.data - packet),
                        answer.data_len, each, ctx);
    free(packet);
    return err;
}

/* The shutdown ends the connection although a child forked meanwhile has a copy of it. */
mailslot_err mailslot_host_status(mailslot_err (*each)(void *ctx, const char *line), void *ctx) {
    if (!each)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "each is NULL");
    int fd;
    mailslot_err err = connect_alone(&fd);
    if (err)
        return err;
    err = ask_and_tell(fd, each, ctx);
    shutdown(fd, SHUT_RDWR);
    close(fd);
    return err;
}
