/* Packets between libraries and mailslotd. The input is a packet: what is accepted is within its
 * bounds, and as a message it is written to the same bytes again. */
#include "fuzz.h"

#include <relay/protocol.h>
#include <relay/status_codec.h>

static void check_strings(const msi_relay_message *message) {
    const msi_message *envelope = &message->envelope;
    require(memchr(message->key, 0, sizeof message->key));
    require(memchr(envelope->computer, 0, sizeof envelope->computer));
    require(memchr(envelope->address, 0, sizeof envelope->address));
}

static void check_values(const msi_relay_message *message) {
    require(message->access <= MAILSLOT_ACCESS_EVERYONE);
    require(message->err <= MAILSLOT_ERR_OS);
    require(message->data_len <= MSI_RELAY_DATA_MAX);
    require(message->type != MSI_RELAY_REPLY || message->data_len <= MSI_RELAY_WORDS_MAX);
    require(message->envelope.len == (message->type == MSI_RELAY_DELIVER ? message->data_len : 0));
}

static void check_key(const msi_relay_message *message) {
    msi_name name;
    if (message->type != MSI_RELAY_REGISTER && message->type != MSI_RELAY_OPEN) {
        require(!*message->key);
        return;
    }
    require(msi_name_parse(&name, message->key) == MAILSLOT_OK);
    require(name.scope == MSI_SCOPE_LOCAL && !strcmp(name.key, message->key));
}

static void check_data(const msi_relay_message *message, const uint8_t *data, size_t size) {
    const uint8_t *at = message->data;
    require(!message->data_len || (at > data && at + message->data_len == data + size));
}

/* Of another version only that much is known. */
static bool is_foreign(const msi_relay_message *message) {
    bool first = message->type == MSI_RELAY_REGISTER || message->type == MSI_RELAY_OPEN ||
                 message->type == MSI_RELAY_BROADCAST || message->type == MSI_RELAY_STATUS ||
                 message->type == MSI_RELAY_STATUS_QUERY;
    require(first || !message->version);
    return first && message->version != MSI_RELAY_VERSION;
}

static void check_foreign(const msi_relay_message *message) {
    const msi_relay_message expected = {.type = message->type, .version = message->version};
    require(!*message->key && message->access == expected.access && !message->local_only);
    require(!message->limit && !message->data && !message->data_len);
}

static void check_terminated(const mailslot_daemon_status *status) {
    require(memchr(status->version, 0, sizeof status->version));
    require(memchr(status->computer, 0, sizeof status->computer));
    require(memchr(status->workgroup, 0, sizeof status->workgroup));
    require(memchr(status->scope, 0, sizeof status->scope));
    require(memchr(status->nmbd_socket, 0, sizeof status->nmbd_socket));
    for (size_t i = 0; i < status->name_count; i++)
        require(memchr(status->names[i].name, 0, sizeof status->names[i].name));
}

static void check_counts(const mailslot_daemon_status *status) {
    require(status->interface_count <= MAILSLOT_DAEMON_INTERFACES_MAX);
    require(status->name_count <= MAILSLOT_DAEMON_NAMES_MAX);
    require(status->user_count <= MAILSLOT_DAEMON_USERS_MAX);
    require(status->malformed_count <= MAILSLOT_DAEMON_MALFORMED_MAX);
    require(status->nmbd <= MAILSLOT_DAEMON_NMBD_CONNECTED);
}

/* What decodes is within its bounds, and encoding it again loses nothing. */
static void check_status(const msi_relay_message *message) {
    static unsigned char first[MSI_STATUS_ENCODED_MAX], second[MSI_STATUS_ENCODED_MAX];
    mailslot_daemon_status status;
    if (!msi_status_decode(&status, message->data, message->data_len))
        return;
    check_counts(&status);
    check_terminated(&status);
    size_t len = msi_status_encode(&status, first);
    require(len <= sizeof first && msi_status_decode(&status, first, len));
    require(msi_status_encode(&status, second) == len && !memcmp(first, second, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    unsigned char head[MSI_RELAY_HEAD_MAX];
    msi_relay_message message;
    if (!msi_relay_decode(&message, data, size))
        return 0;
    if (is_foreign(&message)) {
        check_foreign(&message);
        return 0;
    }
    check_strings(&message);
    check_values(&message);
    check_key(&message);
    check_data(&message, data, size);
    if (message.type == MSI_RELAY_STATUS_REPORT)
        check_status(&message);
    size_t len = msi_relay_encode_head(&message, head);
    require(len + message.data_len == size && !memcmp(head, data, len));
    return 0;
}
