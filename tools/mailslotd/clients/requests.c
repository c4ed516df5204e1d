/* Decodes a client's packet and answers it. */
#include "requests.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/status_format.h"
#include "error.h"
#include "linux/send_parts.h"
#include "relay/status_codec.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { STATUS_SIZE = 16384, GROUPS_MAX = 65536 /* Linux's NGROUPS_MAX */ };

/* ---- Answers ---- */

/* Each request has one answer, so the socket has room, unless a client sends requests without
 * reading the answers, which no library does. */
static bool send_message(int fd, const msi_relay_message *message) {
    unsigned char head[MSI_RELAY_HEAD_MAX];
    size_t head_len = msi_relay_encode_head(message, head);
    errno = msi_send_parts(fd, head, head_len, message->data, message->data_len);
    return errno == 0;
}

bool requests_reply(int fd, mailslot_err err, const char *words) {
    const msi_relay_message message = {.type = MSI_RELAY_REPLY,
                                       .err = err,
                                       .data = words,
                                       .data_len = strnlen(words, MSI_RELAY_WORDS_MAX)};
    return send_message(fd, &message);
}

/* A client that has ended is no error; one that does not read its answers breaks the protocol. */
static enum request_result result_after_send(bool sent) {
    if (sent)
        return REQUEST_DONE;
    return errno == EPIPE || errno == ECONNRESET ? REQUEST_OVER : REQUEST_HOSTILE;
}

static enum request_result reply_with_detail(const struct client *client, mailslot_err err) {
    return result_after_send(requests_reply(client->fd, err, err ? mailslot_detail() : ""));
}

static enum request_result reply_words(const struct client *client, mailslot_err err,
                                       const char *words) {
    return result_after_send(requests_reply(client->fd, err, words));
}

/* ---- A reader ---- */

/* One line a minute at most: clients must not be able to fill the log. */
static void report_refused_reader(const struct client *client, const char *key) {
    static uint64_t last;
    uint64_t now = uv_now(client->poll.loop);
    if (last && now - last < 60000)
        return;
    last = now ? now : 1;
    log_line("refused the mailslot \"%.100s\" of process %ld: %s", key, (long)client->peer.pid,
             mailslot_detail());
}

/* A connection has one role: NEW becomes READER, WRITER or ASKING by its first request. A request
 * that the role does not allow is a protocol error. */
static enum request_result handle_register(struct client *client,
                                           const msi_relay_message *message) {
    if (client->role != CLIENT_NEW)
        return REQUEST_HOSTILE;
    const struct client_services *services = client->services;
    mailslot_err err = readers_add(services->readers, &client->reader, message, client->fd,
                                   &client->peer, clock_wall());
    if (err)
        report_refused_reader(client, message->key);
    if (err)
        return reply_with_detail(client, err) == REQUEST_HOSTILE ? REQUEST_HOSTILE : REQUEST_OVER;
    client->role = CLIENT_READER;
    services->counters->readers = services->readers->count;
    return reply_with_detail(client, MAILSLOT_OK);
}

/* ---- A writer to another user's slot ---- */

static bool has_group(const struct client *client, gid_t gid) {
    /* Static: 256 KiB are too much for the stack. */
    static gid_t groups[GROUPS_MAX];
    socklen_t len = sizeof groups;
    if (client->peer.gid == gid)
        return true;
    /* The supplementary groups at the time of connect(), kept by the kernel (since Linux 4.13). */
    if (getsockopt(client->fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len))
        return false;
    for (size_t i = 0; i < len / sizeof groups[0]; i++)
        if (groups[i] == gid)
            return true;
    return false;
}

/* MAILSLOT_ACCESS_USER admits no other user. */
static bool reader_lets_in(const struct reader *reader, const struct client *writer) {
    return reader->access == MAILSLOT_ACCESS_EVERYONE ||
           (reader->access == MAILSLOT_ACCESS_GROUP && has_group(writer, reader->peer.gid));
}

/* Skips slots of the writer's own user, which it reaches without the daemon. */
static mailslot_err find_reader(const struct client *writer, const char *key,
                                struct reader **found) {
    const struct reader *closed = NULL;
    struct reader *reader = readers_first(writer->services->readers, key);
    for (; reader; reader = readers_next(reader)) {
        if (reader->peer.uid == writer->peer.uid)
            continue;
        if (reader_lets_in(reader, writer)) {
            *found = reader;
            return MAILSLOT_OK;
        }
        closed = reader;
    }
    if (!closed)
        return mailslot_fail(MAILSLOT_ERR_NOT_FOUND, "no other user reads a mailslot of that name");
    writer->services->counters->crossings_denied++;
    return mailslot_fail(MAILSLOT_ERR_DENIED,
                         "the mailslot belongs to user %u and does not admit user %u",
                         (unsigned)closed->peer.uid, (unsigned)writer->peer.uid);
}

static enum request_result handle_open(struct client *client, const msi_relay_message *message) {
    if (client->role != CLIENT_NEW)
        return REQUEST_HOSTILE;
    struct reader *reader = NULL;
    mailslot_err err = find_reader(client, message->key, &reader);
    if (err)
        return reply_with_detail(client, err);
    client->role = CLIENT_WRITER;
    client->reader = reader;
    /* Keeps the memory of the reader while the writer is attached, even after the reader has
     * closed. */
    reader_refer(reader);
    const msi_relay_message opened = {
        .type = MSI_RELAY_OPENED,
        .limit = reader->limit < MSI_RELAY_DATA_MAX ? reader->limit : MSI_RELAY_DATA_MAX,
        .uid = (uint32_t)reader->peer.uid,
    };
    return result_after_send(send_message(client->fd, &opened));
}

