/*
 * The benchmark's messages and how they are checked, the same for every peer: a head with sequence
 * number, writer and time, a word that follows from the head, then a pattern chosen by that word. A
 * reader compares every byte and knows afterwards what was torn, lost, repeated or out of order.
 */
#ifndef BENCH_MESSAGE_H
#define BENCH_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGE_MAX     400 /* bytes */
#define MESSAGE_WRITERS 8   /* most writers a tally tells apart */

struct message_head {
    uint64_t sequence; /* 0, 1, 2... of this writer */
    uint32_t writer;
    uint32_t last; /* 1: this writer sends no more, and has sent sequence messages before */
    uint64_t sent_ns;
};

/* Aligned as the words in it are. */
union message {
    struct message_head head;
    uint64_t words[MESSAGE_MAX / sizeof(uint64_t)];
    unsigned char bytes[MESSAGE_MAX];
};

/* What a reader found. All but received and ended should stay 0. */
struct tally {
    uint64_t received; /* intact and in order, last ones not counted */
    uint64_t torn;     /* of the wrong length or content, or from no writer of this cell */
    uint64_t lost;     /* left out of a writer's sequence */
    uint64_t repeated; /* read before, or after a later one */
    unsigned ended;    /* writers whose last message came */
    uint64_t next[MESSAGE_WRITERS];
};

/* Writes all that follows from message->head. size: bytes, a multiple of 8, at least 32. */
void message_fill(union message *message, size_t size);

/* Whether everything is as message_fill() leaves it. */
bool message_intact(const union message *message, size_t size);

/* Takes account of a message of len bytes, which should be of size bytes from one of writers.
 * Returns whether it is intact, in order and not a last one. */
bool tally_take(struct tally *tally, const union message *message, size_t len, size_t size,
                unsigned writers);

/* How many messages were wrong, given how many the writers sent. */
uint64_t tally_wrong(const struct tally *tally, uint64_t sent);

#endif
