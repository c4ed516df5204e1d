/* Readers and writers of a slot whose memory is being overwritten. Any error will do that the
 * public header allows; anything else ends the test. */
#include "clock.h"
#include "hostile.h"
#include "message.h"
#include "slots.h"

#include <sys/resource.h>

enum { MEMORY_MAX_MB = 256 };

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/* A sanitizer reserves terabytes itself. */
static void limit_memory(void) {
    const struct rlimit limit = {(rlim_t)MEMORY_MAX_MB << 20, (rlim_t)MEMORY_MAX_MB << 20};
    check(SANITIZED || setrlimit(RLIMIT_AS, &limit) == 0);
}

static void check_memory(void) {
    struct rusage usage;
    check(getrusage(RUSAGE_SELF, &usage) == 0);
    check(usage.ru_maxrss < (MEMORY_MAX_MB << 10) * (SANITIZED ? 4 : 1));
}

/* allowed ends with MAILSLOT_OK, which always is. */
static void allow(mailslot_err err, const mailslot_err *allowed, const char *call) {
    while (*allowed && *allowed != err)
        allowed++;
    if (err == *allowed)
        return;
    dprintf(STDERR_FILENO, "%s: %s, \"%s\"\n", call, mailslot_errname(err), mailslot_detail());
    test_check(false, "only errors that are allowed", __FILE__, __LINE__);
}

/* ---- The reader ---- */

static mailslot *open_some_reader(struct arena *arena) {
    static const size_t capacities[] = {4096, 20000, 64 << 10, 1 << 20};
    uint64_t slots = arena->slots++;
    arena->start_anew = false;
    return open_small_reader(HOSTILE_SLOT, capacities[slots % 4], slots % 3 ? 0 : 1000);
}

static mailslot_err look_and_poll(mailslot *reader, uint64_t beat) {
    static const mailslot_err allowed[] = {MAILSLOT_ERR_DAMAGED, MAILSLOT_OK};
    mailslot_info info = MAILSLOT_INFO_INIT;
    bool full;
    mailslot_err err = mailslot_info_get(reader, &info);
    allow(err, allowed, "info");
    if (!err) {
        err = mailslot_full(reader, &full);
        allow(err, allowed, "full");
    }
    if (!err && beat % 1024 == 0) {
        struct pollfd poller = {-1, POLLIN, 0};
        check_ok(mailslot_waitable(reader, &poller.fd));
        poll(&poller, 1, 1);
    }
    return err;
}

static mailslot_err take_one(mailslot *reader, mailslot_record *record, uint64_t beat) {
    static const mailslot_err allowed[] = {MAILSLOT_ERR_EMPTY, MAILSLOT_ERR_DAMAGED,
                                           MAILSLOT_ERR_TOO_SMALL, MAILSLOT_OK};
    char few[16];
    size_t len;
    mailslot_err err = beat % 16 ? mailslot_get(reader, record, 2)
                                 : mailslot_get_bytes(reader, few, sizeof few, &len, 2);
    allow(err, allowed, "get");
    return err;
}

static void read_slots(struct arena *arena) {
    mailslot_record *record = NULL;
    mailslot *reader = open_some_reader(arena);
    check_ok(mailslot_record_new(&record));
    while (!arena->over) {
        uint64_t beat = arena->beats[READER]++;
        child_goes_on();
        mailslot_err err = take_one(reader, record, beat);
        arena->gets += err == MAILSLOT_OK;
        if (beat % 64 == 0 && err != MAILSLOT_ERR_DAMAGED)
            err = look_and_poll(reader, beat);
        if (err == MAILSLOT_ERR_DAMAGED || arena->start_anew) {
            arena->errors++;
            mailslot_close(reader);
            reader = open_some_reader(arena);
        }
    }
    mailslot_record_free(record);
    mailslot_close(reader);
}

/* ---- Writers ---- */

static mailslot *attach(struct arena *arena, int number) {
    static const mailslot_err allowed[] = {MAILSLOT_ERR_NOT_FOUND, MAILSLOT_ERR_DAMAGED,
                                           MAILSLOT_OK};
    mailslot_options options = MAILSLOT_OPTIONS_INIT;
    options.direction = MAILSLOT_WRITE;
    options.put_timeout_ms = number == 1 ? 5 : 0;
    mailslot *writer = NULL;
    while (!writer && !arena->over) {
        mailslot_err err = mailslot_open(&writer, HOSTILE_SLOT, &options);
        allow(err, allowed, "open");
        arena->beats[number]++;
        if (err == MAILSLOT_ERR_DAMAGED) {
            arena->start_anew = true;
            sleep_ms(1);
        }
    }
    return writer;
}

static bool put_some(struct arena *arena, mailslot *writer, uint64_t beat) {
    static const unsigned char bytes[6000];
    static const mailslot_err allowed[] = {MAILSLOT_ERR_FULL, MAILSLOT_ERR_GONE,
                                           MAILSLOT_ERR_DAMAGED, MAILSLOT_ERR_TOO_BIG, MAILSLOT_OK};
    size_t len = beat % 8 ? beat % 200 : (size_t)(message_mix(beat, 0) % sizeof bytes);
    mailslot_err err = mailslot_put_bytes(writer, bytes, len);
    allow(err, allowed, "put");
    arena->puts += err == MAILSLOT_OK;
    arena->errors += err != MAILSLOT_OK;
    if (err == MAILSLOT_ERR_DAMAGED || err == MAILSLOT_ERR_FULL) {
        arena->start_anew = arena->start_anew || err == MAILSLOT_ERR_DAMAGED || beat % 16 == 0;
        sleep_ms(1);
    }
    return err == MAILSLOT_OK || err == MAILSLOT_ERR_FULL || err == MAILSLOT_ERR_TOO_BIG;
}

static void write_slots(struct arena *arena, int number) {
    mailslot *writer = NULL;
    while (!arena->over) {
        uint64_t beat = arena->beats[number]++;
        child_goes_on();
        if (writer && (!put_some(arena, writer, beat) || beat % 4096 == 0)) {
            mailslot_close(writer);
            writer = NULL;
        }
        if (!writer)
            writer = attach(arena, number);
    }
    mailslot_close(writer);
}

void hostile_use(struct peer *parent, void *ctx) {
    const struct user *user = ctx;
    limit_memory();
    if (user->number == READER)
        read_slots(user->arena);
    else
        write_slots(user->arena, user->number);
    check_memory();
    peer_tell(parent, 0);
}