/* The envelope comes from the peer credentials, never from the client: the origin of a message
 * cannot be forged. */
static mailslot_err put_to_reader(const struct client *client, const msi_relay_message *message) {
    if (reader_is_gone(client->reader))
        return MAILSLOT_ERR_GONE;
    if (message->data_len > client->reader->limit)
        return MAILSLOT_ERR_TOO_BIG;
    const msi_relay_message crossing = {
        .type = MSI_RELAY_DELIVER,
        .envelope = dispatch_envelope(&client->peer, message->data_len, clock_wall()),
        .data = message->data,
        .data_len = message->data_len};
    return deliver_from_user(client->reader, (uint32_t)client->peer.uid, &crossing);
}

static enum request_result handle_put(struct client *client, const msi_relay_message *message) {
    if (client->role != CLIENT_WRITER)
        return REQUEST_HOSTILE;
    mailslot_err err = put_to_reader(client, message);
    client->services->counters->crossings_delivered += err == MAILSLOT_OK;
    client->services->counters->crossings_full += err == MAILSLOT_ERR_FULL;
    return reply_words(client, err, err ? mailslot_strerror(err) : "");
}

/* ---- Broadcasts and status ---- */

/* A client that has hung up relies on the daemon receiving its broadcast from the network. */
static bool has_hung_up(const struct client *client) {
    struct pollfd end = {.fd = client->fd, .events = POLLRDHUP};
    return poll(&end, 1, 0) > 0;
}

/* Tells the writer whether a reader of its own user was among them: one that has not registered yet
 * is reached without the daemon. */
static enum request_result handle_broadcast(struct client *client,
                                            const msi_relay_message *message) {
    static const char *const words[MSI_WIRE_KINDS] = {[MSI_WIRE_SOUND] = "",
#define WORDS(name, text) [MSI_WIRE_##name] = "not a mailslot broadcast: " text,
                                                      MSI_WIRE_LIST(WORDS)
#undef WORDS
    };
    if (has_hung_up(client))
        return REQUEST_OVER;
    const struct arrival now = clock_arrival();
    bool own = false;
    msi_wire_err err = dispatch_broadcast(client->services->dispatch, message->data,
                                          message->data_len, &client->peer, &now, &own);
    if (err)
        return reply_words(client, MAILSLOT_ERR_INVALID, words[err]);
    return reply_words(client, own ? MAILSLOT_OK : MAILSLOT_ERR_NOT_FOUND, "");
}

/* For programs of version 0.1. */
static enum request_result handle_status_text(const struct client *client,
                                              const mailslot_daemon_status *status) {
    static char bytes[STATUS_SIZE];
    struct text text = {bytes, sizeof bytes, 0};
    status_format_lines(status, &text);
    const msi_relay_message message = {
        .type = MSI_RELAY_STATUS_TEXT, .data = text.bytes, .data_len = text.len};
    return result_after_send(send_message(client->fd, &message));
}

static enum request_result handle_status(const struct client *client, msi_relay_type type) {
    /* Static: large, and used by one request at a time. */
    static unsigned char bytes[MSI_STATUS_ENCODED_MAX];
    mailslot_daemon_status status = MAILSLOT_DAEMON_STATUS_INIT;
    client->services->status(client->services->ctx, &status);
    if (type == MSI_RELAY_STATUS)
        return handle_status_text(client, &status);
    const msi_relay_message message = {.type = MSI_RELAY_STATUS_REPORT,
                                       .data = bytes,
                                       .data_len = msi_status_encode(&status, bytes)};
    return result_after_send(send_message(client->fd, &message));
}

static enum request_result handle_asking(struct client *client, const msi_relay_message *message) {
    if (client->role != CLIENT_NEW && client->role != CLIENT_ASKING)
        return REQUEST_HOSTILE;
    client->role = CLIENT_ASKING;
    return message->type == MSI_RELAY_BROADCAST ? handle_broadcast(client, message)
                                                : handle_status(client, message->type);
}

/* ---- Dispatch ---- */

/* The first request of each role. PUT follows OPEN, whose version was checked. */
static bool carries_version(msi_relay_type type) {
    return type == MSI_RELAY_REGISTER || type == MSI_RELAY_OPEN || type == MSI_RELAY_BROADCAST ||
           type == MSI_RELAY_STATUS || type == MSI_RELAY_STATUS_QUERY;
}

static enum request_result refuse_version(const struct client *client, unsigned version) {
    mailslot_err err = mailslot_fail(MAILSLOT_ERR_UNSUPPORTED,
                                     "mailslotd has protocol version %d, this program version %u: "
                                     "restart the older one",
                                     MSI_RELAY_VERSION, version);
    (void)requests_reply(client->fd, err, mailslot_detail());
    return REQUEST_OVER;
}

enum request_result requests_handle(struct client *client, const unsigned char *packet,
                                    size_t len) {
    msi_relay_message message;
    if (!msi_relay_decode(&message, packet, len))
        return REQUEST_HOSTILE;
    if (carries_version(message.type) && message.version != MSI_RELAY_VERSION)
        return refuse_version(client, message.version);
    switch (message.type) {
    case MSI_RELAY_REGISTER:
        return handle_register(client, &message);
    case MSI_RELAY_OPEN:
        return handle_open(client, &message);
    case MSI_RELAY_PUT:
        return handle_put(client, &message);
    case MSI_RELAY_BROADCAST:
    case MSI_RELAY_STATUS:
    case MSI_RELAY_STATUS_QUERY:
        return handle_asking(client, &message);
    default:
        return REQUEST_HOSTILE;
    }
}
