/* Encodes and decodes mailslotd's status; the format is described in status_codec.h. */
#include "status_codec.h"
#include "connection.h"
#include "fields.h"

#include <string.h>

/* Numbers on the wire: never changed, never reused. */
enum status_tag {
    TAG_VERSION = 1,
    TAG_PID = 2,
    TAG_PORTS = 3,
    TAG_COMPUTER = 4,
    TAG_WORKGROUP = 5,
    TAG_SCOPE = 6,
    TAG_NMBD = 7,
    TAG_INTERFACE = 8,
    TAG_NAME = 9,
    TAG_USER = 10,
    TAG_MALFORMED = 11,
    TAG_GAUGE = 12,
    TAG_COUNTER = 13,
};

enum { FIELD_HEAD = 3 };

#define COUNT_ONE(name, help) +1
enum {
    COUNTER_COUNT = 0 MAILSLOT_DAEMON_COUNTERS(COUNT_ONE),
    GAUGE_COUNT = 0 MAILSLOT_DAEMON_GAUGES(COUNT_ONE),
};

/* Numbers of counters are one byte; the structs consist of nothing else. */
_Static_assert(COUNTER_COUNT < 256 && GAUGE_COUNT < 256, "a number has one byte");
_Static_assert(sizeof(mailslot_daemon_counters) == COUNTER_COUNT * sizeof(uint64_t), "no padding");
_Static_assert(sizeof(mailslot_daemon_gauges) == GAUGE_COUNT * sizeof(uint64_t), "no padding");

/* There are fewer than 256 fields. Each takes at most the size of its member, its head, and three
 * bytes for a number or for lengths of strings. */
_Static_assert(MSI_STATUS_ENCODED_MAX > 256 * (FIELD_HEAD + 3) + sizeof(mailslot_daemon_status),
               "a status fits");

/* ---- Encoding: each function returns where the next field goes ---- */

/* field_begin() leaves room for the length, which field_end() fills in when the field is
 * complete. */
static unsigned char *field_begin(unsigned char *at, enum status_tag tag) {
    *at = (unsigned char)tag;
    return at + FIELD_HEAD;
}

static unsigned char *field_end(unsigned char *field, unsigned char *end) {
    msi_put_be16(field + 1, (uint16_t)(end - field - FIELD_HEAD));
    return end;
}

static unsigned char *append_bytes(unsigned char *at, const char *string, size_t size) {
    size_t len = strnlen(string, size - 1);
    memcpy(at, string, len);
    return at + len;
}

/* With its length before it, for fields that have several. */
static unsigned char *append_string(unsigned char *at, const char *string, size_t size) {
    unsigned char *end = append_bytes(at + 1, string, size);
    *at = (unsigned char)(end - at - 1);
    return end;
}

static unsigned char *put_text(unsigned char *at, enum status_tag tag, const char *string,
                               size_t size) {
    return field_end(at, append_bytes(field_begin(at, tag), string, size));
}

/* One field per number: a peer that knows fewer of them skips the others. */
static unsigned char *put_numbers(unsigned char *at, enum status_tag tag, const uint64_t *numbers,
                                  size_t count) {
    for (size_t i = 0; i < count; i++) {
        unsigned char *value = field_begin(at, tag);
        *value = (unsigned char)i;
        at = field_end(at, msi_fields_put_u64(value + 1, numbers[i]));
    }
    return at;
}

static unsigned char *put_host(unsigned char *at, const mailslot_daemon_status *status) {
    at = put_text(at, TAG_VERSION, status->version, sizeof status->version);
    at = field_end(at, msi_fields_put_u32(field_begin(at, TAG_PID), status->pid));
    uint32_t ports = (uint32_t)status->name_port << 16 | status->datagram_port;
    at = field_end(at, msi_fields_put_u32(field_begin(at, TAG_PORTS), ports));
    at = put_text(at, TAG_COMPUTER, status->computer, sizeof status->computer);
    at = put_text(at, TAG_WORKGROUP, status->workgroup, sizeof status->workgroup);
    at = put_text(at, TAG_SCOPE, status->scope, sizeof status->scope);
    unsigned char *nmbd = field_begin(at, TAG_NMBD);
    *nmbd = (unsigned char)status->nmbd;
    return field_end(at, append_bytes(nmbd + 1, status->nmbd_socket, sizeof status->nmbd_socket));
}

