/* Looking at the newest message of a slot: it takes nothing, and what it shows is whole. */
#include "child.h"
#include "slotdir.h"
#include "slots.h"

#include <mailslot/codec.h>

#include <stdlib.h>

#define NAME "peeked"

static mailslot_record *new_record(void) {
    mailslot_record *record = NULL;
    check_ok(mailslot_record_new(&record));
    return record;
}

static void expect_newest(const char *text) {
    mailslot_record *record = new_record();
    check_ok(mailslot_peek(NAME, NULL, record));
    check_text(text, mailslot_record_value(record));
    mailslot_record_free(record);
}

static void the_newest_message_is_shown_taken_or_not(void **state) {
    (void)state;
    mailslot *reader = open_reader(NAME), *writer = open_writer(NAME), *other = open_writer(NAME);
    check_ok(mailslot_put(writer, "first"));
    expect_newest("first");
    check_ok(mailslot_put(other, "second"));
    expect_newest("second");
    expect_text(reader, "first");
    expect_newest("second");
    expect_text(reader, "second");
    expect_empty(reader);
    expect_newest("second");
    check_ok(mailslot_put(writer, ""));
    expect_newest("");
    mailslot_close(writer);
    mailslot_close(other);
    expect_newest("");
    mailslot_close(reader);
}

static void looking_at_it_changes_nothing(void **state) {
    (void)state;
    mailslot *reader = open_reader(NAME), *writer = open_writer(NAME);
    check_ok(mailslot_put(writer, "stays"));
    mailslot_info before = info_of(reader);
    for (int i = 0; i < 100; i++)
        expect_newest("stays");
    mailslot_info after = info_of(reader);
    check(memcmp(&before, &after, sizeof before) == 0);
    expect_text(reader, "stays");
    mailslot_close(writer);
    mailslot_close(reader);
}

static void it_says_where_the_message_came_from(void **state) {
    (void)state;
    mailslot *reader = open_reader(NAME), *writer = open_writer(NAME);
    check_ok(mailslot_put(writer, "x"));
    mailslot_record *peeked = new_record(), *taken = new_record();
    check_ok(mailslot_peek("//./mailslot/PEEKED", NULL, peeked));
    check_ok(mailslot_get_nowait(reader, taken));
    const mailslot_origin *a = mailslot_record_origin(peeked), *b = mailslot_record_origin(taken);
    check_int(getpid(), a->pid);
    check_int(geteuid(), a->uid);
    check(!a->remote && a->arrival_ns == b->arrival_ns);
    mailslot_record_free(peeked);
    mailslot_record_free(taken);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void large_messages_are_shown_whole(void **state) {
    (void)state;
    enum { LARGE = 200000 };
    mailslot *reader = open_small_reader(NAME, 1 << 20, LARGE), *writer = open_writer(NAME);
    char *text = malloc(LARGE);
    check(text != NULL);
    memset(text, 'x', LARGE);
    check_ok(mailslot_put_bytes(writer, text, LARGE));
    mailslot_record *record = new_record();
    check_ok(mailslot_peek(NAME, NULL, record));
    check_int(LARGE, (int64_t)mailslot_record_bytes(record).len);
    check(memcmp(text, mailslot_record_bytes(record).data, LARGE) == 0);
    mailslot_record_free(record);
    free(text);
    mailslot_close(writer);
    mailslot_close(reader);
}

static mailslot_err refuse(const mailslot_codec *codec, mailslot_scratch *scratch,
                           mailslot_bytes bytes, const void **value) {
    (void)codec, (void)scratch, (void)bytes;
    *value = NULL;
    return mailslot_fail(MAILSLOT_ERR_BAD_MESSAGE, "not to my taste");
}

static void what_does_not_decode_is_not_counted(void **state) {
    (void)state;
    const mailslot_codec picky = {.size = sizeof picky, .name = "picky", .decode = refuse};
    mailslot *reader = open_reader(NAME), *writer = open_writer(NAME);
    check_ok(mailslot_put(writer, "raw"));
    mailslot_record *record = new_record();
    check_err(MAILSLOT_ERR_BAD_MESSAGE, mailslot_peek(NAME, &picky, record));
    check_detail(NAME ": not to my taste");
    check(mailslot_record_value(record) == NULL);
    check_int(3, (int64_t)mailslot_record_bytes(record).len);
    check_int(0, (int64_t)info_of(reader).bad_messages);
    mailslot_record_free(record);
    mailslot_close(writer);
    mailslot_close(reader);
}

static void what_cannot_be_looked_at_is_told(void **state) {
    (void)state;
    mailslot_record *record = new_record();
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_peek(NAME, NULL, record));
    check_err(MAILSLOT_ERR_BAD_NAME, mailslot_peek("a:b", NULL, record));
    check_err(MAILSLOT_ERR_BAD_NAME, mailslot_peek("", NULL, record));
    check_err(MAILSLOT_ERR_INVALID, mailslot_peek(NAME, NULL, NULL));
    check_err(MAILSLOT_ERR_UNSUPPORTED, mailslot_peek("\\\\HOST\\mailslot\\x", NULL, record));
    check(mailslot_peek(NULL, NULL, record) != MAILSLOT_OK);
    mailslot *reader = open_reader(NAME);
    check_err(MAILSLOT_ERR_EMPTY, mailslot_peek(NAME, NULL, record));
    check_int(0, (int64_t)mailslot_record_bytes(record).len);
    mailslot *writer = open_writer(NAME);
    check_ok(mailslot_put(writer, "of the last reader"));
    mailslot_close(writer);
    mailslot_close(reader);
    check_err(MAILSLOT_ERR_NOT_FOUND, mailslot_peek(NAME, NULL, record));
    reader = open_reader(NAME);
    check_err(MAILSLOT_ERR_EMPTY, mailslot_peek(NAME, NULL, record));
    mailslot_close(reader);
    mailslot_record_free(record);
}

