/* Those who get, and check what they get. */
#include "message.h"
#include "soak.h"

#include <mailslot/mailslot.h>

#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <time.h>

enum { AT_ONCE = 200, WAIT_MS = 20, LONGEST_LIFE_MS = 1500, DOZE_MS = 70, DOZES_EVERY_MS = 1000 };

/* What is known of a writer since this life of the slot began. */
struct source {
    uint64_t stream; /* 0: none of its messages came yet */
    int64_t pid;
    uint32_t next;
    struct {
        uint64_t stream;
        uint32_t acknowledged;
    } promised; /* by the writer, before the last get began */
};

/* A slot from being opened to being closed. */
struct life {
    const struct kind *kind;
    mailslot *slot;
    mailslot_record *record;
    struct source sources[WRITERS];
    int64_t until_ms;
};

/* ---- Checking ---- */

static struct source *source_of(struct life *life, int64_t pid) {
    for (unsigned i = 0; i < WRITERS; i++)
        if (life->sources[i].stream && life->sources[i].pid == pid)
            return &life->sources[i];
    fail("%s: a message of process %" PRId64 " before the first of its stream", life->kind->name,
         pid);
}

/* A process's next stream begins with its message 0; before that, the last one must have ended. */
static void begin(struct life *life, uint64_t stream, uint32_t number, int64_t pid) {
    if (stream >> 48 >= WRITERS)
        fail("%s: no writer has stream %" PRIx64, life->kind->name, stream);
    struct source *source = &life->sources[stream >> 48];
    if (source->stream == stream)
        return;
    if (number != 0)
        fail("%s: stream %" PRIx64 " begins with message %" PRIu32, life->kind->name, stream,
             number);
    if (source->stream && source->pid == pid && source->next != stream_length(source->stream))
        fail("%s: stream %" PRIx64 " ended after %" PRIu32 " messages", life->kind->name,
             source->stream, source->next);
    *source = (struct source){.stream = stream, .pid = pid};
}

static void check_message(struct life *life) {
    mailslot_bytes got = life->kind->payload(mailslot_record_value(life->record));
    int64_t pid = mailslot_record_origin(life->record)->pid;
    uint64_t stream;
    uint32_t number;
    if (got.len >= IDENTITY) {
        if (!payload_read(got, &stream, &number))
            fail("%s: a message without an identity", life->kind->name);
        begin(life, stream, number, pid);
    }
    struct source *source = source_of(life, pid);
    mailslot_bytes put = payload_of(life->kind, source->stream, source->next);
    if (got.len != put.len || memcmp(got.data, put.data, put.len) != 0)
        fail("%s: lost, repeated, reordered or torn: message %" PRIu32 " of stream %" PRIx64
             " should have %zu bytes, and one of %zu came",
             life->kind->name, source->next, source->stream, put.len, got.len);
    source->next++;
    shared->messages++;
}

/* What was acknowledged before a get began that finds nothing must have come. */
static void note_promises(struct life *life) {
    for (unsigned i = 0; i < WRITERS; i++) {
        struct source *source = &life->sources[i];
        const struct progress *progress = &shared->progress[i];
        source->promised.stream = progress->stream;
        source->promised.acknowledged = progress->acknowledged;
        if (progress->stream != source->promised.stream)
            source->promised.stream = 0;
    }
}

static void check_promises(const struct life *life) {
    shared->looks++;
    for (unsigned i = 0; i < WRITERS; i++) {
        const struct source *source = &life->sources[i];
        if (source->stream && source->promised.stream == source->stream &&
            source->next < source->promised.acknowledged)
            fail("%s: empty, but of stream %" PRIx64 " only %" PRIu32 " of %" PRIu32
                 " acknowledged messages came",
                 life->kind->name, source->stream, source->next, source->promised.acknowledged);
    }
}

/* ---- Lives ---- */

static void open_life(struct life *life, unsigned slot, struct dice *dice) {
    *life = (struct life){.kind = soak_slots[slot].kind};
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_READ;
    options.codec = life->kind->codec();
    options.max_message = life->kind->max_message;
    options.capacity = life->kind->capacity;
    must(mailslot_open(&life->slot, soak_slots[slot].name, &options), "opening a reader");
    must(mailslot_record_new(&life->record), "making a record");
    life->until_ms = now_ms() + 1 + (int64_t)roll(dice, LONGEST_LIFE_MS);
    shared->reader_lives++;
}

/* What was decodable when it was put must be when it is taken. */
static void close_life(struct life *life) {
    mailslot_info info = MAILSLOT_INFO_INIT;
    must(mailslot_info_get(life->slot, &info), "looking at a slot");
    if (info.bad_messages)
        fail("%s: %" PRIu64 " messages did not decode", life->kind->name, info.bad_messages);
    mailslot_record_free(life->record);
    mailslot_close(life->slot);
    life->slot = NULL;
}

/* True if the slot was empty. */
static bool get_some(struct life *life, int timeout_ms) {
    for (int i = 0; i < AT_ONCE; i++) {
        note_promises(life);
        mailslot_err err = mailslot_get(life->slot, life->record, timeout_ms);
        if (err == MAILSLOT_ERR_EMPTY) {
            check_promises(life);
            return true;
        }
        must(err, "getting");
        check_message(life);
    }
    return false;
}

/* A reader that does not read lets slots run full. */
static void doze_now_and_then(struct dice *dice) {
    static int64_t next_ms;
    if (shared->ending || now_ms() < next_ms)
        return;
    if (next_ms)
        nanosleep(&(struct timespec){0, DOZE_MS * 1000000L}, NULL);
    next_ms = now_ms() + (int64_t)roll(dice, DOZES_EVERY_MS);
}

static bool has_ended(const struct life *life) {
    return !shared->ending && now_ms() >= life->until_ms;
}

void read_passing(unsigned slot) {
    struct dice dice = dice_of(100 + slot);
    static struct life life;
    open_life(&life, slot, &dice);
    bool last = false, empty = false;
    while (!has_ended(&life) && !(last && empty)) {
        last = shared->no_writers;
        empty = get_some(&life, WAIT_MS);
        doze_now_and_then(&dice);
    }
    close_life(&life);
}

/* ---- All residents in one process ---- */

static void serve(struct life lives[RESIDENTS], bool empty[RESIDENTS]) {
    struct pollfd polls[RESIDENTS] = {0};
    for (unsigned i = 0; i < RESIDENTS; i++) {
        polls[i].events = POLLIN;
        must(mailslot_waitable(lives[i].slot, &polls[i].fd), "asking for the waitable");
    }
    poll(polls, RESIDENTS, WAIT_MS);
    for (unsigned i = 0; i < RESIDENTS; i++)
        empty[i] = get_some(&lives[i], MAILSLOT_NO_WAIT);
}

static bool all(const bool holds[RESIDENTS]) {
    for (unsigned i = 0; i < RESIDENTS; i++)
        if (!holds[i])
            return false;
    return true;
}

void read_residents(void) {
    static struct life lives[RESIDENTS];
    struct dice dice = dice_of(200);
    bool empty[RESIDENTS], last = false;
    for (unsigned i = 0; i < RESIDENTS; i++)
        open_life(&lives[i], i, &dice);
    do {
        last = shared->no_writers;
        serve(lives, empty);
        doze_now_and_then(&dice);
        for (unsigned i = 0; i < RESIDENTS; i++)
            if (has_ended(&lives[i])) {
                close_life(&lives[i]);
                open_life(&lives[i], i, &dice);
            }
    } while (!(last && all(empty)));
    for (unsigned i = 0; i < RESIDENTS; i++)
        close_life(&lives[i]);
}
