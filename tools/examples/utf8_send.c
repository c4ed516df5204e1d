/*
 * utf8_send SLOT <LINES: sends each line of standard input as one message; utf8_receive reads them.
 * The codec utf8 refuses a line that is not UTF-8: the program reports it, skips it and continues.
 */
#include <mailslot/text.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static mailslot_err put_lines(mailslot *slot) {
    char *line = NULL;
    size_t capacity = 0;
    mailslot_err err = MAILSLOT_OK;
    while (!err && getline(&line, &capacity, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        err = mailslot_put(slot, line);
        if (err == MAILSLOT_ERR_BAD_VALUE) {
            fprintf(stderr, "utf8_send: skipped: %s\n", mailslot_detail());
            err = MAILSLOT_OK;
        }
    }
    free(line);
    return err;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: utf8_send SLOT <LINES\n");
        return 2;
    }
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.codec = mailslot_codec_utf8();
    MAILSLOT_SCOPED mailslot *slot = NULL;
    mailslot_err err = mailslot_open(&slot, argv[1], &options);
    if (!err)
        err = put_lines(slot);
    if (err)
        fprintf(stderr, "utf8_send: %s\n", mailslot_detail());
    return err ? 1 : 0;
}
