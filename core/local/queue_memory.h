/*
 * The memory of a local queue: the words that its writers and its reader share, how a capacity is
 * laid out, and one process's view of both. The files of the queue stand on this header:
 *
 *     queue.c, queue_inspect.c -> frame.h -> ring.h -> queue_memory.h
 *                              -> lock.h -----------> queue_memory.h
 */
#ifndef MSI_QUEUE_MEMORY_H
#define MSI_QUEUE_MEMORY_H

#include <mailslot/mailslot.h>

#include <stdalign.h>
#include <stdatomic.h>

/** Positions are counted in units of 8 bytes, modulo 2^32. */
enum { MSI_UNIT = 8, MSI_TABLE_SIZE = 1024, MSI_FRAME_HEADER = 24 };

/** Two cache lines, since processors fetch them in pairs. */
#define MSI_LINE 128

/** The shared part. Other processes write here, so that every field may hold any value. Fields are
 *  grouped into lines by which side stores them and which side spins on them. */
typedef struct {
    /* Writers. */
    alignas(MSI_LINE) _Atomic uint64_t lock; /* see lock.c */
    _Atomic uint64_t head_seen;              /* head, when a writer last looked */
    _Atomic uint64_t assigned;               /* {chunks:32, end:32}, see ring.c */
    _Atomic uint64_t refused;                /* puts that failed FULL */
    _Atomic uint32_t closed;                 /* set once the reader is gone */
    _Atomic uint32_t owner_pid;              /* last owner of the lock: a hint for error texts */
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

/** How a capacity in bytes is laid out. Every process computes the same from the capacity. */
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
    /* The reader's: what its threads do in passing while they sleep. */
    struct {
        void (*call)(void *ctx);
        void *ctx;
    } idle;
    uint32_t self; /* 1 to 65,535 for a writer, unique among live writers; 0 for the reader */
    uint32_t pid;  /* in the error texts of writers that wait for this one */

    atomic_bool interrupted;
    atomic_bool removed;        /* the reader's: no writer can find its slot any more */
    _Atomic uint64_t last_look; /* a writer's: when it last checked that the reader lives */
    _Atomic uint64_t head;    /* the reader's own copy of head, which no other process can change */
    uint64_t tail_seen;       /* the reader's: tail, when it last looked */
    _Atomic uint32_t spin_ns; /* the reader's: how long to spin before the next sleep */
    _Atomic uint32_t standoff_ns; /* the reader's: how long to leave tail alone first */
} msi_queue;

/* ---- The words and the processor ---- */

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

#endif