/* ---- While messages flow ---- */

/* A small queue has small chunks, which are used again and again. */
enum { CAPACITY = 64 * 1024, WORDS_MOST = 900, LOOKS = 20000, CHANGES = 100 };

/* Message number n is n, so many times that messages of every length begin and end anywhere. */
static size_t words_of(uint64_t n) { return 1 + n * 7919 % WORDS_MOST; }

static void write_for_ever(struct peer *parent, void *ctx) {
    (void)parent, (void)ctx;
    static uint64_t words[WORDS_MOST];
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.put_timeout_ms = MAILSLOT_FOREVER;
    mailslot *writer = open_with(NAME, &options);
    for (uint64_t n = 1;; n++) {
        size_t count = words_of(n);
        child_goes_on();
        for (size_t i = 0; i < count; i++)
            words[i] = n;
        if (mailslot_put_bytes(writer, words, count * sizeof words[0]))
            _exit(0); /* the reader has gone */
    }
}

static void read_for_ever(struct peer *parent, void *ctx) {
    (void)ctx;
    mailslot *reader = open_small_reader(NAME, CAPACITY, 0);
    mailslot_record *record = new_record();
    peer_tell(parent, 0);
    for (;; child_goes_on())
        check_ok(mailslot_get(reader, record, MAILSLOT_FOREVER));
}

static uint64_t check_whole(mailslot_bytes bytes) {
    const uint64_t *words = bytes.data;
    check(bytes.len >= sizeof *words);
    check_int((int64_t)(words_of(words[0]) * sizeof *words), (int64_t)bytes.len);
    for (size_t i = 0; i < bytes.len / sizeof *words; i++)
        check_int((int64_t)words[0], (int64_t)words[i]);
    return words[0];
}

static void what_is_shown_is_whole_while_messages_flow(void **state) {
    (void)state;
    struct peer reader = child_start(read_for_ever, NULL);
    check_int(0, peer_hear(&reader));
    struct peer writer = child_start(write_for_ever, NULL);
    mailslot_record *record = new_record();
    uint64_t newest = 0, seen = 0;
    for (int i = 0; i < LOOKS || seen < CHANGES;) {
        mailslot_err err = mailslot_peek(NAME, NULL, record);
        if (err == MAILSLOT_ERR_EMPTY)
            continue; /* the writer has not begun, or is where the newest was */
        check_ok(err);
        uint64_t now = check_whole(mailslot_record_bytes(record));
        check(now >= newest);
        seen += now != newest;
        newest = now;
        i++;
    }
    mailslot_record_free(record);
    child_kill(&writer);
    child_kill(&reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        slot_test(the_newest_message_is_shown_taken_or_not),
        slot_test(looking_at_it_changes_nothing),
        slot_test(it_says_where_the_message_came_from),
        slot_test(large_messages_are_shown_whole),
        slot_test(what_does_not_decode_is_not_counted),
        slot_test(what_cannot_be_looked_at_is_told),
        slot_test(what_is_shown_is_whole_while_messages_flow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
