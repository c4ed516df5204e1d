/*
 * text_send SLOT TEXT...: sends each TEXT as one message; text_receive reads them. A slot that is
 * opened without options uses the codec text, whose values are C strings.
 */
#include <mailslot/mailslot.h>

#include <stdio.h>

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: text_send SLOT TEXT...\n");
        return 2;
    }
    MAILSLOT_SCOPED mailslot *slot = NULL;
    mailslot_err err = mailslot_open(&slot, argv[1], NULL);
    for (int i = 2; !err && i < argc; i++)
        err = mailslot_put(slot, argv[i]);
    if (err)
        fprintf(stderr, "text_send: %s\n", mailslot_detail());
    return err ? 1 : 0;
}
