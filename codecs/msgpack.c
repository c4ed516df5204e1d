/*
 * The codec msgpack. A scan over the bytes comes before msgpack-c in both directions, because
 * msgpack-c trusts the sizes that a message announces.
 */
#include "msgpack_scan.h"

#include <mailslot/msgpack.h>

#include <inttypes.h>

/* ---- Decoding ---- */

/* More than any budget allows, and small enough not to overflow. */
#define MOST_OBJECTS (SIZE_MAX / sizeof(msgpack_object) - 1)

_Static_assert(sizeof(msgpack_object) % MSGPACK_ZONE_ALIGN == 0 &&
                   sizeof(msgpack_object_kv) == 2 * sizeof(msgpack_object),
               "a zone holds one object for each element, and no padding");

/*
 * msgpack_unpack() takes its memory from a zone, which mallocs only when its first chunk is used
 * up. Ours lies in scratch memory, behind the object, and is as large as the scan says it will be,
 * so it is never used up, owns nothing and needs no destroying.
 */
static mailslot_err unpack_into_zone(mailslot_bytes bytes, msgpack_object *object,
                                     size_t zone_size) {
    msgpack_zone zone = {.chunk_list = {.free = zone_size, .ptr = (char *)(object + 1)}};
    size_t offset = 0;
    if (msgpack_unpack(bytes.data, bytes.len, &offset, &zone, object) != MSGPACK_UNPACK_SUCCESS)
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE,
                             "not MessagePack at byte %zu; was the message put with another codec?",
                             offset);
    return MAILSLOT_OK;
}

/* A message that announces more elements than it has bytes is TOO_COMPLEX if they would exceed the
 * budget, and only otherwise BAD_MESSAGE, so the allocation is tried before it is refused. */
static mailslot_err msgpack_decode(const mailslot_codec *codec, mailslot_scratch *scratch,
                                   mailslot_bytes bytes, const void **value) {
    (void)codec;
    msi_msgpack_scan scan;
    msi_msgpack_scan_start(&scan, bytes.len);
    msi_msgpack_scan_verdict verdict = msi_msgpack_scan_feed(&scan, bytes.data, bytes.len);
    if (verdict && verdict != MSI_MSGPACK_SCAN_SHORT)
        return msi_msgpack_scan_fail(&scan, verdict, MAILSLOT_ERR_BAD_MESSAGE,
                                     MAILSLOT_ERR_TOO_COMPLEX);
    size_t objects = 1 + (size_t)(scan.elements < MOST_OBJECTS ? scan.elements : MOST_OBJECTS);
    msgpack_object *object = mailslot_scratch_alloc(scratch, objects * sizeof *object);
    if (!object)
        return mailslot_scratch_error(scratch);
    if (verdict)
        return msi_msgpack_scan_fail(&scan, verdict, MAILSLOT_ERR_BAD_MESSAGE,
                                     MAILSLOT_ERR_TOO_COMPLEX);
    *value = object;
    return unpack_into_zone(bytes, object, (objects - 1) * sizeof *object);
}

/* ---- Encoding ---- */

/* The sink behind msgpack-c's packer. */
struct writer {
    mailslot_sink *sink;
    msi_msgpack_scan *scan; /* of the bytes written; NULL: checked before */
    mailslot_err err;
    msi_msgpack_scan_verdict verdict;
};

static int writer_write(void *ctx, const char *data, size_t len) {
    struct writer *writer = ctx;
    if (writer->scan && !writer->verdict)
        writer->verdict = msi_msgpack_scan_feed(writer->scan, data, len);
    if (!writer->err && !writer->verdict)
        writer->err = mailslot_sink_write(writer->sink, data, len);
    return writer->err || writer->verdict ? -1 : 0;
}

static mailslot_err check_object(const msgpack_object *object, unsigned depth);

static mailslot_err check_array(const msgpack_object_array *array, unsigned depth) {
    if (array->size && !array->ptr)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                             "MessagePack array of %" PRIu32 " elements, but ptr is NULL",
                             array->size);
    mailslot_err err = MAILSLOT_OK;
    for (uint32_t i = 0; !err && i < array->size; i++)
        err = check_object(&array->ptr[i], depth + 1);
    return err;
}

