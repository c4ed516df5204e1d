/* send_switched_off opened|written NAME TEXT...: sends texts where remote mailslots are switched
 * off, as the system says when one is opened, or when one is written to. */
#include "switched_off.h"

#include <mailslot/mailslot.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    mailslot *slot;
    switch_off(strcmp(argv[1], "opened") == 0 ? REFUSED_WHEN_OPENED : REFUSED_WHEN_WRITTEN);
    mailslot_err err = mailslot_open(&slot, argv[2], NULL);
    for (int i = 3; i < argc && !err; i++)
        err = mailslot_put_bytes(slot, argv[i], strlen(argv[i]));
    mailslot_close(slot);
    if (err)
        fprintf(stderr, "%s\n", mailslot_detail());
    return err ? 1 : 0;
}
