/* Starts, kills and replaces the processes of the soak. */
#include "cast.h"
#include "die_with_parent.h"
#include "samples.h"

#include <mailslot/mailslot.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_PASSING_MS = 1500, PATIENCE_MS = 120000 };

static void end_as_begun(int descriptors) {
    int now = count_descriptors(getpid());
    if (now != descriptors)
        fail("%d descriptors at the start of a process, %d at its end", descriptors, now);
}

static pid_t start(void (*body)(unsigned), unsigned which) {
    pid_t parent = getpid(), pid = fork();
    if (pid < 0)
        fail("cannot fork");
    if (pid == 0) {
        die_with_parent(parent);
        int descriptors = count_descriptors(getpid());
        body(which);
        end_as_begun(descriptors);
        exit(0);
    }
    return pid;
}

static void read_all_residents(unsigned which) {
    (void)which;
    read_residents();
}

static void read_one(unsigned which) { read_passing(RESIDENTS + which); }

static void write_passing(unsigned which) { write_streams(RESIDENT_WRITERS + which); }

/* ---- Those who come and go ---- */

/* Of three, two are killed and one ends by itself: readers when their time is over, writers when
 * the soak is. */
static void come(struct cast *cast, struct passing *one, void (*body)(unsigned), unsigned which) {
    *one = (struct passing){.pid = start(body, which)};
    if (roll(&cast->dice, 3))
        one->when_ms = now_ms() + 1 + (int64_t)roll(&cast->dice, LONGEST_PASSING_MS);
}

static void go_if_due(struct cast *cast, struct passing *one) {
    if (!one->pid || one->killed || !one->when_ms || now_ms() < one->when_ms)
        return;
    kill(one->pid, SIGKILL);
    one->killed = true;
    cast->kills++;
}

static void turn(struct cast *cast, struct passing *one, void (*body)(unsigned), unsigned which) {
    go_if_due(cast, one);
    if (!one->pid && now_ms() >= one->when_ms)
        come(cast, one, body, which);
}

/* ---- Ends ---- */

static void check_end(const char *who, int status, bool killed) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    if (!(killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
        fail("a %s ended with status %#x", who, (unsigned)status);
}

static bool bury(struct passing *one, pid_t pid, int status, const char *who) {
    if (one->pid != pid)
        return false;
    check_end(who, status, one->killed);
    *one = (struct passing){.when_ms = now_ms() + 50};
    return true;
}

static void bury_whoever(struct cast *cast, pid_t pid, int status) {
    bool found = false;
    for (int i = 0; i < PASSING_WRITERS; i++)
        found = bury(&cast->writers[i], pid, status, "passing writer") || found;
    for (int i = 0; i < PASSING_READERS; i++)
        found = bury(&cast->readers[i], pid, status, "passing reader") || found;
    if (!found)
        check_end("resident", status, false);
    for (int i = 0; i < RESIDENT_WRITERS; i++)
        if (cast->resident_writers[i] == pid)
            cast->resident_writers[i] = 0;
    if (cast->resident_reader == pid)
        cast->resident_reader = 0;
    if (!found && !shared->ending)
        fail("a resident ended before its time");
}

static void bury_the_dead(struct cast *cast) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        bury_whoever(cast, pid, status);
}

/* ---- The whole ---- */

void cast_start(struct cast *cast, uint64_t seed) {
    *cast = (struct cast){.dice = {mix(seed, 300)}};
    cast->resident_reader = start(read_all_residents, 0);
    for (unsigned i = 0; i < RESIDENT_WRITERS; i++)
        cast->resident_writers[i] = start(write_streams, i);
}

static void turn_readers(struct cast *cast) {
    for (unsigned i = 0; i < PASSING_READERS; i++)
        turn(cast, &cast->readers[i], read_one, i);
}

void cast_turn(struct cast *cast) {
    bury_the_dead(cast);
    turn_readers(cast);
    for (unsigned i = 0; i < PASSING_WRITERS; i++)
        turn(cast, &cast->writers[i], write_passing, i);
}

static bool writers_are_left(const struct cast *cast) {
    for (int i = 0; i < RESIDENT_WRITERS; i++)
        if (cast->resident_writers[i])
            return true;
    for (int i = 0; i < PASSING_WRITERS; i++)
        if (cast->writers[i].pid)
            return true;
    return false;
}

static bool readers_are_left(const struct cast *cast) {
    for (int i = 0; i < PASSING_READERS; i++)
        if (cast->readers[i].pid)
            return true;
    return cast->resident_reader != 0;
}

static void wait_while(bool (*left)(const struct cast *), struct cast *cast, const char *who) {
    for (int64_t until = now_ms() + PATIENCE_MS; left(cast); bury_the_dead(cast)) {
        if (now_ms() > until)
            fail("the %s do not end", who);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
}

/* A slot whose reader was killed has left its file, which the next reader of the name removes. */
static void sweep(void) {
    for (unsigned i = RESIDENTS; i < SLOTS; i++) {
        mailslot_options options = MAILSLOT_OPTIONS_INIT;
        options.direction = MAILSLOT_READ;
        mailslot *reader = NULL;
        must(mailslot_open(&reader, soak_slots[i].name, &options), "reading after the dead");
        mailslot_close(reader);
    }
}

void cast_end(struct cast *cast) {
    shared->ending = true;
    wait_while(writers_are_left, cast, "writers");
    shared->no_writers = true;
    wait_while(readers_are_left, cast, "readers");
    sweep();
}
