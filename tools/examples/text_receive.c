/* text_receive SLOT: prints the messages of text_send, one a line, until it is interrupted. */
#include <mailslot/mailslot.h>

#include <stdio.h>

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: text_receive SLOT\n");
        return 2;
    }
    MAILSLOT_SCOPED mailslot *slot = NULL;
    mailslot_record *record = NULL;
    mailslot_err err = mailslot_open(&slot, argv[1], NULL);
    if (!err)
        err = mailslot_record_new(&record);
    while (!err && !(err = mailslot_get(slot, record, MAILSLOT_FOREVER))) {
        puts(mailslot_record_value(record));
        fflush(stdout);
    }
    fprintf(stderr, "text_receive: %s\n", mailslot_detail());
    mailslot_record_free(record);
    return 1;
}
