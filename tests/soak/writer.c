/* Those who put: residents, who also fork, and those who come and go. */
#include "die_with_parent.h"
#include "message.h"
#include "soak.h"

#include <mailslot/mailslot.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROOM_MS = 50, LEAK = 4 << 20, LEAK_MS = 100 };

static void pause_ms(int ms) { nanosleep(&(struct timespec){0, ms * 1000000L}, NULL); }

/* NULL if nobody reads there at the moment. */
static mailslot *attach(unsigned slot) {
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.codec = soak_slots[slot].kind->codec();
    options.put_timeout_ms = ROOM_MS;
    mailslot *writer = NULL;
    mailslot_err err = mailslot_open(&writer, soak_slots[slot].name, &options);
    if (err && err != MAILSLOT_ERR_NOT_FOUND)
        must(err, "attaching a writer");
    return writer;
}

/* False if the reader is gone. A slot that stays full is waited for. */
static bool put_one(mailslot *writer, const struct kind *kind, uint64_t stream, uint32_t number) {
    mailslot_bytes payload = payload_of(kind, stream, number);
    if (shared->plant == PLANT_LOSS && stream % 8 == 0 && number == 1)
        return true;
    mailslot_err err;
    while ((err = kind->put(writer, payload.data, payload.len)) == MAILSLOT_ERR_FULL)
        shared->refused++;
    if (err && err != MAILSLOT_ERR_GONE)
        must(err, "putting");
    shared->bytes += err ? 0 : payload.len;
    return !err;
}

/* Enough that one is noticed, however few streams there is time for. */
static void leak_memory(void) {
    static int64_t next;
    if (now_ms() < next)
        return;
    char *leak = malloc(LEAK);
    if (leak)
        memset(leak, 1, LEAK);
    atomic_signal_fence(memory_order_seq_cst);
    next = now_ms() + LEAK_MS;
}

/* What a leak in the library would do. */
static void plant(void) {
    if (shared->plant == PLANT_MEMORY)
        leak_memory();
    else if (shared->plant == PLANT_DESCRIPTOR && dup(STDERR_FILENO) < 0)
        fail("no descriptor left to leak");
}

/* ---- Forks ---- */

static void write_stream(unsigned who, unsigned slot, mailslot **inherited, struct dice *dice);

/* The child gives up what it inherited, which must not disturb the parent's stream. */
static void fork_writer(unsigned who, mailslot *writer, struct dice *dice) {
    unsigned slot = (unsigned)roll(dice, SLOTS);
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        fail("cannot fork");
    if (child == 0) {
        die_with_parent(parent);
        write_stream(FIRST_FORKED + who, slot, &writer, dice);
        _exit(0);
    }
    shared->forks++;
}

/* Forked children end by themselves; a failed one fails its parent. */
static void reap_children(void) {
    int status;
    while (waitpid(-1, &status, 0) > 0)
        if (status)
            fail("a forked writer failed");
}

/* ---- Streams ---- */

static uint64_t begin_stream(unsigned who) {
    uint64_t stream = (uint64_t)who << 48 | ++shared->serial;
    shared->progress[who].acknowledged = 0;
    shared->progress[who].stream = stream;
    shared->streams++;
    return stream;
}

/* Residents fork once in the middle of every eighth stream. */
static bool is_fork_point(unsigned who, uint64_t stream, uint32_t number) {
    return who < RESIDENT_WRITERS && stream % 8 == 3 && number == stream_length(stream) / 2;
}

static void put_all(unsigned who, unsigned slot, mailslot *writer, struct dice *dice) {
    const struct kind *kind = soak_slots[slot].kind;
    uint64_t stream = begin_stream(who);
    for (uint32_t number = 0; number < stream_length(stream); number++) {
        if (!put_one(writer, kind, stream, number)) {
            shared->cut_short++;
            return;
        }
        shared->progress[who].acknowledged = number + 1;
        if (is_fork_point(who, stream, number))
            fork_writer(who, writer, dice);
    }
    put_too_much(kind, writer);
}

static void write_stream(unsigned who, unsigned slot, mailslot **inherited, struct dice *dice) {
    if (inherited)
        mailslot_close(*inherited);
    mailslot *writer = attach(slot);
    if (!writer) {
        pause_ms(1);
        return;
    }
    put_all(who, slot, writer, dice);
    mailslot_close(writer);
}

void write_streams(unsigned who) {
    struct dice dice = dice_of(who);
    while (!shared->ending) {
        write_stream(who, (unsigned)roll(&dice, SLOTS), NULL, &dice);
        reap_children();
        if (who == 0)
            plant();
    }
}
