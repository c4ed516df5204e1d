/*
 * The local queue: many writers, one reader, in memory that they share. Plain memory: it makes no
 * system call but to sleep and to wake; what else it needs of the system are the hooks.
 *
 * Promises, whatever instant any process is killed at:
 *   - a message is in the queue whole, or not at all: it exists from one store of `tail` on;
 *   - nobody waits for the dead: the lock names its owner, and the owner's life can be asked for;
 *   - whatever bytes the memory holds, nothing outside it is touched.
 *
 * Writers append under one lock (lock.c). Messages lie as frames (frame.h) in a ring of chunks
 * (ring.c). The reader takes them without the lock and says how far it is in `head`. Who only looks
 * (queue_look.c) changes nothing.
 */
#ifndef MSI_QUEUE_H
#define MSI_QUEUE_H

#include "transport.h"

#include <stdalign.h>
#include <stdatomic.h>

/** Positions are counted in units of 8 bytes, modulo 2^32. */
enum { MSI_UNIT = 8, MSI_TABLE_SIZE = 1024, MSI_FRAME_HEADER = 24 };

/** Two cache lines, since processors fetch them in pairs. */
#define MSI_LINE 128

/** The shared part. Every field may hold anything: other processes write here. Who writes what,
 *  and who spins on it, decides which line it is on. */
typedef struct {
    /* Writers. */
    alignas(MSI_LINE) _Atomic uint64_t lock; /* see lock.c */
    _Atomic uint64_t head_seen;              /* head, when a writer last looked */
    _Atomic uint64_t assigned;               /* {chunks:32, end:32}, see ring.c */
    _Atomic uint64_t refused;                /* puts that failed FULL */
    _Atomic uint32_t closed;                 /* set once the reader is gone */
    _Atomic uint32_t owner_pid;              /* who took the lock last: a hint for messages */
    _Atomic uint64_t bytes_put, largest;     /* statistics, with the lock held */
    _Atomic uint64_t too_big;                /* puts that failed so */
    _Atomic uint64_t newest;                 /* {1, position} of the last frame put; 0: none */
    /* Writers store, the reader looks. */
    alignas(MSI_LINE) _Atomic uint64_t tail; /* {count:32, position:32} of what was put */
    /* The reader stores, writers look when they seem to have no room. */
    alignas(MSI_LINE) _Atomic uint64_t head; /* {count:32, position:32} of what was taken */
    _Atomic uint64_t messages_taken, bytes_taken;
    _Atomic uint64_t bad_messages, too_complex;
    _Atomic uint64_t lost; /* deliveries by mailslotd that did not get in */
    /* Writers that wait for room set it, the reader clears it. */
    alignas(MSI_LINE) _Atomic uint32_t room_wanted;
    /* Messages put by class of size, with the lock held; see mailslot_info. */
    alignas(MSI_LINE) _Atomic uint64_t sizes[MAILSLOT_SIZE_CLASSES];
    /* Which chunk of the ring's memory holds position / chunk size, modulo the table's. */
    alignas(MSI_LINE) _Atomic uint16_t table[MSI_TABLE_SIZE];
} msi_queue_shared;

/** How a capacity in bytes is laid out; the same for everybody who computes it. */
typedef struct {
    uint32_t capacity;    /* units */
    uint32_t chunk_shift; /* log2 of bytes a chunk */
    uint32_t chunks;      /* most chunks in use; the ring's memory is chunks << chunk_shift */
} msi_queue_layout;

/** What a queue needs of the system. Called by any thread of its process. */
typedef struct {
    /** Whether the process that was given `holder` still lives; 0 is the reader. An error counts
     *  as alive. */
    bool (*alive)(void *ctx, uint32_t holder);
    /** Makes chunk number `chunk` of the ring's memory safe to touch; false if the system has no
     *  memory left. Must be repeatable. */
    bool (*reserve)(void *ctx, uint32_t chunk);
    void *ctx;
} msi_queue_hooks;