static unsigned char *put_interface(unsigned char *at, const mailslot_daemon_interface *interface) {
    unsigned char *end = field_begin(at, TAG_INTERFACE);
    end = append_string(end, interface->name, sizeof interface->name);
    end = append_string(end, interface->address, sizeof interface->address);
    return field_end(at, append_string(end, interface->broadcast, sizeof interface->broadcast));
}

static unsigned char *put_name(unsigned char *at, const mailslot_daemon_name *name) {
    unsigned char *state = field_begin(at, TAG_NAME);
    *state = (unsigned char)name->state;
    return field_end(at, append_bytes(state + 1, name->name, sizeof name->name));
}

static unsigned char *put_user(unsigned char *at, const mailslot_daemon_user *user) {
    unsigned char *end = msi_fields_put_u32(field_begin(at, TAG_USER), user->uid);
    end = msi_fields_put_u32(msi_fields_put_u32(end, user->connections), user->readers);
    return field_end(at, msi_fields_put_u64(end, user->queued));
}

static unsigned char *put_malformed(unsigned char *at, const mailslot_daemon_malformed *malformed) {
    unsigned char *kind = msi_fields_put_u64(field_begin(at, TAG_MALFORMED), malformed->count);
    return field_end(at, append_bytes(kind, malformed->kind, sizeof malformed->kind));
}

size_t msi_status_encode(const mailslot_daemon_status *status,
                         unsigned char out[MSI_STATUS_ENCODED_MAX]) {
    uint64_t gauges[GAUGE_COUNT], counters[COUNTER_COUNT];
    memcpy(gauges, &status->gauges, sizeof gauges);
    memcpy(counters, &status->counters, sizeof counters);
    unsigned char *at = put_host(out, status);
    for (size_t i = 0; i < status->interface_count; i++)
        at = put_interface(at, &status->interfaces[i]);
    for (size_t i = 0; i < status->name_count; i++)
        at = put_name(at, &status->names[i]);
    for (size_t i = 0; i < status->user_count; i++)
        at = put_user(at, &status->users[i]);
    for (size_t i = 0; i < status->malformed_count; i++)
        at = put_malformed(at, &status->malformed[i]);
    at = put_numbers(at, TAG_GAUGE, gauges, GAUGE_COUNT);
    at = put_numbers(at, TAG_COUNTER, counters, COUNTER_COUNT);
    return (size_t)(at - out);
}

/* ---- Decoding: a field that is not as it must be makes the whole status unsound ---- */

static void source_bytes(msi_fields *in, char *string, size_t size, size_t len) {
    if (!in->sound || len > in->left || len >= size || memchr(in->at, 0, len)) {
        in->sound = false;
        return;
    }
    memcpy(string, msi_fields_get_bytes(in, len), len);
    msi_relay_make_printable(string, len);
    memset(string + len, 0, size - len);
}

/* The rest of the field. */
static void source_text(msi_fields *in, char *string, size_t size) {
    source_bytes(in, string, size, in->left);
}

static void source_string(msi_fields *in, char *string, size_t size) {
    size_t len = msi_fields_get_u8(in);
    source_bytes(in, string, size, len);
}

static void get_ports(msi_fields *in, mailslot_daemon_status *status) {
    uint32_t ports = msi_fields_get_u32(in);
    status->name_port = (uint16_t)(ports >> 16);
    status->datagram_port = (uint16_t)ports;
}

static void get_nmbd(msi_fields *in, mailslot_daemon_status *status) {
    status->nmbd = (mailslot_daemon_nmbd)msi_fields_get_choice(in, MAILSLOT_DAEMON_NMBD_CONNECTED);
    source_text(in, status->nmbd_socket, sizeof status->nmbd_socket);
}

