/*
 * msgpack_receive SLOT: prints the readings of msgpack_send until it is interrupted. The codec
 * checks that a message is one complete MessagePack value; the program checks that it is an array
 * of a time, a name and a number.
 */
#include <mailslot/msgpack.h>

#include <inttypes.h>
#include <stdio.h>

static void print_reading(const msgpack_object *object) {
    const msgpack_object *item = object->via.array.ptr;
    if (object->type != MSGPACK_OBJECT_ARRAY || object->via.array.size != 3 ||
        item[0].type != MSGPACK_OBJECT_POSITIVE_INTEGER || item[1].type != MSGPACK_OBJECT_STR ||
        item[2].type != MSGPACK_OBJECT_FLOAT64) {
        fprintf(stderr, "msgpack_receive: skipped: not a reading\n");
        return;
    }
    msgpack_object_str sensor = item[1].via.str;
    printf("%" PRIu64 " %.*s %.1f\n", item[0].via.u64, (int)sensor.size, sensor.ptr,
           item[2].via.f64);
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: msgpack_receive SLOT\n");
        return 2;
    }
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.codec = mailslot_codec_msgpack();
    MAILSLOT_SCOPED mailslot *slot = NULL;
    mailslot_record *record = NULL;
    mailslot_err err = mailslot_open(&slot, argv[1], &options);
    if (!err)
        err = mailslot_record_new(&record);
    while (!err && !(err = mailslot_get(slot, record, MAILSLOT_FOREVER)))
        print_reading(mailslot_record_value(record));
    fprintf(stderr, "msgpack_receive: %s\n", mailslot_detail());
    mailslot_record_free(record);
    return 1;
}
