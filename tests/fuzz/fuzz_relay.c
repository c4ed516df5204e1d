/* Packets between libraries and mailslotd. The input is a packet: what is accepted is within its
 * bounds, and as a message it is written to the same bytes again. */
#include "fuzz.h"

#include <relay/protocol.h>

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
                 message->type == MSI_RELAY_BROADCAST || message->type == MSI_RELAY_STATUS;
    require(first || !message->version);
    return first && message->version != MSI_RELAY_VERSION;
}

static void check_foreign(const msi_relay_message *message) {
    const msi_relay_message expected = {.type = message->type, .version = message->version};
    require(!*message->key && message->access == expected.access && !message->local_only);
    require(!message->limit && !message->data && !message->data_len);
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
    size_t len = msi_relay_encode_head(&message, head);
    require(len + message.data_len == size && !memcmp(head, data, len));
    return 0;
}
