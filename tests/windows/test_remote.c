/* Who sends to other computers: the system, or the library where the system refuses or the settings
 * say so. What arrives: test_sender.py. */
#include "test.h"

#include "switched_off.h"

#include <mailslot/mailslot.h>
#include <stdlib.h>

static const char name[] = "\\\\HOST\\mailslot\\x";

/* The library looks for the interface that it was told to use. */
static void check_library_sends(mailslot *slot) {
    check_err(MAILSLOT_ERR_NO_HOST, mailslot_put_bytes(slot, "hello", 5));
    check_detail("x: no interface of none0 is up");
}

static mailslot_err open_as(mailslot **slot, mailslot_sender sender) {
    mailslot_host host = MAILSLOT_HOST_INIT;
    host.sender = sender;
    host.interfaces = "none0";
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.host = &host;
    return mailslot_open(slot, name, &options);
}

static void refused_when_opened_the_library_sends(void **state) {
    (void)state;
    mailslot *slot;
    switch_off(REFUSED_WHEN_OPENED);
    check_ok(open_as(&slot, MAILSLOT_SENDER_DEFAULT));
    check_library_sends(slot);
    mailslot_close(slot);
    check_ok(open_as(&slot, MAILSLOT_SENDER_AUTO));
    check_library_sends(slot);
    mailslot_close(slot);
}

static void refused_when_written_the_library_sends(void **state) {
    (void)state;
    mailslot *slot;
    switch_off(REFUSED_WHEN_WRITTEN);
    check_ok(open_as(&slot, MAILSLOT_SENDER_DEFAULT));
    check_library_sends(slot);
    switch_off(REFUSED_NEVER); /* and goes on to, though the system would now */
    check_library_sends(slot);
    mailslot_close(slot);
}

static void the_library_sends_if_told_to(void **state) {
    (void)state;
    mailslot *slot;
    switch_off(REFUSED_NEVER);
    check_ok(open_as(&slot, MAILSLOT_SENDER_LIBRARY));
    check_library_sends(slot);
    mailslot_close(slot);
}

static void the_system_alone_is_refused(void **state) {
    (void)state;
    mailslot *slot;
    switch_off(REFUSED_WHEN_OPENED);
    check_err(MAILSLOT_ERR_UNSUPPORTED, open_as(&slot, MAILSLOT_SENDER_SYSTEM));
    check_detail("remote mailslots are switched off on this computer");
    check_detail("Windows error 3025");
    switch_off(REFUSED_WHEN_WRITTEN);
    check_ok(open_as(&slot, MAILSLOT_SENDER_SYSTEM));
    check_err(MAILSLOT_ERR_UNSUPPORTED, mailslot_put_bytes(slot, "hello", 5));
    check_detail("Windows error 3025");
    mailslot_close(slot);
}

static void nothing_else_makes_the_library_send(void **state) {
    (void)state;
    mailslot *slot;
    switch_off(REFUSED_NEVER);
    mailslot_err err = open_as(&slot, MAILSLOT_SENDER_AUTO);
    if (!err) { /* a system that sends finds out when it writes, if ever */
        err = mailslot_put_bytes(slot, "hello", 5);
        mailslot_close(slot);
    }
    check(err != MAILSLOT_ERR_NO_HOST);
}

static void too_long_is_too_big_whoever_sends(void **state) {
    (void)state;
    static const mailslot_sender senders[] = {MAILSLOT_SENDER_AUTO, MAILSLOT_SENDER_LIBRARY};
    char data[425] = "";
    for (size_t i = 0; i < 2; i++) {
        mailslot *slot;
        switch_off(REFUSED_WHEN_WRITTEN);
        check_ok(open_as(&slot, senders[i]));
        check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put_bytes(slot, data, sizeof data));
        check_detail("425 bytes, limit 424");
        mailslot_close(slot);
    }
}

static void another_word_is_refused(void **state) {
    (void)state;
    mailslot *slot;
    check_err(MAILSLOT_ERR_INVALID, open_as(&slot, (mailslot_sender)4));
    check_detail("no such sender: 4");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_when_opened_the_library_sends),
        cmocka_unit_test(refused_when_written_the_library_sends),
        cmocka_unit_test(the_library_sends_if_told_to),
        cmocka_unit_test(the_system_alone_is_refused),
        cmocka_unit_test(nothing_else_makes_the_library_send),
        cmocka_unit_test(too_long_is_too_big_whoever_sends),
        cmocka_unit_test(another_word_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
