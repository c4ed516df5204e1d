/*
 * bytes_send SLOT HEX...: sends each HEX, such as 00ff10, as one message of those bytes;
 * bytes_receive reads them. The codec bytes takes any bytes, including NUL.
 */
#include <mailslot/text.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 512 };

/* Converts hex to bytes in buffer, to which *bytes then points. */
static bool parse_hex(const char *hex, unsigned char buffer[MOST], mailslot_bytes *bytes) {
    size_t digits = strlen(hex);
    if (digits % 2 || digits / 2 > MOST || strspn(hex, "0123456789abcdefABCDEF") != digits)
        return false;
    for (size_t i = 0; i < digits / 2; i++)
        sscanf(hex + 2 * i, "%2hhx", &buffer[i]);
    *bytes = (mailslot_bytes){buffer, digits / 2};
    return true;
}

static int print_usage(void) {
    fprintf(stderr, "usage: bytes_send SLOT HEX...   (at most %d bytes each)\n", MOST);
    return 2;
}

int main(int argc, char **argv) {
    if (argc < 3)
        return print_usage();
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.codec = mailslot_codec_bytes();
    MAILSLOT_SCOPED mailslot *slot = NULL;
    mailslot_err err = mailslot_open(&slot, argv[1], &options);
    for (int i = 2; !err && i < argc; i++) {
        unsigned char buffer[MOST];
        mailslot_bytes bytes;
        if (!parse_hex(argv[i], buffer, &bytes))
            return print_usage();
        err = mailslot_put(slot, &bytes);
    }
    if (err)
        fprintf(stderr, "bytes_send: %s\n", mailslot_detail());
    return err ? 1 : 0;
}
