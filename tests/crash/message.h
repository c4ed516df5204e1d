/* Messages that show whether they are whole: every byte follows from who put them and their number,
 * so that a torn, mixed, repeated or lost one is seen for what it is. */
#ifndef CRASH_MESSAGE_H
#define CRASH_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_MIN = 8, MESSAGE_MAX = 256 << 10 };

/** Spreads its arguments over 64 bits; the same ones always give the same. */
uint64_t message_mix(uint64_t a, uint64_t b);

/** A size from MESSAGE_MIN to MESSAGE_MAX that follows from writer and number: many small, some
 *  large. */
size_t message_size(uint32_t writer, uint32_t number);

/** Writes the message of len bytes, MESSAGE_MIN to MESSAGE_MAX. */
void message_fill(unsigned char *bytes, size_t len, uint32_t writer, uint32_t number);

/** Who put the message, and its number; of any MESSAGE_MIN bytes. */
void message_read(const unsigned char *bytes, uint32_t *writer, uint32_t *number);

/** Whether the bytes are exactly that message. */
bool message_is(const unsigned char *bytes, size_t len, uint32_t writer, uint32_t number);

#endif
