/*
 * The codec msgpack. A scan over the bytes comes before msgpack-c in both directions, because
 * msgpack-c trusts the sizes that a message announces.
 */
#include "msgpack_scan.h"

#include <mailslot/msgpack.h>

#include <inttypes.h>
#include <math.h>
#include <string.h>

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

/*
 * msgpack-c holds a float 32 as a double. The conversion makes a signalling NaN quiet, so the bits
 * are taken from the message again: its float 32 come in the order of the objects. A NaN as a
 * double has the sign and payload of the float (IEEE 754, 6.2.3).
 */
struct nan_reader {
    mailslot_bytes bytes;
    msi_msgpack_scan scan;
    uint64_t wanted, read; /* float 32 so far: among the objects, and in the bytes */
};

static double nan_to_double(const unsigned char *at) {
    uint64_t sign = at[0] >> 7, payload = (uint64_t)(at[1] & 0x7f) << 16 | at[2] << 8 | at[3];
    uint64_t bits = sign << 63 | UINT64_C(0x7ff) << 52 | payload << 29;
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static void nan_read(struct nan_reader *reader, msgpack_object *object) {
    const unsigned char *at = NULL;
    reader->wanted++;
    if (!isnan(object->via.f64))
        return;
    for (; reader->read < reader->wanted; reader->read++)
        at = msi_msgpack_scan_float(&reader->scan, reader->bytes.data, reader->bytes.len);
    if (at)
        object->via.f64 = nan_to_double(at);
}

/* Recursion is bounded by MSI_MSGPACK_DEPTH, which the scan has checked. */
static void nan_read_all(struct nan_reader *reader, msgpack_object *object) {
    if (object->type == MSGPACK_OBJECT_FLOAT32)
        nan_read(reader, object);
    if (object->type == MSGPACK_OBJECT_ARRAY)
        for (uint32_t i = 0; i < object->via.array.size; i++)
            nan_read_all(reader, &object->via.array.ptr[i]);
    if (object->type == MSGPACK_OBJECT_MAP)
        for (uint32_t i = 0; i < object->via.map.size; i++) {
            nan_read_all(reader, &object->via.map.ptr[i].key);
            nan_read_all(reader, &object->via.map.ptr[i].val);
        }
}

static void restore_nans(mailslot_bytes bytes, msgpack_object *object) {
    struct nan_reader reader = {.bytes = bytes};
    msi_msgpack_scan_start(&reader.scan, bytes.len);
    nan_read_all(&reader, object);
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
    mailslot_err err = unpack_into_zone(bytes, object, (objects - 1) * sizeof *object);
    if (!err && scan.has_float)
        restore_nans(bytes, object);
    return err;
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

/* The inverse of nan_to_double(). A payload that a float has no room for leaves a quiet NaN. */
static int pack_nan(msgpack_packer *packer, double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    uint32_t payload = bits >> 29 & 0x7fffff;
    uint32_t narrow = (uint32_t)(bits >> 63) << 31 | 0x7f800000 | (payload ? payload : 0x400000);
    char out[5] = {(char)0xca, (char)(narrow >> 24), (char)(narrow >> 16), (char)(narrow >> 8),
                   (char)narrow};
    return packer->callback(packer->data, out, sizeof out);
}

static int pack_object(msgpack_packer *packer, const msgpack_object *object);

static int pack_array(msgpack_packer *packer, const msgpack_object_array *array) {
    int failed = msgpack_pack_array(packer, array->size);
    for (uint32_t i = 0; !failed && i < array->size; i++)
        failed = pack_object(packer, &array->ptr[i]);
    return failed;
}

static int pack_map(msgpack_packer *packer, const msgpack_object_map *map) {
    int failed = msgpack_pack_map(packer, map->size);
    for (uint32_t i = 0; !failed && i < map->size; i++) {
        failed = pack_object(packer, &map->ptr[i].key);
        if (!failed)
            failed = pack_object(packer, &map->ptr[i].val);
    }
    return failed;
}

/* As msgpack_pack_object(), which makes a signalling NaN of a float 32 quiet. Recursion is bounded
 * by check_object(). */
static int pack_object(msgpack_packer *packer, const msgpack_object *object) {
    if (object->type == MSGPACK_OBJECT_ARRAY)
        return pack_array(packer, &object->via.array);
    if (object->type == MSGPACK_OBJECT_MAP)
        return pack_map(packer, &object->via.map);
    if (object->type == MSGPACK_OBJECT_FLOAT32 && isnan(object->via.f64))
        return pack_nan(packer, object->via.f64);
    return msgpack_pack_object(packer, *object);
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
    pack_object(&packer, value);
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
