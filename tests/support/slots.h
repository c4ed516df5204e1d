/* Opening, writing and reading slots in tests. Each function checks that its calls succeed. */
#ifndef MAILSLOT_TEST_SLOTS_H
#define MAILSLOT_TEST_SLOTS_H

#include "test.h"

#include <probe.h>

/* ---- Opening ---- */

/** Opens a slot with options. */
mailslot *open_with(const char *name, const mailslot_options *options);

/** Opens a slot with the options of MAILSLOT_OPTIONS_INIT in one direction. */
mailslot *open_towards(const char *name, mailslot_direction direction);
mailslot *open_reader(const char *name);
mailslot *open_writer(const char *name);

/** Opens a reader with a queue of capacity bytes and a maximum message size, 0 for none. */
mailslot *open_small_reader(const char *name, size_t capacity, size_t max_message);

/** Opens a slot and closes it again; returns the result of opening. */
mailslot_err try_open(const char *name, mailslot_direction direction);

/* ---- State ---- */

/** The bytes of queue that a message takes, as <mailslot/mailslot.h> promises. */
size_t queue_bytes(size_t len);

size_t count_of(mailslot *reader);
mailslot_info info_of(mailslot *reader);

/** Checks how many messages wait, as far as the system counts them. */
#define check_count(expected, reader)                                                              \
    test_check_count((expected), (reader), __func__, __FILE__, __LINE__)
void test_check_count(int64_t expected, mailslot *reader, const char *function, const char *file,
                      int line);

/* ---- Messages ---- */

void put_number(mailslot *writer, uint64_t number);

/** Waits for the next message, which must be a number. */
uint64_t get_number(mailslot *reader);

/** Takes the next message without waiting and checks that it is this text. */
void expect_text(mailslot *reader, const char *text);

/** Checks that no message waits. */
void expect_empty(mailslot *reader);

/** Takes and discards all messages; returns how many there were. */
size_t drain(mailslot *reader);

#endif
