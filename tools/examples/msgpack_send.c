/*
 * msgpack_send SLOT SENSOR CELSIUS: sends a reading as a MessagePack array of time (ns since 1970),
 * sensor and degrees; msgpack_receive reads it. The packer writes into the message without a copy.
 */
#include <mailslot/msgpack.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct reading {
    uint64_t time_ns;
    const char *sensor;
    double celsius;
};

static int pack_reading(msgpack_packer *packer, void *ctx) {
    const struct reading *reading = ctx;
    size_t len = strlen(reading->sensor);
    msgpack_pack_array(packer, 3);
    msgpack_pack_uint64(packer, reading->time_ns);
    msgpack_pack_str(packer, len);
    msgpack_pack_str_body(packer, reading->sensor, len);
    return msgpack_pack_double(packer, reading->celsius);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: msgpack_send SLOT SENSOR CELSIUS\n");
        return 2;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t time_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    struct reading reading = {time_ns, argv[2], strtod(argv[3], NULL)};

    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.codec = mailslot_codec_msgpack();
    MAILSLOT_SCOPED mailslot *slot = NULL;
    if (!mailslot_open(&slot, argv[1], &options) &&
        !mailslot_put_msgpack(slot, pack_reading, &reading))
        return 0;
    fprintf(stderr, "msgpack_send: %s\n", mailslot_detail());
    return 1;
}
