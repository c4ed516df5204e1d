/* Sends messages to this computer through the network until one comes back. */
#include "self_test.h"

#include "base/report.h"
#include "platform/platform.h"

#include <mailslot/codec.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A reader looks for mailslotd at least once a second; messages that arrive before are lost, so the
 * test sends until one comes back. */
enum { TRIES = 20, WAIT_MS = 200, NAME_SIZE = 64 };

static double self_test_now_ms(void) { return (double)platform_now_ns() / 1e6; }

static mailslot_err self_test_open_reader(mailslot **reader, const char *path) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    return mailslot_open(reader, path, &options);
}

/* Writes under another computer name: messages to the own name do not leave this computer. */
static mailslot_err self_test_open_writer(mailslot **writer, const char *computer,
                                          const char *path) {
    char name[NAME_SIZE + 32], us[16];
    snprintf(name, sizeof name, "\\\\%s\\mailslot\\%s", computer, path);
    /* At most 14 bytes; a NetBIOS name has 15 (RFC 1001 section 14.1). The process id keeps two
     * runs of doctor apart. */
    snprintf(us, sizeof us, "DOCTOR-%x", (unsigned)getpid() & 0xFFFFFFF);
    mailslot_host host = MAILSLOT_HOST_INIT;
    host.computer = us;
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.host = &host;
    return mailslot_open(writer, name, &options);
}

static mailslot_err self_test_send(mailslot *writer, mailslot *reader, double *ms) {
    char text[32], back[32];
    size_t len;
    for (int i = 0; i < TRIES; i++) {
        snprintf(text, sizeof text, "round trip %d", i);
        /* Each try is timed on its own: the wait for mailslotd to learn of the reader is not part
         * of the round trip. */
        double start = self_test_now_ms();
        mailslot_err err = mailslot_put(writer, text);
        if (!err)
            err = mailslot_get_bytes(reader, back, sizeof back, &len, WAIT_MS);
        *ms = self_test_now_ms() - start;
        /* The text is not compared: a late answer to an earlier try shows as well that messages
         * arrive. */
        if (err != MAILSLOT_ERR_EMPTY)
            return err;
    }
    return mailslot_fail(MAILSLOT_ERR_EMPTY,
                         "a message sent to this computer did not come back within %d s",
                         TRIES * WAIT_MS / 1000);
}

mailslot_err self_test_round_trip(const char *computer, double *ms) {
    char path[NAME_SIZE];
    /* The process id keeps two runs apart: a mailslot has one reader. */
    snprintf(path, sizeof path, "doctor\\%ld", (long)getpid());
    MAILSLOT_SCOPED mailslot *reader = NULL;
    MAILSLOT_SCOPED mailslot *writer = NULL;
    mailslot_err err = self_test_open_reader(&reader, path);
    if (!err)
        err = self_test_open_writer(&writer, computer, path);
    return err ? err : self_test_send(writer, reader, ms);
}
