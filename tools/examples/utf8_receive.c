/*
 * utf8_receive SLOT: prints the messages of utf8_send, one a line, until it is interrupted. Any
 * writer can put any bytes into a slot. A get skips and counts what is not UTF-8; this program asks
 * to be told of it instead.
 */
#include <mailslot/text.h>

#include <stdio.h>

static mailslot_err print_next(mailslot *slot, mailslot_record *record) {
    mailslot_err err = mailslot_get(slot, record, MAILSLOT_FOREVER);
    if (err == MAILSLOT_ERR_BAD_MESSAGE) {
        fprintf(stderr, "utf8_receive: skipped: %s\n", mailslot_detail());
        return MAILSLOT_OK;
    }
    if (err)
        return err;
    puts(mailslot_record_value(record));
    fflush(stdout);
    return MAILSLOT_OK;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: utf8_receive SLOT\n");
        return 2;
    }
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.codec = mailslot_codec_utf8();
    options.bad_messages = MAILSLOT_BAD_REPORT;
    MAILSLOT_SCOPED mailslot *slot = NULL;
    mailslot_record *record = NULL;
    mailslot_err err = mailslot_open(&slot, argv[1], &options);
    if (!err)
        err = mailslot_record_new(&record);
    while (!err)
        err = print_next(slot, record);
    fprintf(stderr, "utf8_receive: %s\n", mailslot_detail());
    mailslot_record_free(record);
    return 1;
}
