/* The table of slots, and a message for each codec that can be checked. */
#include "message.h"
#include "soak.h"

#include <mailslot/mailslot.h>
#include <mailslot/msgpack.h>
#include <mailslot/protobuf.h>
#include <mailslot/text.h>

#include "trace.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

MAILSLOT_PROTOBUF(event, Trace__Event, trace__event__descriptor)

uint64_t mix(uint64_t a, uint64_t b) {
    uint64_t x = (a ^ UINT64_C(0x2545f4914f6cdd1d)) * UINT64_C(0xff51afd7ed558ccd) + b;
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    x = (x ^ x >> 29) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

/* ---- Kinds ---- */

static mailslot_err put_text(mailslot *slot, const char *payload, size_t len) {
    (void)len;
    return mailslot_put(slot, payload);
}

static mailslot_bytes text_payload(const void *value) {
    return (mailslot_bytes){value, strlen(value)};
}

static mailslot_err put_bytes(mailslot *slot, const char *payload, size_t len) {
    return mailslot_put(slot, &(mailslot_bytes){payload, len});
}

static mailslot_bytes bytes_payload(const void *value) { return *(const mailslot_bytes *)value; }

static int fill(msgpack_packer *packer, void *ctx) {
    const mailslot_bytes *payload = ctx;
    return msgpack_pack_map(packer, 1) || msgpack_pack_nil(packer) ||
           msgpack_pack_bin_with_body(packer, payload->data, payload->len);
}

/* As a stream and as an object: the same bytes, two ways to them. */
static mailslot_err put_msgpack(mailslot *slot, const char *payload, size_t len) {
    if (len % 2)
        return mailslot_put_msgpack(slot, fill, &(mailslot_bytes){payload, len});
    msgpack_object_kv pair = {.key = {.type = MSGPACK_OBJECT_NIL},
                              .val = {.type = MSGPACK_OBJECT_BIN}};
    pair.val.via.bin.size = (uint32_t)len;
    pair.val.via.bin.ptr = payload;
    msgpack_object object = {.type = MSGPACK_OBJECT_MAP};
    object.via.map.size = 1;
    object.via.map.ptr = &pair;
    return mailslot_put(slot, &object);
}

static mailslot_bytes msgpack_payload(const void *value) {
    const msgpack_object *object = value;
    if (object->type != MSGPACK_OBJECT_MAP || object->via.map.size != 1 ||
        object->via.map.ptr->val.type != MSGPACK_OBJECT_BIN)
        fail("a MessagePack message is not of the form that was put");
    const msgpack_object_bin *bin = &object->via.map.ptr->val.via.bin;
    return (mailslot_bytes){bin->ptr, bin->size};
}

/* An event without a text is all defaults, and so has no bytes at all. */
static mailslot_err put_event(mailslot *slot, const char *payload, size_t len) {
    Trace__Event event = TRACE__EVENT__INIT;
    Trace__Event__AttributesEntry entry = TRACE__EVENT__ATTRIBUTES_ENTRY__INIT;
    Trace__Event__AttributesEntry *entries[] = {&entry};
    entry.key = entry.value = "soak";
    if (len) {
        event.message = (char *)payload;
        event.timestamp = len;
        event.n_attributes = 1;
        event.attributes = entries;
    }
    return event_put(slot, &event);
}

static mailslot_bytes event_payload(const void *value) {
    const Trace__Event *event = value;
    size_t len = strlen(event->message);
    if (event->timestamp != len || event->n_attributes != (len > 0))
        fail("a Protobuf message is not of the form that was put");
    return (mailslot_bytes){event->message, len};
}

/* The default maximum, and below it what a codec adds: at most 7 bytes and 27 bytes. */
enum { DEFAULT_MOST = 65535, MSGPACK_ADDS = 7, EVENT_ADDS = 27, SMALL_MOST = 424 };

static const struct kind bytes = {
    "bytes",   mailslot_codec_bytes, PAYLOAD_MOST, 4 << 20, PAYLOAD_MOST, true,
    put_bytes, bytes_payload,
};
static const struct kind text = {
    "text", mailslot_codec_text, 0, 1 << 20, DEFAULT_MOST, false, put_text, text_payload,
};
static const struct kind utf8 = {
    "utf8", mailslot_codec_utf8, SMALL_MOST, 16 << 10, SMALL_MOST, false, put_text, text_payload,
};
static const struct kind msgpack = {
    "msgpack",   mailslot_codec_msgpack, 0, 1 << 20, DEFAULT_MOST - MSGPACK_ADDS, true,
    put_msgpack, msgpack_payload,
};
static const struct kind event = {
    "protobuf", event_codec,   0, 16 << 20, DEFAULT_MOST - EVENT_ADDS, false,
    put_event,  event_payload,
};

const __typeof__(soak_slots) soak_slots = {
    {"soak\\bytes", &bytes},
    {"soak\\text", &text},
    {"soak\\utf8", &utf8},
    {"soak\\msgpack", &msgpack},
    {"soak\\protobuf", &event},
    {"soak\\passing\\text", &text},
    {"soak\\passing\\bytes", &bytes},
    {"soak\\passing\\protobuf", &event},
};

/* ---- Payloads ---- */

enum { PATTERN = PAYLOAD_MOST + 4096, LONGEST_STREAM = 600 };

/* Payloads are windows on one long pattern: cheap to make and to compare. The second has any byte,
 * the first only text. */
static char patterns[2][PATTERN];

__attribute__((constructor)) static void fill_patterns(void) {
    for (size_t i = 0; i < PATTERN; i++) {
        uint64_t random = mix(i, 7);
        patterns[false][i] = (char)('a' + random % 26);
        patterns[true][i] = (char)random;
    }
}

uint32_t stream_length(uint64_t stream) { return 1 + mix(stream, 1) % LONGEST_STREAM; }

/* Every order of magnitude as often as any other, and now and then the least and the most. */
static size_t payload_size(const struct kind *kind, uint64_t stream, uint32_t number) {
    uint64_t random = mix(stream, (uint64_t)number << 8 | 2);
    size_t size = 0;
    if (random % 64 == 1)
        size = kind->most;
    else if (random % 8) {
        size_t below = (size_t)2 << (random >> 8) % 20;
        size = (random >> 16) % (below < kind->most ? below : kind->most);
    }
    return number == 0 && size < IDENTITY ? IDENTITY : size;
}

mailslot_bytes payload_of(const struct kind *kind, uint64_t stream, uint32_t number) {
    static char buffer[PAYLOAD_MOST + 1];
    size_t len = payload_size(kind, stream, number);
    size_t offset = mix(stream, (uint64_t)number << 8 | 3) % (PATTERN - PAYLOAD_MOST);
    memcpy(buffer, patterns[kind->any_byte] + offset, len);
    char identity[IDENTITY + 1];
    snprintf(identity, sizeof identity, "%016" PRIx64 "%08" PRIx32, stream, number);
    if (len >= IDENTITY)
        memcpy(buffer, identity, IDENTITY);
    buffer[len] = '\0';
    return (mailslot_bytes){buffer, len};
}

bool payload_read(mailslot_bytes payload, uint64_t *stream, uint32_t *number) {
    char identity[IDENTITY + 1] = "";
    memcpy(identity, payload.data, IDENTITY);
    return sscanf(identity, "%16" SCNx64 "%8" SCNx32, stream, number) == 2;
}

void put_too_much(const struct kind *kind, mailslot *slot) {
    size_t limit = kind->max_message ? kind->max_message : DEFAULT_MOST;
    mailslot_err err = mailslot_put_bytes(slot, patterns[kind->any_byte], limit + 1);
    if (err != MAILSLOT_ERR_TOO_BIG)
        fail("%s: a byte too many: %s", kind->name, mailslot_errname(err));
}
