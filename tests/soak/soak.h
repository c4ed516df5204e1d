/*
 * The soak: processes that use slots for hours as programs do, and whoever watches them.
 *
 * A writer attaches to a slot, puts a stream of messages and detaches. Who reads knows from the
 * stream's number what every one of its messages must be, and from the shared memory how many of
 * them were acknowledged. Readers come and go; what is lost with one is lost with its streams.
 */
#ifndef SOAK_H
#define SOAK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Writers have numbers: the residents first, then those who come and go, then a forked child of
 * each resident. */
enum {
    RESIDENT_WRITERS = 2,
    PASSING_WRITERS = 3,
    FORKED_WRITERS = RESIDENT_WRITERS,
    FIRST_FORKED = RESIDENT_WRITERS + PASSING_WRITERS,
    WRITERS = FIRST_FORKED + FORKED_WRITERS,
};

/** What is planted, so that one can see that it is noticed. */
enum plant { PLANT_NOTHING, PLANT_MEMORY, PLANT_DESCRIPTOR, PLANT_LOSS, PLANT_FILE };

/** A writer's present stream, and how many of its puts have returned. */
struct progress {
    _Atomic uint64_t stream;
    _Atomic uint32_t acknowledged;
};

/** What all processes share. */
struct shared {
    pid_t starter;
    uint64_t seed;
    enum plant plant;
    atomic_bool ending;     /* writers: finish the stream and go */
    atomic_bool no_writers; /* readers: take what is left and go */
    _Atomic uint64_t serial;
    struct progress progress[WRITERS];
    _Atomic uint64_t messages, bytes, streams, cut_short, reader_lives, forks, refused, looks;
};

extern struct shared *shared;

/** Says what is wrong and ends this process as failed. */
_Noreturn __attribute__((format(printf, 1, 2))) void fail(const char *format, ...);

/** Fails unless err is MAILSLOT_OK (an int, so that this header needs no other). */
void must(int err, const char *what);

int64_t now_ms(void);

/** A generator of a process's own, from the seed and who. */
struct dice {
    uint64_t state;
};
struct dice dice_of(uint64_t who);
uint64_t roll(struct dice *dice, uint64_t below);

/** A process's body until shared->ending: writer number who, resident or passing. */
void write_streams(unsigned who);

/** One process that reads all resident slots by poll(), reopening each now and then. */
void read_residents(void);

/** A process that reads one slot by blocking gets until it ends, is told to or killed. */
void read_passing(unsigned slot);

#endif
