/* A reader and a writer of one slot with one codec, and what every codec must do with them. */
#ifndef MAILSLOT_TEST_PAIR_H
#define MAILSLOT_TEST_PAIR_H

#include "slotdir.h"
#include "slots.h"

#include <pthread.h>

struct pair {
    mailslot *reader, *writer;
    mailslot_record *record;
};

/** A reader reports messages that do not decode. */
static inline mailslot *pair_open_end(const mailslot_codec *codec, mailslot_direction direction,
                                      size_t max_message) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = codec;
    options.direction = direction;
    options.max_message = max_message;
    options.bad_messages = MAILSLOT_BAD_REPORT;
    return open_with("pair", &options);
}

static inline struct pair pair_open_max(const mailslot_codec *codec, size_t max_message) {
    struct pair pair = {NULL, NULL, NULL};
    pair.reader = pair_open_end(codec, MAILSLOT_READ, max_message);
    pair.writer = pair_open_end(codec, MAILSLOT_WRITE, max_message);
    check_ok(mailslot_record_new(&pair.record));
    return pair;
}

static inline struct pair pair_open(const mailslot_codec *codec) { return pair_open_max(codec, 0); }

static inline void pair_close(struct pair *pair) {
    mailslot_record_free(pair->record);
    mailslot_close(pair->writer);
    mailslot_close(pair->reader);
}

/** Takes the next message without waiting, decoded. */
static inline mailslot_err pair_get(struct pair *pair) {
    return mailslot_get_nowait(pair->reader, pair->record);
}

/** Passes a value through the slot and returns what came out, valid until the next get. */
static inline const void *pair_pass(struct pair *pair, const void *value) {
    check_ok(mailslot_put(pair->writer, value));
    check_ok(pair_get(pair));
    return mailslot_record_value(pair->record);
}

/** Decodes a message of these bytes. */
static inline mailslot_err pair_receive(struct pair *pair, const void *data, size_t len) {
    check_ok(mailslot_put_bytes(pair->writer, data, len));
    return pair_get(pair);
}

static inline void check_same_bytes(const void *expected, size_t expected_len, const void *data,
                                    size_t len) {
    check_int((int64_t)expected_len, (int64_t)len);
    check(len == 0 || memcmp(expected, data, len) == 0);
}

/** Checks what bytes the message in the record had. */
static inline void pair_check_bytes(const struct pair *pair, const void *expected, size_t len) {
    mailslot_bytes bytes = mailslot_record_bytes(pair->record);
    check_same_bytes(expected, len, bytes.data, bytes.len);
}

/** Checks that a value is refused as BAD_VALUE, why, and that nothing was queued. */
static inline void pair_check_refused(struct pair *pair, const void *value, const char *why) {
    check_err(MAILSLOT_ERR_BAD_VALUE, mailslot_put(pair->writer, value));
    check_detail(why);
    check_int(0, (int64_t)count_of(pair->reader));
}

/** S13: of two values encoded to 424 and 425 bytes, one passes and one is TOO_BIG. */
static inline void check_limit(const mailslot_codec *codec, const void *fits, const void *too_big) {
    struct pair pair = pair_open_max(codec, 424);
    size_t len = 0;
    check_ok(mailslot_encoded_size(pair.writer, fits, &len));
    check_int(424, (int64_t)len);
    check_ok(mailslot_encoded_size(pair.writer, too_big, &len));
    check_int(425, (int64_t)len);
    check_err(MAILSLOT_ERR_TOO_BIG, mailslot_put(pair.writer, too_big));
    check_detail("425");
    check_detail("424");
    check_int(0, (int64_t)count_of(pair.reader));
    pair_pass(&pair, fits);
    check_int(424, (int64_t)mailslot_record_bytes(pair.record).len);
    pair_close(&pair);
}

/** S29: a get skips messages that do not decode, unless the reader asked to be told. */
static inline void check_skipped(const mailslot_codec *codec, const void *bad, size_t len,
                                 const void *good) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.codec = codec;
    options.direction = MAILSLOT_READ;
    struct pair pair = {open_with("pair", &options), NULL, NULL};
    pair.writer = pair_open_end(codec, MAILSLOT_WRITE, 0);
    check_ok(mailslot_record_new(&pair.record));
    for (int i = 0; i < 3; i++)
        check_ok(mailslot_put_bytes(pair.writer, bad, len));
    check_ok(mailslot_put(pair.writer, good));
    check_ok(mailslot_put_bytes(pair.writer, bad, len));
    check_ok(mailslot_get(pair.reader, pair.record, MAILSLOT_FOREVER));
    check(mailslot_record_value(pair.record) != NULL);
    check_int(3, (int64_t)info_of(pair.reader).bad_messages);
    check_err(MAILSLOT_ERR_EMPTY, pair_get(&pair));
    pair_check_bytes(&pair, "", 0);
    check_int(4, (int64_t)info_of(pair.reader).bad_messages);
    pair_close(&pair);
}

/** S29: a message that does not decode is taken and counted, its bytes are there, and the next one
 *  is fine. */
static inline void check_undecodable(const mailslot_codec *codec, const void *bad, size_t len,
                                     mailslot_err err, const char *why, const void *good) {
    check_skipped(codec, bad, len, good);
    struct pair pair = pair_open(codec);
    check_ok(mailslot_put_bytes(pair.writer, bad, len));
    check_ok(mailslot_put(pair.writer, good));
    check_err(err, pair_get(&pair));
    check_detail(why);
    check(mailslot_record_value(pair.record) == NULL);
    pair_check_bytes(&pair, bad, len);
    mailslot_info info = info_of(pair.reader);
    check_int(1, (int64_t)info.bad_messages);
    check_int(1, (int64_t)info.count);
    check_ok(pair_get(&pair));
    check(mailslot_record_value(pair.record) != NULL);
    check_int(1, (int64_t)info_of(pair.reader).bad_messages);
    pair_close(&pair);
}

/** Runs a test where recursion has no room: in a thread with 128 KiB of stack. */
static inline void on_small_stack(void *(*body)(void *ctx), void *ctx) {
    pthread_attr_t attr;
    pthread_t thread;
    check(pthread_attr_init(&attr) == 0 && pthread_attr_setstacksize(&attr, 128 * 1024) == 0);
    check(pthread_create(&thread, &attr, body, ctx) == 0);
    check(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&attr);
}

#endif
