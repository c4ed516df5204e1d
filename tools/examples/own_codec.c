/*
 * own_codec send SLOT X Y, own_codec receive SLOT: defines a codec. It encodes a point of the plane
 * in 8 bytes: x and y as signed 32-bit numbers, little-endian. Once it is added to a registry, it
 * is found by its name, as text and msgpack are.
 */
#include <mailslot/codec.h>
#include <mailslot/registry.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COORDINATE_SIZE = 4, POINT_SIZE = 2 * COORDINATE_SIZE };

struct point {
    int32_t x, y;
};

/* Byte by byte, so that the encoding does not depend on the processor. */
static void write_coordinate(unsigned char *bytes, int32_t coordinate) {
    for (int i = 0; i < COORDINATE_SIZE; i++)
        bytes[i] = (unsigned char)((uint32_t)coordinate >> 8 * i);
}

static int32_t read_coordinate(const unsigned char *bytes) {
    uint32_t coordinate = 0;
    for (int i = 0; i < COORDINATE_SIZE; i++)
        coordinate |= (uint32_t)bytes[i] << 8 * i;
    return (int32_t)coordinate;
}

static mailslot_err point_encode(const mailslot_codec *codec, const void *value,
                                 mailslot_sink *sink) {
    (void)codec;
    const struct point *point = value;
    unsigned char bytes[POINT_SIZE];
    write_coordinate(bytes, point->x);
    write_coordinate(bytes + COORDINATE_SIZE, point->y);
    return mailslot_sink_write(sink, bytes, sizeof bytes);
}

/* Any program may have sent the bytes, so check their number: the get then skips the message. The
 * point is part of the record. */
static mailslot_err point_decode(const mailslot_codec *codec, mailslot_scratch *scratch,
                                 mailslot_bytes bytes, const void **value) {
    (void)codec;
    if (bytes.len != POINT_SIZE)
        return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "a point has %d bytes, not %zu", POINT_SIZE,
                             bytes.len);
    struct point *point = mailslot_scratch_alloc(scratch, sizeof *point);
    if (!point)
        return mailslot_scratch_error(scratch);
    const unsigned char *data = bytes.data;
    *point = (struct point){read_coordinate(data), read_coordinate(data + COORDINATE_SIZE)};
    *value = point;
    return MAILSLOT_OK;
}

static const mailslot_codec point_codec = {
    .size = sizeof point_codec, .name = "point", .encode = point_encode, .decode = point_decode};

static mailslot_err send_point(mailslot *slot, const char *x, const char *y) {
    struct point point = {(int32_t)strtol(x, NULL, 10), (int32_t)strtol(y, NULL, 10)};
    return mailslot_put(slot, &point);
}

static mailslot_err receive_points(mailslot *slot) {
    mailslot_record *record;
    mailslot_err err = mailslot_record_new(&record);
    while (!err && !(err = mailslot_get(slot, record, MAILSLOT_FOREVER))) {
        const struct point *point = mailslot_record_value(record);
        printf("%" PRId32 " %" PRId32 "\n", point->x, point->y);
        fflush(stdout);
    }
    mailslot_record_free(record);
    return err;
}

static mailslot_err send_or_receive(const mailslot_registry *registry, int argc, char **argv) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = argc == 5 ? MAILSLOT_WRITE : MAILSLOT_READ;
    mailslot_err err = mailslot_registry_find(registry, "point", &options.codec);
    if (err)
        return err;
    MAILSLOT_SCOPED mailslot *slot = NULL;
    err = mailslot_open(&slot, argv[2], &options);
    if (err)
        return err;
    return argc == 5 ? send_point(slot, argv[3], argv[4]) : receive_points(slot);
}

int main(int argc, char **argv) {
    if (!(argc == 5 && strcmp(argv[1], "send") == 0) &&
        !(argc == 3 && strcmp(argv[1], "receive") == 0)) {
        fprintf(stderr, "usage: own_codec send SLOT X Y\n"
                        "       own_codec receive SLOT\n");
        return 2;
    }
    mailslot_registry *registry = NULL;
    mailslot_err err = mailslot_registry_new(&registry);
    if (!err)
        err = mailslot_registry_add(registry, &point_codec);
    if (!err)
        err = send_or_receive(registry, argc, argv);
    mailslot_registry_free(registry);
    if (err)
        fprintf(stderr, "own_codec: %s\n", mailslot_detail());
    return err ? 1 : 0;
}
