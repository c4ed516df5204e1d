/* Writing to another user's slot by the public calls: S3a, S10, S13, S18, S28. */
#include "readers.h"

static mailslot_err put_forever(mailslot *slot) { return mailslot_put(slot, "x"); }

static mailslot *open_patient_writer(void) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.put_timeout_ms = MAILSLOT_FOREVER;
    return open_with(NAME, &options);
}

static void s3a_a_writer_without_a_slot_of_its_own_user_asks_mailslotd(void **state) {
    (void)state;
    struct fake_daemon fake;
    char text[64];
    fake_start(&fake);
    mailslot *writer = open_writer("Trace");
    check_text(NAME, fake_last(&fake, MSI_RELAY_OPEN, NULL).key);
    check_ok(mailslot_put(writer, "hello"));
    check_text("hello", (fake_last(&fake, MSI_RELAY_PUT, text), text));
    mailslot_close(writer);
    fake_await_open(&fake, 0);
    fake_kill(&fake);
}

static void s3a_the_own_users_slot_comes_first(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    mailslot *reader = open_reader(NAME);
    mailslot *writer = open_writer(NAME);
    check_ok(mailslot_put(writer, "own"));
    expect_text(reader, "own");
    check_int(0, fake.heard[MSI_RELAY_OPEN]);
    mailslot_close(writer);
    mailslot_close(reader);
    fake_kill(&fake);
}

static void s9_a_slot_that_nobody_has_is_not_found_in_the_same_words(void **state) {
    (void)state;
    struct fake_daemon fake;
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open(NAME, MAILSLOT_WRITE));
    char words[200];
    snprintf(words, sizeof words, "%s", mailslot_detail());
    fake_start(&fake);
    fake.err = MAILSLOT_ERR_NOT_FOUND;
    fake.words = "not even here";
    check_err(MAILSLOT_ERR_NOT_FOUND, try_open(NAME, MAILSLOT_WRITE));
    check_text(words, mailslot_detail());
    fake_kill(&fake);
}

static void s10_a_stranger_is_denied_in_the_daemons_words(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    fake.err = MAILSLOT_ERR_DENIED;
    fake.words = "the mailslot belongs to user 4711";
    check_err(MAILSLOT_ERR_DENIED, try_open(NAME, MAILSLOT_WRITE));
    check_text("trace: the mailslot belongs to user 4711", mailslot_detail());
    fake_kill(&fake);
}

static void s13_the_other_users_maximum_is_checked_before_anything_is_sent(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    fake.limit = 5;
    mailslot *writer = open_writer(NAME);
    check_ok(mailslot_put(writer, "fiver"));
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put(writer, "sixers"));
    check_detail("6 bytes, limit 5");
    check_int(1, fake.heard[MSI_RELAY_PUT]);
    mailslot_close(writer);
    fake_kill(&fake);
}

static void s18_a_writer_to_another_user_never_attaches_anew(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    mailslot *writer = open_writer(NAME);
    fake.err = MAILSLOT_ERR_GONE;
    check_err(MAILSLOT_ERR_GONE, mailslot_put(writer, "x"));
    fake.err = MAILSLOT_OK;
    mailslot *reader = open_reader(NAME);
    check_err(MAILSLOT_ERR_GONE, mailslot_put(writer, "x"));
    expect_empty(reader);
    mailslot_close(reader);
    mailslot_close(writer);
    check_ok(try_open(NAME, MAILSLOT_WRITE));
    fake_kill(&fake);
}

static void s28_closing_ends_puts_that_wait(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    for (int silent = 0; silent < 2; silent++) {
        mailslot *writer = open_patient_writer();
        int before = fake.heard[MSI_RELAY_PUT];
        fake.err = MAILSLOT_ERR_FULL;
        fake.manner = silent ? FAKE_SILENCE : FAKE_ANSWER;
        struct blocker blocker = {.slot = writer, .call = put_forever};
        blocker_begin(&blocker);
        check_within(SOON_MS, fake.heard[MSI_RELAY_PUT] > before);
        mailslot_close(writer);
        check_err(MAILSLOT_ERR_CLOSED, blocker_join(&blocker));
        fake.err = MAILSLOT_OK;
        fake.manner = FAKE_ANSWER;
    }
    fake_await_open(&fake, 0);
    fake_kill(&fake);
}

static void use_copy(struct peer *parent, void *ctx) {
    (void)parent;
    check_err(MAILSLOT_ERR_CLOSED, mailslot_put(ctx, "x"));
    mailslot_close(ctx);
}

static void s10_a_forked_childs_copy_is_closed(void **state) {
    (void)state;
    struct fake_daemon fake;
    fake_start(&fake);
    mailslot *writer = open_writer(NAME);
    struct peer child = child_start(use_copy, writer);
    child_join(&child);
    check_ok(mailslot_put(writer, "x"));
    check_int(1, fake.heard[MSI_RELAY_PUT]);
    mailslot_close(writer);
    fake_await_open(&fake, 0);
    fake_kill(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(s3a_a_writer_without_a_slot_of_its_own_user_asks_mailslotd),
        slot_test(s3a_the_own_users_slot_comes_first),
        slot_test(s9_a_slot_that_nobody_has_is_not_found_in_the_same_words),
        slot_test(s10_a_stranger_is_denied_in_the_daemons_words),
        slot_test(s13_the_other_users_maximum_is_checked_before_anything_is_sent),
        slot_test(s18_a_writer_to_another_user_never_attaches_anew),
        slot_test(s28_closing_ends_puts_that_wait),
        slot_test(s10_a_forked_childs_copy_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