static mailslot_err check_map(const msgpack_object_map *map, unsigned depth) {
    if (map->size && !map->ptr)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                             "MessagePack map of %" PRIu32 " elements, but ptr is NULL", map->size);
    mailslot_err err = MAILSLOT_OK;
    for (uint32_t i = 0; !err && i < map->size; i++) {
        err = check_object(&map->ptr[i].key, depth + 1);
        if (!err)
            err = check_object(&map->ptr[i].val, depth + 1);
    }
    return err;
}

static mailslot_err check_body(uint32_t size, const char *ptr) {
    if (size && !ptr)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE,
                             "MessagePack value of %" PRIu32 " bytes, but ptr is NULL", size);
    return MAILSLOT_OK;
}

/* Recursion is bounded by MSI_MSGPACK_DEPTH, as msgpack_pack_object()'s then is. */
static mailslot_err check_object(const msgpack_object *object, unsigned depth) {
    if (depth == MSI_MSGPACK_DEPTH)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "MessagePack nested over %d deep, the limit",
                             MSI_MSGPACK_DEPTH);
    switch (object->type) {
    case MSGPACK_OBJECT_NIL:
    case MSGPACK_OBJECT_BOOLEAN:
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return MAILSLOT_OK;
    case MSGPACK_OBJECT_STR:
        return check_body(object->via.str.size, object->via.str.ptr);
    case MSGPACK_OBJECT_BIN:
        return check_body(object->via.bin.size, object->via.bin.ptr);
    case MSGPACK_OBJECT_EXT:
        return check_body(object->via.ext.size, object->via.ext.ptr);
    case MSGPACK_OBJECT_ARRAY:
        return check_array(&object->via.array, depth);
    case MSGPACK_OBJECT_MAP:
        return check_map(&object->via.map, depth);
    }
    return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "MessagePack object of unknown type %d",
                         (int)object->type);
}

static mailslot_err msgpack_encode(const mailslot_codec *codec, const void *value,
                                   mailslot_sink *sink) {
    (void)codec;
    mailslot_err err = check_object(value, 0);
    if (err)
        return err;
    struct writer writer = {.sink = sink};
    msgpack_packer packer;
    msgpack_packer_init(&packer, &writer, writer_write);
    msgpack_pack_object(&packer, *(const msgpack_object *)value);
    return writer.err;
}

const mailslot_codec *mailslot_codec_msgpack(void) {
    static const mailslot_codec msgpack = {sizeof msgpack, "msgpack", NULL, msgpack_encode,
                                           msgpack_decode};
    return &msgpack;
}

/* ---- The streaming put ---- */

struct filling {
    int (*fill)(msgpack_packer *packer, void *ctx);
    void *ctx;
};

static mailslot_err filling_encode(const mailslot_codec *codec, const void *value,
                                   mailslot_sink *sink) {
    (void)codec;
    const struct filling *filling = value;
    msi_msgpack_scan scan;
    msi_msgpack_scan_start(&scan, UINT64_MAX);
    struct writer writer = {.sink = sink, .scan = &scan};
    msgpack_packer packer;
    msgpack_packer_init(&packer, &writer, writer_write);
    int given_up = filling->fill(&packer, filling->ctx);
    if (writer.err)
        return writer.err;
    if (writer.verdict)
        return msi_msgpack_scan_fail(&scan, writer.verdict, MAILSLOT_ERR_BAD_VALUE,
                                     MAILSLOT_ERR_BAD_VALUE);
    if (given_up)
        return mailslot_fail(MAILSLOT_ERR_BAD_VALUE, "fill returned %d, so nothing was put",
                             given_up);
    if (msi_msgpack_scan_missing(&scan))
        return msi_msgpack_scan_fail(&scan, MSI_MSGPACK_SCAN_SHORT, MAILSLOT_ERR_BAD_VALUE,
                                     MAILSLOT_ERR_BAD_VALUE);
    return MAILSLOT_OK;
}

mailslot_err mailslot_put_msgpack(mailslot *slot, int (*fill)(msgpack_packer *packer, void *ctx),
                                  void *ctx) {
    static const mailslot_codec streaming = {sizeof streaming, "msgpack", NULL, filling_encode,
                                             msgpack_decode};
    if (!slot || !fill)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "slot or fill is NULL");
    const mailslot_codec *codec = mailslot_slot_codec(slot);
    if (codec->decode != msgpack_decode)
        return mailslot_fail(MAILSLOT_ERR_INVALID, "the slot's codec is %s, not msgpack",
                             codec->name);
    return mailslot_put_as(slot, &streaming, &(struct filling){fill, ctx});
}
