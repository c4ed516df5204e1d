/* The writers and the reader of a cell, which meet before and after each phase. */
#include "actors.h"
#include "pause.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define BURST_PATIENCE_NS 20000000 /* a refused put of a burst is tried again for so long */
#define LEAST             20       /* messages of each writer, unless --messages says otherwise */
#define MEETING_POLL_NS   500000   /* few of these calls show up in --strace */
#define PLANTED           5        /* the sequence number that a planted fault hits */

unsigned actor_count(const struct cell *cell) { return cell->writers + 1; }

void arena_meet(struct arena *arena, enum phase phase, unsigned count) {
    atomic_fetch_add(&arena->arrived[phase], 1);
    while (atomic_load(&arena->arrived[phase]) < count)
        nanosleep(&(struct timespec){0, MEETING_POLL_NS}, NULL);
}

static void meet(const struct actor *actor, enum phase phase) {
    unsigned parent = phase == PHASE_START ? 1 : 0;
    arena_meet(actor->arena, phase, actor_count(actor->cell) + parent);
}

/* The parent kills the others when one actor exits without being done. */
static _Noreturn void give_up(const struct actor *actor) {
    snprintf(actor->result->reason, sizeof actor->result->reason, "%s", peer_reason());
    _exit(1);
}

static void *opened(const struct actor *actor, void *end) {
    if (end == NULL)
        give_up(actor);
    return end;
}

/* ---- Putting and getting ----------------------------------------------------------------- */

/* A writer with a CPU to itself keeps it, as a yield would cost it a system call for nothing. */
static void wait_for_room(const struct actor *actor) {
    if (!actor->alone) {
        sched_yield();
        return;
    }
    for (unsigned i = 0; i < 64; i++)
        cpu_pause();
}

static void put_bytes(struct actor *actor, const union message *message, size_t len) {
    enum peer_status status = actor->peer->put(actor->out, message->bytes, len);
    while (status == PEER_FULL) {
        actor->result->refused++;
        wait_for_room(actor);
        status = actor->peer->put(actor->out, message->bytes, len);
    }
    if (status != PEER_OK)
        give_up(actor);
}

static bool is_planted(const struct actor *actor, uint64_t sequence) {
    return sequence == PLANTED && actor->settings->plant != PLANT_NONE;
}

static void put_planted(struct actor *actor, union message *message) {
    size_t size = actor->cell->size;
    switch (actor->settings->plant) {
    case PLANT_TORN:
        message->bytes[size - 1] ^= 1;
        put_bytes(actor, message, size);
        break;
    case PLANT_SHORT:
        put_bytes(actor, message, size - 8);
        break;
    case PLANT_REPEATED:
        put_bytes(actor, message, size);
        put_bytes(actor, message, size);
        break;
    case PLANT_SWAPPED: {
        union message later = *message;
        later.head.sequence++;
        message_fill(&later, size);
        put_bytes(actor, &later, size);
        put_bytes(actor, message, size);
        break;
    }
    default: /* PLANT_LOST: nothing is put */
        break;
    }
}

static void prepare(const struct actor *actor, union message *message, uint64_t sequence) {
    message->head.sequence = sequence;
    message_fill(message, actor->cell->size);
}

static void put_next(struct actor *actor, union message *message, uint64_t sequence) {
    prepare(actor, message, sequence);
    if (is_planted(actor, sequence))
        put_planted(actor, message);
    else
        put_bytes(actor, message, actor->cell->size);
}

static void put_last(struct actor *actor, union message *message, uint64_t sequence) {
    message->head.last = 1;
    prepare(actor, message, sequence);
    put_bytes(actor, message, actor->cell->size);
    actor->result->sent = sequence;
}

/* Returns whether it was a good message and not a last one. */
static bool take_next(struct actor *actor, union message *message) {
    long len = actor->peer->get(actor->in, message->bytes, sizeof *message);
    if (len < 0)
        give_up(actor);
    return tally_take(&actor->result->tally, message, (size_t)len, actor->cell->size,
                      actor->cell->writers);
}

/* However short the time and busy the machine, a few messages are sent. */
static bool goes_on(const struct actor *actor, uint64_t sequence) {
    return sequence < LEAST || !atomic_load_explicit(&actor->arena->stop, memory_order_relaxed);
}

/* ---- Rate -------------------------------------------------------------------------------- */

static void rate_write(struct actor *actor, union message *message) {
    uint64_t sequence = 0;
    uint64_t limit = actor->settings->messages;
    while (limit != 0 ? sequence < limit : goes_on(actor, sequence))
        put_next(actor, message, sequence++);
    put_last(actor, message, sequence);
}

/* The time runs from the first message read to the last. */
static void rate_read(struct actor *actor, union message *message) {
    take_next(actor, message);
    uint64_t begin = clock_ns();
    while (actor->result->tally.ended < actor->cell->writers)
        take_next(actor, message);
    actor->result->get_ns = clock_ns() - begin;
}

