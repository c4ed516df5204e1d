/*
 * bytes_receive SLOT: prints the messages of bytes_send in hexadecimal, one a line, until it is
 * interrupted. The record owns the bytes, which are valid until the next get into it.
 */
#include <mailslot/text.h>

#include <stdio.h>

static void print_bytes(const mailslot_bytes *bytes) {
    const unsigned char *data = bytes->data;
    for (size_t i = 0; i < bytes->len; i++)
        printf("%02x", data[i]);
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: bytes_receive SLOT\n");
        return 2;
    }
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.codec = mailslot_codec_bytes();
    MAILSLOT_SCOPED mailslot *slot = NULL;
    mailslot_record *record = NULL;
    mailslot_err err = mailslot_open(&slot, argv[1], &options);
    if (!err)
        err = mailslot_record_new(&record);
    while (!err && !(err = mailslot_get(slot, record, MAILSLOT_FOREVER)))
        print_bytes(mailslot_record_value(record));
    fprintf(stderr, "bytes_receive: %s\n", mailslot_detail());
    mailslot_record_free(record);
    return 1;
}