/** One end's private view. Zero it, then set what stands before the gap. */
typedef struct {
    msi_queue_shared *shared;
    unsigned char *ring;
    msi_queue_layout layout;
    msi_queue_hooks hooks;
    /* The reader's, if it has any: what its threads do in passing while they sleep. */
    struct {
        void (*call)(void *ctx);
        void *ctx;
    } idle;
    uint32_t self; /* 1 to 65,535 for a writer, each alive one's own; 0 for the reader */
    uint32_t pid;  /* told to those who wait for this writer */

    atomic_bool interrupted;
    _Atomic uint64_t last_look;   /* a writer's: when it last asked whether the reader lives */
    _Atomic uint64_t head;        /* the reader's own head, which nobody else can overwrite */
    uint64_t tail_seen;           /* the reader's: tail, when it last looked */
    _Atomic uint32_t spin_ns;     /* the reader's: how long to spin before the next sleep */
    _Atomic uint32_t standoff_ns; /* the reader's: how long to leave tail alone first */
} msi_queue;

/** Computes the layout for a capacity of 4 KiB to 8 GiB. */
void msi_queue_lay_out(msi_queue_layout *layout, size_t capacity);

/** Bytes of the ring's memory. */
size_t msi_queue_ring_size(const msi_queue_layout *layout);

/** Largest message that a queue of that layout can hold when it is empty. */
size_t msi_queue_largest(const msi_queue_layout *layout);

/** Makes an empty queue of zeroed memory whose first position is start, rounded to a chunk. */
void msi_queue_init(msi_queue_shared *shared, const msi_queue_layout *layout, uint32_t start);

/** To be called once by a writer before its first put: undoes what a dead process that was the
 *  same holder may have left. */
void msi_queue_adopt(msi_queue *queue);

/** Appends data, message->len bytes, with the envelope in message. Several threads may share a
 *  writer. Waits for room until deadline. FULL, GONE, CLOSED (interrupted), DAMAGED. */
mailslot_err msi_queue_put(msi_queue *queue, const msi_message *message, const void *data,
                           uint64_t deadline);

/** Takes the oldest message; one thread at a time. EMPTY (without a detail), TOO_SMALL (likewise;
 *  message->len is set, the message stays), DAMAGED. */
mailslot_err msi_queue_take(msi_queue *queue, void *buf, size_t cap, msi_message *message);

/** Whether a message seems to be there. Any thread of the reader. */
bool msi_queue_waiting(const msi_queue *queue);

/** Returns when msi_queue_waiting(), when interrupted, or at the deadline. Any thread of the
 *  reader; spin tells whether it may burn a few microseconds first. */
void msi_queue_wait(msi_queue *queue, uint64_t deadline, bool spin);

/** Makes puts and waits of this handle's threads return soon, for good. */
void msi_queue_interrupt(msi_queue *queue);

/** Tells the writers that the reader is gone; before it gives up its name. */
void msi_queue_close(msi_queue *queue);

/** Fills in count, used and next_size, for the reader exact, for any other view one consistent
 *  snapshot as well; and the statistics. DAMAGED. */
mailslot_err msi_queue_inspect(const msi_queue *queue, mailslot_info *info);

/** Copies the message that was put last, whether it was taken or not, to buf, which holds cap
 *  bytes. Any view; changes nothing. If its writer was killed in that put, it may be the one
 *  before. EMPTY (without a detail; none was put, or a put that is under way or failed has taken
 *  its place), TOO_SMALL (likewise; message->len is set), DAMAGED. */
mailslot_err msi_queue_peek(const msi_queue *queue, void *buf, size_t cap, msi_message *message);

/** Whether a message of len bytes would be refused now. DAMAGED. */
mailslot_err msi_queue_full(const msi_queue *queue, size_t len, bool *full);

/* ---- Between the files of the queue ---- */

static inline uint32_t msi_position(uint64_t word) { return (uint32_t)word; }

static inline uint32_t msi_count(uint64_t word) { return (uint32_t)(word >> 32); }

static inline uint64_t msi_word(uint32_t high, uint32_t low) { return (uint64_t)high << 32 | low; }

/** The half of a 64-bit word that holds its low 32 bits, for the futex, which takes no more. */
static inline void *msi_low_half(_Atomic uint64_t *word) {
    const union {
        uint32_t word;
        unsigned char first;
    } one = {1};
    return (unsigned char *)word + (one.first ? 0 : 4);
}

static inline void msi_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield");
#endif
}

/** Has this CPU get a line of memory ready to be written to. May be any address. */
static inline void msi_prefetch_to_write(const void *line) {
#if defined(__x86_64__)
    __asm__ volatile("prefetchw %0" : : "m"(*(const char *)line));
#elif defined(__GNUC__)
    __builtin_prefetch(line, 1);
#else
    (void)line;
#endif
}

/** Asks the next unlock to wake the reader. */
void msi_queue_ask_to_be_woken(msi_queue *queue);

#endif