/* ---- Burst ------------------------------------------------------------------------------- */

/* Some peers make room by themselves, in a thread of their own: a refused put gets a little time.
 * Stores when it was refused first, or 0. Returns whether it went through. */
static bool burst_put(struct actor *actor, const union message *message, uint64_t *refused_at) {
    *refused_at = 0;
    enum peer_status status = PEER_OK;
    while ((status = actor->peer->put(actor->out, message, actor->cell->size)) == PEER_FULL) {
        uint64_t now = clock_ns();
        *refused_at = *refused_at == 0 ? now : *refused_at;
        if (now - *refused_at > BURST_PATIENCE_NS) {
            actor->result->refused++;
            return false;
        }
        sched_yield();
    }
    if (status != PEER_OK)
        give_up(actor);
    return true;
}

static bool burst_put_next(struct actor *actor, union message *message, uint64_t sequence,
                           uint64_t *refused_at) {
    if (is_planted(actor, sequence)) {
        put_next(actor, message, sequence);
        return true;
    }
    prepare(actor, message, sequence);
    return burst_put(actor, message, refused_at);
}

static void burst_write(struct actor *actor, union message *message) {
    uint64_t sequence = 0;
    uint64_t refused_at = 0;
    uint64_t begin = clock_ns();
    while (sequence < BURST_MESSAGES && burst_put_next(actor, message, sequence, &refused_at))
        sequence++;
    actor->result->put_ns = (sequence < BURST_MESSAGES ? refused_at : clock_ns()) - begin;
    meet(actor, PHASE_BURST);
    put_last(actor, message, sequence);
}

static void burst_read(struct actor *actor, union message *message) {
    meet(actor, PHASE_BURST);
    uint64_t begin = clock_ns();
    while (actor->result->tally.ended == 0)
        take_next(actor, message);
    actor->result->get_ns = clock_ns() - begin;
}

/* ---- Latency ----------------------------------------------------------------------------- */

/* One way is half of there and back; each clock reading ends one trip and begins the next. */
static void ping(struct actor *actor, union message *message) {
    union message reply;
    uint64_t sequence = 0;
    uint64_t before = clock_ns();
    while (goes_on(actor, sequence)) {
        prepare(actor, message, sequence++);
        put_bytes(actor, message, actor->cell->size);
        take_next(actor, &reply);
        uint64_t now = clock_ns();
        histogram_add(&actor->result->latencies, (now - before) / 2);
        before = now;
    }
    put_last(actor, message, sequence);
    take_next(actor, &reply);
}

static void pong(struct actor *actor, union message *message) {
    while (actor->result->tally.ended == 0) {
        take_next(actor, message);
        put_bytes(actor, message, actor->cell->size);
    }
}

static void paced_write(struct actor *actor, union message *message) {
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    uint64_t sequence = 0;
    while (goes_on(actor, sequence)) {
        next.tv_nsec += 1000000;
        if (next.tv_nsec >= 1000000000) {
            next.tv_nsec -= 1000000000;
            next.tv_sec++;
        }
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
        message->head.sent_ns = clock_ns();
        put_next(actor, message, sequence++);
    }
    put_last(actor, message, sequence);
}

static void paced_read(struct actor *actor, union message *message) {
    while (actor->result->tally.ended == 0) {
        bool good = take_next(actor, message);
        uint64_t now = clock_ns();
        if (good)
            histogram_add(&actor->result->latencies, now - message->head.sent_ns);
    }
}

/* ---- An actor's life --------------------------------------------------------------------- */

static void play(struct actor *actor, union message *message) {
    static void (*const parts[][2])(struct actor *, union message *) = {
        [CELL_RATE] = {rate_read, rate_write},
        [CELL_BURST] = {burst_read, burst_write},
        [CELL_PING_PONG] = {pong, ping},
        [CELL_PACED] = {paced_read, paced_write},
    };
    parts[actor->cell->kind][actor->index == 0 ? 0 : 1](actor, message);
}

static void open_ends(struct actor *actor) {
    bool both = actor->cell->kind == CELL_PING_PONG;
    bool reads = actor->index == 0;
    if (reads || both)
        actor->in = opened(actor, actor->peer->open_reader(actor->channels[reads ? 0 : 1]));
    meet(actor, PHASE_READERS_OPEN);
    if (!reads || both) {
        bool wait = actor->cell->kind != CELL_BURST;
        actor->out = opened(actor, actor->peer->open_writer(actor->channels[reads ? 1 : 0], wait));
    }
}

void actor_run(struct actor *actor) {
    union message message = {.head = {.writer = actor->index == 0 ? 0 : actor->index - 1}};
    open_ends(actor);
    meet(actor, PHASE_START);
    play(actor, &message);
    meet(actor, PHASE_READ);
    if (actor->out != NULL)
        actor->peer->close(actor->out);
    if (actor->in != NULL)
        actor->peer->close(actor->in);
    actor->result->done = true;
}
