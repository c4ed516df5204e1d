/* The everyday motions of tests of readers with a fake daemon. */
#ifndef MAILSLOT_TEST_FAKE_READER_H
#define MAILSLOT_TEST_FAKE_READER_H

#include "child.h"
#include "clock.h"
#include "fake_daemon.h"
#include "slotdir.h"
#include "slots.h"
#include "thread.h"

#define NAME "trace"

/** Since a reader looks for the daemon once a second. */
enum { LOOK_MS = 3000 + SOON_MS };

/** Opens the reader. */
static inline mailslot *open_for(mailslot_access access, bool local_only) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.access = access;
    options.local_only = local_only;
    return open_with(NAME, &options);
}

/** Sends it a message from another user. */
static inline void deliver(struct fake_daemon *fake, const char *text) {
    check(fake_deliver(fake, NOBODY, text, strlen(text)));
}

/** Takes the next message, which must come soon. */
static inline void await_text(mailslot *reader, const char *text) {
    mailslot_record *record;
    check_ok(mailslot_record_new(&record));
    check_ok(mailslot_get(reader, record, SOON_MS));
    check_text(text, mailslot_record_value(record));
    mailslot_record_free(record);
}

/** For a blocker. */
static inline mailslot_err get_any(mailslot *slot) {
    char text[64];
    size_t len;
    return mailslot_get_bytes(slot, text, sizeof text, &len, MAILSLOT_FOREVER);
}

#endif
