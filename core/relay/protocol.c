/* Encodes and decodes packets; the format is described in protocol.h. */
#include "protocol.h"
#include "byteorder.h"

#include <string.h>

/* Encoding: each function returns where the next field goes */

static unsigned char *protocol_put_u8(unsigned char *at, unsigned value) {
    *at = (unsigned char)value;
    return at + 1;
}

static unsigned char *protocol_put_u32(unsigned char *at, uint32_t value) {
    msi_put_be32(at, value);
    return at + 4;
}

static unsigned char *protocol_put_u64(unsigned char *at, uint64_t value) {
    return protocol_put_u32(protocol_put_u32(at, (uint32_t)(value >> 32)), (uint32_t)value);
}

static unsigned char *protocol_put_string(unsigned char *at, const char *string, size_t most) {
    size_t len = strnlen(string, most);
    memcpy(protocol_put_u8(at, (unsigned)len), string, len);
    return at + 1 + len;
}

static unsigned char *protocol_put_key(unsigned char *at, const char *key) {
    return protocol_put_string(at, key, MSI_PATH_MAX);
}

static unsigned char *protocol_put_envelope(unsigned char *at, const msi_message *envelope) {
    at = protocol_put_u64(at, envelope->arrival_ns);
    at = protocol_put_u8(at, envelope->remote);
    if (!envelope->remote)
        return protocol_put_u32(protocol_put_u32(at, envelope->pid), envelope->uid);
    at = protocol_put_string(at, envelope->computer, MSI_COMPUTER_SIZE - 1);
    return protocol_put_string(at, envelope->address, MSI_ADDRESS_SIZE - 1);
}

static unsigned char *protocol_put_registration(unsigned char *at,
                                                const msi_relay_message *message) {
    at = protocol_put_key(at, message->key);
    at = protocol_put_u8(at, message->access);
    at = protocol_put_u8(at, message->local_only);
    return protocol_put_u32(at, message->limit);
}

size_t msi_relay_encode_head(const msi_relay_message *message,
                             unsigned char out[MSI_RELAY_HEAD_MAX]) {
    unsigned char *at = protocol_put_u8(out, message->type);
    switch (message->type) {
    case MSI_RELAY_REGISTER:
        at = protocol_put_registration(protocol_put_u8(at, message->version), message);
        break;
    case MSI_RELAY_OPEN:
        at = protocol_put_key(protocol_put_u8(at, message->version), message->key);
        break;
    case MSI_RELAY_BROADCAST:
    case MSI_RELAY_STATUS:
    case MSI_RELAY_STATUS_QUERY:
        at = protocol_put_u8(at, message->version);
        break;
    case MSI_RELAY_REPLY:
        at = protocol_put_u8(at, message->err);
        break;
    case MSI_RELAY_OPENED:
        at = protocol_put_u32(protocol_put_u32(at, message->limit), message->uid);
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

/* Decoding: a missing or invalid field makes the whole message unsound */

typedef struct {
    const unsigned char *at;
    size_t left;
    bool sound;
} source;

/* Past the end of the packet every field reads as zeros and `sound` becomes false for good, so that
 * only msi_relay_decode() has to test it. Longer requests than `nothing` check the length first. */
static const unsigned char *protocol_get_bytes(source *in, size_t len) {
    static const unsigned char nothing[8];
    if (len > in->left) {
        in->sound = false;
        return nothing;
    }
    in->at += len;
    in->left -= len;
    return in->at - len;
}

static uint8_t protocol_get_u8(source *in) { return *protocol_get_bytes(in, 1); }

static uint32_t protocol_get_u32(source *in) { return msi_get_be32(protocol_get_bytes(in, 4)); }

static uint64_t protocol_get_u64(source *in) {
    uint64_t high = protocol_get_u32(in);
    return high << 32 | protocol_get_u32(in);
}

/* A byte that must not exceed the last value of an enum, or true for a boolean. */
static unsigned protocol_get_choice(source *in, unsigned last) {
    unsigned choice = protocol_get_u8(in);
    in->sound = in->sound && choice <= last;
    return in->sound ? choice : 0;
}

/* A string must not contain a NUL, or two different packets could mean the same name. */
static void protocol_get_string(source *in, char *string, size_t most) {
    size_t len = protocol_get_u8(in);
    if (!in->sound || len > in->left || len > most || memchr(in->at, 0, len)) {
        in->sound = false;
        return;
    }
    memcpy(string, protocol_get_bytes(in, len), len);
    string[len] = 0;
}

/* Accept only the key of a valid name: keys are compared, counted and printed. */
static void protocol_get_key(source *in, char *key) {
    msi_name name;
    protocol_get_string(in, key, MSI_PATH_MAX);
    in->sound = in->sound && !msi_name_parse(&name, key) && name.scope == MSI_SCOPE_LOCAL &&
                !strcmp(name.key, key);
}

static void protocol_get_registration(source *in, msi_relay_message *message) {
    protocol_get_key(in, message->key);
    message->access = (mailslot_access)protocol_get_choice(in, MAILSLOT_ACCESS_EVERYONE);
    message->local_only = protocol_get_choice(in, true);
    message->limit = protocol_get_u32(in);
}

static void protocol_get_envelope(source *in, msi_message *envelope) {
    envelope->arrival_ns = protocol_get_u64(in);
    envelope->remote = protocol_get_choice(in, true);
    if (!envelope->remote) {
        envelope->pid = protocol_get_u32(in);
        envelope->uid = protocol_get_u32(in);
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
static void protocol_get_data(source *in, msi_relay_message *message, size_t most) {
    in->sound = in->sound && in->left <= most;
    if (!in->sound || !most)
        return;
    message->data_len = in->left;
    message->data = protocol_get_bytes(in, in->left);
}

static void protocol_get_fields(source *in, msi_relay_message *message) {
    size_t most_data = 0;
    switch (message->type) {
    case MSI_RELAY_REGISTER:
        protocol_get_registration(in, message);
        break;
    case MSI_RELAY_OPEN:
        protocol_get_key(in, message->key);
        break;
    case MSI_RELAY_REPLY:
        message->err = (mailslot_err)protocol_get_choice(in, MAILSLOT_ERR_OS);
        most_data = MSI_RELAY_WORDS_MAX;
        break;
    case MSI_RELAY_OPENED:
        message->limit = protocol_get_u32(in);
        message->uid = protocol_get_u32(in);
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

bool msi_relay_decode(msi_relay_message *message, const unsigned char *packet, size_t len) {
    source in = {packet, len, true};
    *message = (msi_relay_message){.type = (msi_relay_type)protocol_get_u8(&in)};
    if (protocol_is_first(message->type)) {
        message->version = protocol_get_u8(&in);
        if (in.sound && message->version != MSI_RELAY_VERSION)
            return true;
    }
    protocol_get_fields(&in, message);
    return in.sound;
}