static void get_interface(msi_fields *in, mailslot_daemon_status *status) {
    mailslot_daemon_interface one = {"", "", ""};
    source_string(in, one.name, sizeof one.name);
    source_string(in, one.address, sizeof one.address);
    source_string(in, one.broadcast, sizeof one.broadcast);
    if (in->sound && status->interface_count < MAILSLOT_DAEMON_INTERFACES_MAX)
        status->interfaces[status->interface_count++] = one;
}

static void get_name(msi_fields *in, mailslot_daemon_status *status) {
    mailslot_daemon_name one = {"", MAILSLOT_DAEMON_NAME_CLAIMING};
    one.state =
        (mailslot_daemon_name_state)msi_fields_get_choice(in, MAILSLOT_DAEMON_NAME_RELEASED);
    source_text(in, one.name, sizeof one.name);
    if (in->sound && status->name_count < MAILSLOT_DAEMON_NAMES_MAX)
        status->names[status->name_count++] = one;
}

static void get_user(msi_fields *in, mailslot_daemon_status *status) {
    mailslot_daemon_user one;
    one.uid = msi_fields_get_u32(in);
    one.connections = msi_fields_get_u32(in);
    one.readers = msi_fields_get_u32(in);
    one.queued = msi_fields_get_u64(in);
    if (in->sound && status->user_count < MAILSLOT_DAEMON_USERS_MAX)
        status->users[status->user_count++] = one;
}

static void get_malformed(msi_fields *in, mailslot_daemon_status *status) {
    mailslot_daemon_malformed one = {"", 0};
    one.count = msi_fields_get_u64(in);
    source_text(in, one.kind, sizeof one.kind);
    if (in->sound && status->malformed_count < MAILSLOT_DAEMON_MALFORMED_MAX)
        status->malformed[status->malformed_count++] = one;
}

/* Into the number-th uint64_t of a struct that consists of count of them. */
static void get_number(msi_fields *in, void *numbers, size_t count) {
    size_t number = msi_fields_get_u8(in);
    uint64_t value = msi_fields_get_u64(in);
    if (in->sound && number < count)
        memcpy((char *)numbers + number * sizeof value, &value, sizeof value);
}

/* What a field that is skipped contains does not matter. */
static void get_field(msi_fields *in, unsigned tag, mailslot_daemon_status *status) {
    switch (tag) {
    case TAG_VERSION:
        source_text(in, status->version, sizeof status->version);
        break;
    case TAG_PID:
        status->pid = msi_fields_get_u32(in);
        break;
    case TAG_PORTS:
        get_ports(in, status);
        break;
    case TAG_COMPUTER:
        source_text(in, status->computer, sizeof status->computer);
        break;
    case TAG_WORKGROUP:
        source_text(in, status->workgroup, sizeof status->workgroup);
        break;
    case TAG_SCOPE:
        source_text(in, status->scope, sizeof status->scope);
        break;
    case TAG_NMBD:
        get_nmbd(in, status);
        break;
    case TAG_INTERFACE:
        get_interface(in, status);
        break;
    case TAG_NAME:
        get_name(in, status);
        break;
    case TAG_USER:
        get_user(in, status);
        break;
    case TAG_MALFORMED:
        get_malformed(in, status);
        break;
    case TAG_GAUGE:
        get_number(in, &status->gauges, GAUGE_COUNT);
        break;
    case TAG_COUNTER:
        get_number(in, &status->counters, COUNTER_COUNT);
        break;
    default:
        in->left = 0;
    }
}

static bool source_field(msi_fields *in, mailslot_daemon_status *status) {
    unsigned tag = msi_fields_get_u8(in);
    size_t len = msi_get_be16(msi_fields_get_bytes(in, 2));
    msi_fields field = {in->at, len, true};
    msi_fields_get_bytes(in, len);
    if (!in->sound)
        return false;
    get_field(&field, tag, status);
    return field.sound && !field.left;
}

/* Ends: each field takes at least its head, or is unsound. Every daemon sends version and pid. */
bool msi_status_decode(mailslot_daemon_status *status, const unsigned char *bytes, size_t len) {
    msi_fields in = {bytes, len, true};
    memset(status, 0, sizeof *status);
    status->size = sizeof *status;
    while (in.left)
        if (!source_field(&in, status))
            return false;
    return *status->version && status->pid;
}
