/* The same event as MessagePack, a map by name: by the codec, and by msgpack-c and bytes. */
#include "cost_event.h"
#include "cost_ways.h"

#include <mailslot/msgpack.h>

#include <stdlib.h>
#include <string.h>

#define PACKED_MAX 1024
#define FIELDS     6
#define ZONE_CHUNK 8192

struct memory {
    msgpack_object event; /* to be put */
    msgpack_object_kv fields[FIELDS];
    msgpack_object_kv attributes[EVENT_ATTRIBUTES];
    const msgpack_object *got;
    mailslot_record *record;
    msgpack_sbuffer buffer;
    char packed[PACKED_MAX];
    msgpack_zone zone;
    msgpack_object unpacked;
};

static msgpack_object text(const char *chars) {
    msgpack_object object = {.type = MSGPACK_OBJECT_STR};
    object.via.str.ptr = chars;
    object.via.str.size = (uint32_t)strlen(chars);
    return object;
}

static msgpack_object number(uint64_t value) {
    msgpack_object object = {.type = MSGPACK_OBJECT_POSITIVE_INTEGER};
    object.via.u64 = value;
    return object;
}

static msgpack_object map(msgpack_object_kv *pairs, uint32_t count) {
    msgpack_object object = {.type = MSGPACK_OBJECT_MAP};
    object.via.map.ptr = pairs;
    object.via.map.size = count;
    return object;
}

static void fill(struct memory *memory) {
    for (unsigned i = 0; i < EVENT_ATTRIBUTES; i++)
        memory->attributes[i] = (msgpack_object_kv){text(event_keys[i]), text(event_values[i])};
    msgpack_object_kv fields[FIELDS] = {
        {text("timestamp"), number(0)},
        {text("severity"), number(EVENT_SEVERITY)},
        {text("host"), text(EVENT_HOST)},
        {text("process"), text(EVENT_PROCESS)},
        {text("message"), text(EVENT_MESSAGE)},
        {text("attributes"), map(memory->attributes, EVENT_ATTRIBUTES)},
    };
    memcpy(memory->fields, fields, sizeof fields);
    memory->event = map(memory->fields, FIELDS);
}

static void *remember(void) {
    struct memory *memory = calloc(1, sizeof *memory);
    if (memory == NULL)
        return NULL;
    if (mailslot_record_new(&memory->record) != MAILSLOT_OK ||
        !msgpack_zone_init(&memory->zone, ZONE_CHUNK)) {
        mailslot_record_free(memory->record);
        free(memory);
        return NULL;
    }
    msgpack_sbuffer_init(&memory->buffer);
    fill(memory);
    return memory;
}

static void forget(void *memory) {
    struct memory *mine = memory;
    mailslot_record_free(mine->record);
    msgpack_zone_destroy(&mine->zone);
    msgpack_sbuffer_destroy(&mine->buffer);
    free(mine);
}

static bool intact(const struct cost_end *end) {
    struct memory *memory = end->memory;
    memory->fields[0].val.via.u64 = memory->got->via.map.ptr[0].val.via.u64;
    return msgpack_object_equal(*memory->got, memory->event);
}

static uint64_t sequence_of(const msgpack_object *event) {
    bool whole = event->type == MSGPACK_OBJECT_MAP && event->via.map.size == FIELDS;
    return whole ? event->via.map.ptr[0].val.via.u64 : UINT64_MAX;
}

/* ---- By the codec ------------------------------------------------------------------------ */

static mailslot_err codec_put(struct cost_end *end, uint64_t sequence) {
    struct memory *memory = end->memory;
    memory->fields[0].val.via.u64 = sequence;
    return mailslot_put(end->slot, &memory->event);
}

static mailslot_err codec_get(struct cost_end *end, uint64_t *sequence) {
    struct memory *memory = end->memory;
    mailslot_err err = mailslot_get(end->slot, memory->record, MAILSLOT_FOREVER);
    if (err == MAILSLOT_OK) {
        memory->got = mailslot_record_value(memory->record);
        *sequence = sequence_of(memory->got);
    }
    return err;
}

const struct cost_way cost_msgpack = {
    .id = "msgpack",
    .title = "MessagePack map, codec",
    .group = "msgpack",
    .writers = 1,
    .codec = mailslot_codec_msgpack,
    .remember = remember,
    .forget = forget,
    .put = codec_put,
    .get = codec_get,
    .intact = intact,
};

/* ---- By hand ----------------------------------------------------------------------------- */

static mailslot_err zone_put(struct cost_end *end, uint64_t sequence) {
    struct memory *memory = end->memory;
    memory->fields[0].val.via.u64 = sequence;
    msgpack_sbuffer_clear(&memory->buffer);
    msgpack_packer packer;
    msgpack_packer_init(&packer, &memory->buffer, msgpack_sbuffer_write);
    if (msgpack_pack_object(&packer, memory->event) != 0)
        return mailslot_fail(MAILSLOT_ERR_NO_MEMORY, "msgpack-c cannot pack it");
    return mailslot_put_bytes(end->slot, memory->buffer.data, memory->buffer.size);
}

static mailslot_err zone_get(struct cost_end *end, uint64_t *sequence) {
    struct memory *memory = end->memory;
    size_t len = 0;
    mailslot_err err =
        mailslot_get_bytes(end->slot, memory->packed, PACKED_MAX, &len, MAILSLOT_FOREVER);
    if (err != MAILSLOT_OK)
        return err;
    msgpack_zone_clear(&memory->zone);
    size_t offset = 0;
    if (msgpack_unpack(memory->packed, len, &offset, &memory->zone, &memory->unpacked) !=
        MSGPACK_UNPACK_SUCCESS)
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "msgpack-c cannot unpack it");
    memory->got = &memory->unpacked;
    *sequence = sequence_of(memory->got);
    return MAILSLOT_OK;
}

const struct cost_way cost_msgpack_zone = {
    .id = "msgpack-zone",
    .title = "by hand, kept zone",
    .group = "msgpack",
    .writers = 1,
    .remember = remember,
    .forget = forget,
    .put = zone_put,
    .get = zone_get,
    .intact = intact,
};
