/* Encodes and decodes packets; the format is described in protocol.h. */
#include "protocol.h"
#include "fields.h"

#include <string.h>

/* ---- Encoding: each function returns where the next field goes ---- */

static unsigned char *protocol_put_string(unsigned char *at, const char *string, size_t most) {
    size_t len = strnlen(string, most);
    memcpy(msi_fields_put_u8(at, (unsigned)len), string, len);
    return at + 1 + len;
}

static unsigned char *protocol_put_key(unsigned char *at, const char *key) {
    return protocol_put_string(at, key, MSI_PATH_MAX);
}

static unsigned char *protocol_put_envelope(unsigned char *at, const msi_message *envelope) {
    at = msi_fields_put_u64(at, envelope->arrival_ns);
    at = msi_fields_put_u8(at, envelope->remote);
    if (!envelope->remote)
        return msi_fields_put_u32(msi_fields_put_u32(at, envelope->pid), envelope->uid);
    at = protocol_put_string(at, envelope->computer, MSI_COMPUTER_SIZE - 1);
    return protocol_put_string(at, envelope->address, MSI_ADDRESS_SIZE - 1);
}

static unsigned char *protocol_put_registration(unsigned char *at,
                                                const msi_relay_message *message) {
    at = protocol_put_key(at, message->key);
    at = msi_fields_put_u8(at, message->access);
    at = msi_fields_put_u8(at, message->local_only);
    return msi_fields_put_u32(at, message->limit);
}

size_t msi_relay_encode_head(const msi_relay_message *message,
                             unsigned char out[MSI_RELAY_HEAD_MAX]) {
    unsigned char *at = msi_fields_put_u8(out, message->type);
    switch (message->type) {
    case MSI_RELAY_REGISTER:
        at = protocol_put_registration(msi_fields_put_u8(at, message->version), message);
        break;
    case MSI_RELAY_OPEN:
        at = protocol_put_key(msi_fields_put_u8(at, message->version), message->key);
        break;
    case MSI_RELAY_BROADCAST:
    case MSI_RELAY_STATUS:
    case MSI_RELAY_STATUS_QUERY:
        at = msi_fields_put_u8(at, message->version);
        break;
    case MSI_RELAY_REPLY:
        at = msi_fields_put_u8(at, message->err);
        break;
    case MSI_RELAY_OPENED:
        at = msi_fields_put_u32(msi_fields_put_u32(at, message->limit), message->uid);
        break;
    case MSI_RELAY_DELIVER:
        at = protocol_put_envelope(at, &message->envelope);
        break;
    case MSI_RELAY_PUT:
    case MSI_RELAY_STATUS_TEXT:
    case MSI_RELAY_STATUS_REPORT:
        break;
    }
    return (size_t)(at - out);
}

/* ---- Decoding: a missing or invalid field makes the whole message unsound ---- */

/* A string must not contain a NUL, or two different packets could mean the same name. */
static void protocol_get_string(msi_fields *in, char *string, size_t most) {
    size_t len = msi_fields_get_u8(in);
    if (!in->sound || len > in->left || len > most || memchr(in->at, 0, len)) {
        in->sound = false;
        return;
    }
    memcpy(string, msi_fields_get_bytes(in, len), len);
    string[len] = 0;
}

/* Accept only the key of a valid name: keys are compared, counted and printed. */
static void protocol_get_key(msi_fields *in, char *key) {
    msi_name name;
    protocol_get_string(in, key, MSI_PATH_MAX);
    in->sound = in->sound && !msi_name_parse(&name, key) && name.scope == MSI_SCOPE_LOCAL &&
                !strcmp(name.key, key);
}

static void protocol_get_registration(msi_fields *in, msi_relay_message *message) {
    protocol_get_key(in, message->key);
    message->access = (mailslot_access)msi_fields_get_choice(in, MAILSLOT_ACCESS_EVERYONE);
    message->local_only = msi_fields_get_choice(in, true);
    message->limit = msi_fields_get_u32(in);
}

static void protocol_get_envelope(msi_fields *in, msi_message *envelope) {
    envelope->arrival_ns = msi_fields_get_u64(in);
    envelope->remote = msi_fields_get_choice(in, true);
    if (!envelope->remote) {
        envelope->pid = msi_fields_get_u32(in);
        envelope->uid = msi_fields_get_u32(in);
        return;
    }
    protocol_get_string(in, envelope->computer, MSI_COMPUTER_SIZE - 1);
    protocol_get_string(in, envelope->address, MSI_ADDRESS_SIZE - 1);
}

/* Types that may open a connection carry the version. */
static bool protocol_is_first(msi_relay_type type) {
    return type == MSI_RELAY_REGISTER || type == MSI_RELAY_OPEN || type == MSI_RELAY_BROADCAST ||
           type == MSI_RELAY_STATUS || type == MSI_RELAY_STATUS_QUERY;
}

/* The data is the rest of the packet; types without data must have no rest. */
static void protocol_get_data(msi_fields *in, msi_relay_message *message, size_t most) {
    in->sound = in->sound && in->left <= most;
    if (!in->sound || !most)
        return;
    message->data_len = in->left;
    message->data = msi_fields_get_bytes(in, in->left);
}

static void protocol_get_fields(msi_fields *in, msi_relay_message *message) {
    size_t most_data = 0;
    switch (message->type) {
    case MSI_RELAY_REGISTER:
        protocol_get_registration(in, message);
        break;
    case MSI_RELAY_OPEN:
        protocol_get_key(in, message->key);
        break;
    case MSI_RELAY_REPLY:
        message->err = (mailslot_err)msi_fields_get_choice(in, MAILSLOT_ERR_OS);
        most_data = MSI_RELAY_WORDS_MAX;
        break;
    case MSI_RELAY_OPENED:
        message->limit = msi_fields_get_u32(in);
        message->uid = msi_fields_get_u32(in);
        break;
    case MSI_RELAY_DELIVER:
        protocol_get_envelope(in, &message->envelope);
        most_data = MSI_RELAY_DATA_MAX;
        break;
    case MSI_RELAY_PUT:
    case MSI_RELAY_BROADCAST:
    case MSI_RELAY_STATUS_TEXT:
    case MSI_RELAY_STATUS_REPORT:
        most_data = MSI_RELAY_DATA_MAX;
        break;
    case MSI_RELAY_STATUS:
    case MSI_RELAY_STATUS_QUERY:
        break;
    default:
        in->sound = false;
    }
    protocol_get_data(in, message, most_data);
    if (message->type == MSI_RELAY_DELIVER)
        message->envelope.len = message->data_len;
}

/* A first message of another version is sound as far as its version: the daemon must be able to
 * answer it with UNSUPPORTED. Its other fields may have another format. */
bool msi_relay_decode(msi_relay_message *message, const unsigned char *packet, size_t len) {
    msi_fields in = {packet, len, true};
    *message = (msi_relay_message){.type = (msi_relay_type)msi_fields_get_u8(&in)};
    if (protocol_is_first(message->type)) {
        message->version = msi_fields_get_u8(&in);
        if (in.sound && message->version != MSI_RELAY_VERSION)
            return true;
    }
    protocol_get_fields(&in, message);
    return in.sound;
}
